// A screen that stops reading costs a bounded amount of memory, keeps nobody waiting, and is sent
// the newest state when it reads again, never a backlog.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { memoryOf, pick, scene } from './harness.mjs';

const COMMUNITIES = 300;
const SCREENS = 10;

/** An alliance wide enough for a delta of all views to be large. */
function wideAlliance(folder) {
  const file = path.join(folder, 'wide.json');
  fs.writeFileSync(
    file,
    JSON.stringify({
      alliance: { id: 'wide', name: '宽联盟' },
      circles: [{ id: 'c', name: '圈' }],
      communities: Array.from({ length: COMMUNITIES }, (_, i) => ({
        id: `community-${i}`,
        name: `社区${i}`,
        circle: 'c',
      })),
      units: [{ id: 'u', name: '单位' }],
      categories: [{ id: 'k', name: '类' }],
      projects: [{ id: 'p', name: '项目', category: 'k', units: ['u'], round: '1', status: 'running' }],
    }),
  );
  return file;
}

const VIEWS = ['all', 'year', 'month', 'week', 'today', '2023', '2024', '2025'].map((range) => ({
  range,
  by: 'community',
}));

scene(
  'stalled screens: bounded memory, then the newest state',
  async (s) => {
    const d = await s.daemon({
      config: { alliance: { file: wideAlliance(s.folder) }, push: { max_hz: 60 } },
    });
    const [reader, ...stalled] = await Promise.all(Array.from({ length: SCREENS + 1 }, () => s.screen(d)));
    for (const screen of [reader, ...stalled]) await screen.look(...VIEWS);
    for (const screen of stalled) screen.socket.pause();

    const at = [
      new Date().toISOString(),
      '2023-06-01T00:00:00Z',
      '2024-06-01T00:00:00Z',
      '2025-06-01T00:00:00Z',
    ];
    const round = async (n) => {
      const events = Array.from({ length: COMMUNITIES }, (_, i) => ({
        id: `e${n}-${i}`,
        kind: 'activity',
        at: at[n % at.length],
        title: 't',
        community: `community-${i}`,
        residents: 1,
      }));
      await d.count(events);
      await reader.shows(d.lastRev);
    };
    const shownAtPause = reader.rev;
    const mayPile = 2 * 1024 * 1024;
    await round(0);
    const before = memoryOf(d.pid);
    const read = reader.bytes;
    for (let n = 1; reader.bytes - read < 16 * 1024 * 1024; n += 1) await round(n);
    const grown = memoryOf(d.pid) - before;
    const backlog = ((reader.bytes - read) * SCREENS) / 1024 / 1024;
    assert.ok(
      grown < backlog / 3,
      `grown by ${grown.toFixed(1)} MiB while ${backlog.toFixed(0)} MiB were not read`,
    );
    assert.ok(reader.rev > shownAtPause);

    for (const screen of stalled) screen.socket.resume();
    await Promise.all(stalled.map((screen) => screen.shows(d.lastRev)));
    for (const [i, view] of VIEWS.entries()) {
      const want = await d.totals(view);
      for (const screen of stalled) {
        assert.deepEqual(pick(screen.views[i].totals), pick(want.totals));
        assert.deepEqual(
          screen.views[i].groups.map((g) => [g.id, pick(g)]),
          want.groups.map((g) => [g.id, pick(g)]),
        );
      }
    }
    for (const screen of stalled) {
      screen.fine();
      assert.ok(screen.bytes < reader.bytes - mayPile, 'it is not sent the backlog');
      const last = screen.messages.filter((m) => m.type !== 'status').at(-1);
      assert.ok(last.rev >= d.lastRev);
      assert.ok(
        screen.messages.filter((m) => m.type === 'snapshot').length >= 3,
        'it is caught up by a snapshot',
      );
    }
    reader.fine();
  },
  { timeout: 240_000 },
);

scene('a screen that never reads does not keep the daemon from ending', async (s) => {
  const d = await s.daemon();
  const screen = await s.screen(d);
  screen.socket.pause();
  await d.stop();
});
