// Slow clients in the four ways of slowhttptest: heads that never end, bodies that never end, ranges
// by the hundred, answers that nobody takes. Meanwhile an ordinary client must be served throughout,
// and every attacker must be dropped by the daemon's own deadlines, well before it would leave.
//
//     node slow.mjs CONNECTIONS [MODE…]
//
// What the ordinary client waited is printed and not judged: it depends on the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Broken, Daemon, TALLYD, makeFolder, run, until } from '../chaos/process.mjs';

const PATIENCE = 150; // s for which an attacker holds on if it isn't dropped
const EVERY = 20; // ms between two requests of the ordinary client

/** The largest page that there is: what is worth not reading. */
function largestPage() {
  const folder = path.join(path.dirname(TALLYD), 'web', 'assets');
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.js'));
  const size = (name) => fs.statSync(path.join(folder, name)).size;
  return `/assets/${files.sort((a, b) => size(b) - size(a))[0]}`;
}

const MODES = {
  headers: { what: ['-H', '-i', '2', '-x', '24'], target: () => '/' },
  body: {
    what: ['-B', '-i', '2', '-x', '24', '-s', '100000', '-t', 'POST', '-f', 'application/json'],
    target: () => '/api/v1/events',
  },
  range: { what: ['-R', '-a', '10', '-b', '3000'], target: () => '/' },
  // Each reads 512 bytes a second through a window of 1 KiB at most.
  read: { what: ['-X', '-w', '512', '-y', '1024', '-n', '1', '-z', '512'], target: largestPage },
};

/** Asks and posts as people do, each time by a new connection, until it is told to stop. */
class Ordinary {
  constructor(daemon, token) {
    this.daemon = daemon;
    this.token = token;
    this.waits = [];
    this.refused = [];
    this.done = this.#go();
  }

  async #go() {
    const targets = ['/', '/api/v1/totals', '/healthz', '/api/v1/events'];
    for (let n = 0; !this.stopped; n += 1) {
      const target = targets[n % targets.length];
      const event = { id: `o-${n}`, kind: 'activity', at: '2024-05-01T10:00:00Z', title: 't', community: 'm1' };
      const post = target.endsWith('events')
        ? { method: 'POST', token: this.token, body: JSON.stringify(event) }
        : {};
      const start = performance.now();
      const { status, text } = await this.daemon.request(target, { agent: false, ...post });
      this.waits.push(performance.now() - start);
      if (status !== 200) this.refused.push(`${target}: ${status} ${text.slice(0, 100)}`);
      await pause(EVERY);
    }
  }

  async stop() {
    this.stopped = true;
    await this.done;
    if (this.refused.length > 0)
      throw new Broken(`${this.refused.length} requests were not served, the first ${this.refused[0]}`);
    const sorted = this.waits.sort((a, b) => a - b);
    const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1);
    return `${sorted.length} requests, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
  }
}

async function openConnections(daemon) {
  const { status, text } = await daemon.request('/metrics', { agent: false });
  if (status !== 200) throw new Broken(`/metrics: ${status}`);
  return Number(/^tallyd_connections (\d+)/m.exec(text)[1]);
}

/** Runs slowhttptest to its end; gives how it said that things stood then. */
async function attack(daemon, mode, connections) {
  const { what, target } = MODES[mode];
  const url = `http://127.0.0.1:${daemon.port}${target()}`;
  const rate = Math.max(100, Math.ceil(connections / 4));
  const args = ['-c', connections, '-r', rate, '-l', PATIENCE, '-p', 5, '-u', url, ...what].map(String);
  const child = spawn('slowhttptest', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  const last = (name) => new RegExp(`.*${name}:\\s+(\\S.*)`, 's').exec(text.replace(/\x1b\[[0-9;]*m/g, ''))?.[1].split('\n')[0];
  return { code, available: last('service available'), exit: last('Exit status') };
}

async function play(daemon, token, mode, connections) {
  const start = performance.now();
  const ordinary = new Ordinary(daemon, token);
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      most = Math.max(most, await openConnections(daemon));
      await pause(200);
    }
  })();
  const { code, available, exit } = await attack(daemon, mode, connections);
  over = true;
  await watching;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const served = await ordinary.stop();
  console.log(`${mode}: ${connections} attackers, at most ${most} connections at once, all dropped after ${seconds} s; ${served}`);
  if (available !== 'YES') throw new Broken(`slowhttptest found the service unavailable (${code})`);
  if (!exit?.startsWith('No open connections left'))
    throw new Broken(`not every attacker was dropped: ${exit}`);
  await until(async () => (await openConnections(daemon)) <= 2, 'all connections to be gone');
}

async function main() {
  const [connections = '200', ...modes] = process.argv.slice(2);
  const folder = makeFolder();
  const quick = Number(connections) < 1000 ? { http: { head_timeout: 3, body_timeout: 3 } } : {};
  const daemon = await new Daemon(folder, { config: quick }).start();
  try {
    await daemon.ready();
    const token = await daemon.token('report');
    for (const mode of modes.length > 0 ? modes : Object.keys(MODES))
      await play(daemon, token, mode, Number(connections));
    await daemon.stop();
    fs.rmSync(folder, { recursive: true });
  } finally {
    await daemon.end();
  }
}

const { code } = await run('slowhttptest', ['-h']).catch((error) => ({ code: error.code }));
if (code === 'ENOENT') {
  console.log('slowhttptest is not installed');
  process.exit(77);
}
await main().catch((error) => {
  console.error(error instanceof Broken ? error.message : error);
  process.exitCode = 1;
});
