// A screen that stops reading costs a bounded amount of memory, keeps nobody waiting, and is sent
// the newest state when it reads again, never a backlog.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { memoryOf, pick, scene, until } from './harness.mjs';

const COMMUNITIES = 300;
const UNITS = 100;
const SCREENS = 10; // of each kind
const SIP = 20_000; // ms; a screen that takes nothing for three times that is ended
const long = (name, i) => `${name}-${i}-${'x'.repeat(30)}`;

/** An alliance wide enough for a delta of all views to be large, and of one to be of middling size. */
function wideAlliance(folder) {
  const file = path.join(folder, 'wide.json');
  fs.writeFileSync(
    file,
    JSON.stringify({
      alliance: { id: 'wide', name: '宽联盟' },
      circles: [{ id: 'c', name: '圈' }],
      communities: Array.from({ length: COMMUNITIES }, (_, i) => ({
        id: long('community', i),
        name: `社区${i}`,
        circle: 'c',
      })),
      units: Array.from({ length: UNITS }, (_, i) => ({ id: long('unit', i), name: `单位${i}` })),
      categories: [{ id: 'k', name: '类' }],
      projects: [{ id: 'p', name: '项目', category: 'k', units: [], round: '1', status: 'running' }],
    }),
  );
  return file;
}

const now = () => new Date().toISOString();

/** What every event of these days changes; a delta of it goes out in pieces. */
const wide = ['all', 'year', 'month', 'week', 'today', ...[4, 7, 10].map((n) => now().slice(0, n))].map(
  (range) => ({ range, by: 'community' }),
);
/** A delta of this goes out in one piece, of which a full socket takes a part. */
const narrow = [{ range: 'all', by: 'unit' }];

const count = (screen, type) => screen.messages.filter((m) => m.type === type).length;

/** Takes what lies there for it, up to a message. */
async function sip(screen) {
  screen.socket.resume();
  await once(screen.socket, 'message');
  screen.socket.pause();
}

scene(
  'stalled screens: bounded memory, then the newest state',
  async (s) => {
    const d = await s.daemon({
      config: { alliance: { file: wideAlliance(s.folder) }, push: { max_hz: 60 } },
    });
    const open = async (views) => {
      const screens = await Promise.all(Array.from({ length: SCREENS + 1 }, () => s.screen(d)));
      for (const screen of screens) await screen.look(...views);
      return screens;
    };
    const kinds = [await open(wide), await open(narrow)];
    const [reader, narrowReader] = kinds.map(([first]) => first);
    const stalled = kinds.flatMap(([, ...rest]) => rest);
    for (const screen of stalled) screen.socket.pause();
    let sipped = Date.now();

    const round = async (n) => {
      const events = Array.from({ length: COMMUNITIES }, (_, i) => ({
        id: `e${n}-${i}`,
        kind: 'activity',
        at: now(),
        title: 't',
        community: long('community', i),
        unit: long('unit', i % UNITS),
        residents: 1,
      }));
      await d.count(events);
      await Promise.all([reader.shows(d.lastRev), narrowReader.shows(d.lastRev)]);
      if (Date.now() - sipped < SIP) return;
      await Promise.all(stalled.map(sip));
      sipped = Date.now();
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
    for (const [asked, [first, ...rest]] of [wide, narrow].map((views, i) => [views, kinds[i]])) {
      for (const [i, view] of asked.entries()) {
        const want = await d.totals(view);
        for (const screen of [first, ...rest]) {
          assert.deepEqual(pick(screen.views[i].totals), pick(want.totals));
          assert.deepEqual(
            screen.views[i].groups.map((g) => [g.id, pick(g)]),
            want.groups.map((g) => [g.id, pick(g)]),
          );
        }
      }
      for (const screen of rest) {
        assert.ok(count(screen, 'delta') < count(first, 'delta'), 'it is not sent the backlog');
        assert.ok(count(screen, 'snapshot') >= 3, 'it is caught up by a snapshot');
      }
      for (const screen of [first, ...rest]) screen.fine();
    }
    for (const screen of stalled) {
      if (screen.views.length > 1) assert.ok(screen.bytes < reader.bytes - mayPile);
      const last = screen.messages.filter((m) => m.type !== 'status').at(-1);
      assert.ok(last.rev >= d.lastRev);
    }
  },
  { timeout: 240_000 },
);

scene('who answers no ping is ended, who does stays', async (s) => {
  const d = await s.daemon();
  const screen = await s.screen(d);
  const silent = new WebSocket(`ws://${d.address}/ws`, { autoPong: false });
  const ended = screen.closed.then(() => assert.fail('it was ended though it answers'));
  for (let pings = 0; pings < 2; pings += 1) await Promise.race([once(screen.socket, 'ping'), ended]);
  await until(() => silent.readyState === WebSocket.CLOSED, 'the end of the one that is silent');
  await d.count({ id: 'e', kind: 'activity', at: now(), title: 't', community: 'm1' });
  await screen.shows(d.lastRev);
  screen.fine();
});

scene('a screen that never reads does not keep the daemon from ending', async (s) => {
  const d = await s.daemon();
  const screen = await s.screen(d);
  screen.socket.pause();
  await d.stop();
});
