// Screens that read less than there is to say, through the smallest buffers there are, so that
// their sockets are full again and again: whatever a socket had no room for goes before all that
// follows it, or the screen would be sent rubbish.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { event, pick, scene } from './harness.mjs';

const DAWDLERS = 40;
const ROUNDS = 300;
const UNITS = 80;
const SMALL = '127.0.0.2'; // small_sockets.c knows it
const VIEW = { range: 'all', by: 'unit' };

function wideAlliance(folder) {
  const file = path.join(folder, 'wide.json');
  const units = Array.from({ length: UNITS }, (_, i) => ({ id: `unit-${i}`, name: `单位${i}` }));
  fs.writeFileSync(
    file,
    JSON.stringify({
      alliance: { id: 'wide', name: '宽联盟' },
      circles: [{ id: 'c', name: '圈' }],
      communities: [{ id: 'm1', name: '社区', circle: 'c' }],
      units,
      categories: [{ id: 'k', name: '类' }],
      projects: [{ id: 'p', name: '项目', category: 'k', units: [], round: '1', status: 'running' }],
    }),
  );
  return file;
}

/** Reads what is there, rests, and reads on, until all is said. */
async function dawdle({ socket }, rest, isOver) {
  while (!isOver() && socket.readyState === WebSocket.OPEN) {
    socket.pause();
    await pause(rest);
    socket.resume();
    await pause(1);
  }
}

scene('what a full socket left over is sent before all that follows', async (s) => {
  const d = await s.daemon({
    env: { LD_PRELOAD: process.env.LD_PRELOAD },
    config: { alliance: { file: wideAlliance(s.folder) }, push: { max_hz: 60 } },
  });
  const reader = await s.screen(d);
  const dawdlers = await Promise.all(
    Array.from({ length: DAWDLERS }, () => s.screen(d, { localAddress: SMALL })),
  );
  await Promise.all([reader, ...dawdlers].map((screen) => screen.look(VIEW)));
  let over = false;
  for (const [i, screen] of dawdlers.entries()) dawdle(screen, 5 + 3 * i, () => over);
  for (let n = 0; n < ROUNDS; n += 1) {
    const touched = 1 + ((n * 7) % UNITS);
    await d.count(
      Array.from({ length: touched }, (_, i) =>
        event('activity', { title: '义诊', community: 'm1', unit: `unit-${i}` }),
      ),
    );
    await reader.shows(d.lastRev);
  }
  over = true;

  const want = await d.totals(VIEW);
  let caughtUp = 0;
  for (const screen of [reader, ...dawdlers]) {
    await screen.shows(d.lastRev);
    screen.fine();
    assert.equal(screen.socket.readyState, WebSocket.OPEN);
    assert.deepEqual(pick(screen.views[0].totals), pick(want.totals));
    assert.deepEqual(screen.views[0].groups.map(pick), want.groups.map(pick));
    caughtUp += screen.messages.filter((m) => m.type === 'snapshot').length - 2;
  }
  assert.ok(caughtUp >= 10 * DAWDLERS, 'their sockets were full');
});
