// Three daemons on one store behind a balancer, each ended and started anew in its turn under
// traffic, one of them killed besides: node rolling.mjs haproxy|nginx [SEED]. How long a screen was
// without news is told, not judged.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { backoff } from '../../web/js/feed.js';
import { Balancer } from './balancer.mjs';
import { freePort } from '../integration/redis.mjs';
import { Broken, TALLYD, until } from './process.mjs';
import { play } from './scene.mjs';

const DAEMONS = 3;
const SCREENS = 90;
const RATE = 600;
const PAGES = path.join(path.dirname(TALLYD), 'web');
const PART = '/assets/part.0123456789ab.js';

/** Pages with a part that the others' lack, as those of a newer version have. */
function newerPages(folder) {
  const pages = path.join(folder, 'pages');
  fs.cpSync(PAGES, pages, { recursive: true });
  fs.writeFileSync(path.join(pages, PART), 'export {};\n');
  return pages;
}

/** The daemons, each on a port that it keeps, and KIND before them. */
async function open(s, kind) {
  const store = await s.store();
  const newer = newerPages(s.folder);
  for (let i = 0; i < DAEMONS; i += 1) {
    const http = { trusted_proxies: ['127.0.0.1'], pages: i ? PAGES : newer };
    await s.daemon({ redis: store.url, config: { http }, port: await freePort() });
  }
  const balancer = new Balancer(s.folder, kind);
  s.stores.push(balancer);
  await balancer.start(s.daemons);
  for (let i = 0; i < SCREENS; i += 1)
    s.screen(balancer, { patient: true, pause: (failed) => backoff(failed, Math.random()) });
  await until(() => s.screens.every((screen) => screen.shown), 'every screen to show totals');
  await s.traffic(s.daemons, { by: [balancer], rate: RATE });
  return { store, balancer };
}

const allShown = (s) => Promise.all(s.screens.map((screen) => screen.shownAfter(Date.now())));

/** Ends a daemon by END, and starts it anew; every screen is live again both times. */
async function renew(s, daemon, end) {
  await pause(1_000);
  await daemon[end]();
  await allShown(s);
  await daemon.start();
  await daemon.ready();
  await pause(2_000); // so that the balancer has seen it
  await allShown(s);
}

/** Each in its turn. Gives how many screens each sent away. */
async function roll(s) {
  const goodbyes = () => s.screens.flatMap((screen) => screen.goodbyes);
  const gone = [];
  for (const daemon of s.daemons) {
    const before = goodbyes().length;
    await renew(s, daemon, 'stop');
    gone.push(goodbyes().length - before);
  }
  const codes = [...new Set(goodbyes())];
  if (String(codes) !== '1012') throw new Broken(`screens were closed with ${codes}`);
  return gone.join(', ');
}

const figuresOf = ({ rev, totals, groups }) =>
  JSON.stringify({ rev, totals, groups: groups.map(({ name: _, ...figures }) => figures) });

/** All daemons and all screens show one revision and the same figures. */
async function compare(s) {
  const shown = await Promise.all(s.daemons.map((daemon) => daemon.get('/api/v1/totals?by=circle')));
  const [one] = shown;
  for (const other of shown)
    if (figuresOf(other) !== figuresOf(one)) throw new Broken(`${figuresOf(other)}, elsewhere ${figuresOf(one)}`);
  await until(() => s.screens.every((screen) => screen.rev === one.rev), `every screen to show ${one.rev}`);
  for (const { views } of s.screens)
    if (figuresOf({ rev: one.rev, totals: views[0].totals, groups: views[1].groups }) !== figuresOf(one))
      throw new Broken(`a screen shows ${JSON.stringify(views)}, not ${figuresOf(one)}`);
  return one.rev;
}

async function page(balancer) {
  const { status, text } = await balancer.request('/');
  if (status !== 200 || !text.includes('name="build"')) throw new Broken(`/: ${status} ${text.slice(0, 200)}`);
}

/** The longest time without news since FROM, of the screen that had the longest and of the one in
 * the middle. */
function silences(screens, from) {
  const longest = screens.map(({ arrivals }) => {
    const late = arrivals.filter((at) => at >= from);
    return Math.max(...late.slice(1).map((at, i) => at - late[i]));
  });
  longest.sort((a, b) => a - b);
  const [most, middle] = [longest.at(-1), longest[longest.length >> 1]].map((ms) => (ms / 1000).toFixed(1));
  return `${most} s without news at most, ${middle} s in the middle`;
}

/** A part of the pages that one daemon has is found, whoever is asked first. */
async function findPart(balancer) {
  for (let i = 0; i < 2 * DAEMONS; i += 1) {
    const { status } = await balancer.request(PART);
    if (status !== 200) throw new Broken(`${PART}, which one of the daemons has: ${status}`);
  }
}

async function rolled(s, kind) {
  const { store, balancer } = await open(s, kind);
  const began = Date.now();
  const gone = await roll(s);
  const told = [`rolled, screens sent away ${gone}, ${silences(s.screens, began)}`];
  await page(balancer);
  await findPart(balancer);
  const killedAt = Date.now();
  await renew(s, s.daemons[0], 'kill');
  told.push(`killed, ${silences(s.screens, killedAt)}`);
  await away(s, store, balancer);
  await s.settle(s.daemons[0]);
  const rev = await compare(s);
  const { statuses, sent, retried } = s.senders;
  const answers = [...statuses].map(([status, n]) => `${status || 'none'}: ${n}`).join(', ');
  return `${sent} events sent, ${retried} retried, answers ${answers}; all show revision ${rev}; ${told.join('; ')}`;
}

/** With the store away no daemon is ready, but each takes events and shows its pages. */
async function away(s, store, balancer) {
  await store.kill();
  for (const daemon of s.daemons)
    await until(async () => (await daemon.request('/readyz')).status === 503, 'a daemon to miss its store');
  await pause(3_000); // so that the balancer has seen it
  const queued = s.senders.statuses.get(202) ?? 0;
  await until(() => s.senders.statuses.get(202) > queued, 'events to be taken while the store is away');
  await page(balancer);
  await store.start();
}

const SCENES = { haproxy: (s) => rolled(s, 'haproxy'), nginx: (s) => rolled(s, 'nginx') };
await play(SCENES, process.argv[2], Number(process.argv[3] ?? Date.now() % 1_000_000));
