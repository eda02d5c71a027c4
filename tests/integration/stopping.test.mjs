// The way down: SIGTERM, while screens look on and others ask.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { event, scene, until } from './harness.mjs';
import { Line } from './raw.mjs';

const ADDED = { community: 'm1', title: '邻里文化节' };
const MANY = 400;

/** Opens so many connections that a later request finds free. */
async function keepOpen(daemon, count) {
  daemon.agent = new http.Agent({ keepAlive: true, maxSockets: count });
  await Promise.all(Array.from({ length: count }, () => daemon.get('/healthz')));
}

async function manyScreens(s, daemon) {
  const screens = [];
  while (screens.length < MANY)
    screens.push(...(await Promise.all(Array.from({ length: 40 }, () => s.screen(daemon)))));
  await Promise.all(screens.map((screen) => screen.type('snapshot')));
  return screens;
}

const refusesNew = (daemon) =>
  new Promise((resolve) => {
    const socket = net.connect(Number(daemon.address.split(':').pop()), '127.0.0.1');
    socket.on('connect', () => resolve(false) || socket.destroy());
    socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED'));
  });

scene('SIGTERM sends many screens away a few at a time, and goes on serving the others', async (s) => {
  const daemon = await s.daemon();
  await daemon.admin();
  const screens = await manyScreens(s, daemon);
  await keepOpen(daemon, 8);
  process.kill(daemon.pid, 'SIGTERM');
  await Promise.race(screens.map((screen) => screen.closed));
  assert.ok(await refusesNew(daemon), 'nobody new is let in');
  const ready = await daemon.get('/readyz');
  assert.equal(ready.status, 503);
  assert.equal(ready.json.reason, 'stopping');
  assert.equal(ready.headers.connection, 'close');
  const answer = await daemon.post(event('activity', ADDED));
  assert.equal(answer.status, 200);
  assert.equal(answer.json.results[0].status, 'counted');
  await Promise.any(screens.map((screen) => screen.shows(answer.json.rev)));
  process.kill(daemon.pid, 'SIGTERM'); // who is impatient does no harm
  assert.deepEqual([...new Set(await Promise.all(screens.map((screen) => screen.closed)))], [1012]);
  for (const screen of screens) screen.fine();
  await daemon.stop();
});

scene('who has connected before SIGTERM is answered', async (s) => {
  const daemon = await s.daemon();
  await daemon.admin();
  const begun = new Line(daemon.address);
  const body = JSON.stringify(event('activity', ADDED));
  await begun.write(
    `POST /api/v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${daemon.adminToken}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
  );
  // Answered behind the first: the head of that one has been read, too.
  await daemon.get('/healthz');
  process.kill(daemon.pid, 'SIGSTOP');
  const waiting = Array.from({ length: 60 }, () => new Line(daemon.address));
  for (const line of waiting) await line.write('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
  process.kill(daemon.pid, 'SIGTERM');
  process.kill(daemon.pid, 'SIGCONT');
  for (const line of waiting) assert.equal((await line.answers(1))[0]?.status, 200);
  await until(() => refusesNew(daemon), 'the listener to be closed');
  await begun.write(body);
  const [answer] = await begun.answers(1);
  assert.equal(answer?.status, 200);
  await daemon.stop();
});
