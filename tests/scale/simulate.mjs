// What many streets need, measured on this machine with real daemons and one real Redis: a street's
// year of events as it is kept, then many streets at once at a province's pace. Prints the tables
// that README.md draws its conclusions from.
//
//     node simulate.mjs [--streets N] [--events N] [--rate N] [--seconds N]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Screen } from '../chaos/screen.mjs';
import { Daemon, makeFolder, TALLYD, until } from '../chaos/process.mjs';
import { Redis } from '../integration/redis.mjs';

const { values } = parseArgs({ options: {
  streets: { type: 'string', default: '8' },   // daemons, each with an alliance and a screen
  events: { type: 'string', default: '66667' }, // of a street in a year
  rate: { type: 'string', default: '280' },     // events a second, of all streets together
  seconds: { type: 'string', default: '30' },
} });
const [STREETS, EVENTS, RATE, SECONDS] = ['streets', 'events', 'rate', 'seconds'].map((name) => {
  const n = Number(values[name]);
  if (!Number.isInteger(n) || n < 1) throw new Error(`--${name}: "${values[name]}" is no whole number from 1`);
  return n;
});
const PROVINCE = { streets: 1500, events: 100e6 };
const BATCH = 1000;
const YEAR = 365 * 86_400_000;
const MIB = 1024 * 1024;

const say = (text = '') => process.stdout.write(`${text}\n`);
const example = path.join(path.dirname(TALLYD), 'config', 'alliance.json');
const plainJson = (text) => JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''));

/** A street's events in their order: mostly residents who check in, as they do where codes hang. */
class Street {
  constructor(id, catalogue, events, now) {
    Object.assign(this, { id, catalogue, events, now, n: 0, began: now - YEAR + 86_400_000 });
  }

  #of(list, n) {
    return this.catalogue[list][n % this.catalogue[list].length].id;
  }

  next() {
    const n = this.n++;
    const round = Math.floor(n / 20);
    const at = Math.min(this.now, this.began + (n / this.events) * (YEAR - 86_400_000));
    const base = { id: `e${n}`, at: new Date(at).toISOString() };
    const where = { community: this.#of('communities', round * 7), unit: this.#of('units', round * 3) };
    switch (n % 20) {
      case 0:
        return { ...base, kind: 'activity', title: `社区共建活动第 ${round} 场`, ...where,
                 project: this.#of('projects', round) };
      case 1:
        return { ...base, kind: 'problem', problem: `p${round}`, status: 'raised', title: '楼道照明不亮',
                 community: where.community };
      case 2:
        return { ...base, kind: 'problem', problem: `p${round}`, status: 'claimed', unit: where.unit };
      case 3:
        return { ...base, kind: 'problem', problem: `p${round}`, status: 'solved', unit: where.unit };
      case 4:
        return { ...base, kind: 'venue', venue: `v${round % 120}`, shared: round % 240 < 120,
                 ...(round % 240 < 120 && { name: '共享议事厅', ...where }) };
      case 5:
        return { ...base, kind: 'plan', plan: `l${round}`, title: '下周读书会', ...where,
                 starts: new Date(at + 7 * 86_400_000).toISOString() };
      case 6:
      case 7:
        return { ...base, kind: 'reach', activity: `e${round * 20}`, residents: 1 + (n % 30) };
      default: // one in three has been here before
        return { ...base, kind: 'reach', activity: `e${round * 20}`, resident: `phone-${(n * 7919) % Math.ceil(this.events / 2)}` };
    }
  }
}

/** Memory of a process' own in MiB: what it shares with others of its kind isn't counted. */
const memoryOf = (pid) => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Processor seconds that a process has used. */
function cpuOf(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return (user + system) / 100;
}

async function post(daemon, token, events) {
  const answer = await daemon.request('/api/v1/events', { method: 'POST', token, body: JSON.stringify(events) });
  assert.ok(answer.status === 200 || answer.status === 202, `POST: ${answer.status} ${answer.text.slice(0, 200)}`);
}

/** How many events the store holds of the alliance. */
const held = async (redis, id) => Number(await redis.cli('XLEN', `tally:{${id}}:events`));

async function info(redis, section, name) {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.cli('INFO', section))[1]);
}

const folderSize = (folder) => fs.readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
  const name = path.join(folder, entry.name);
  return sum + (entry.isDirectory() ? folderSize(name) : fs.statSync(name).size);
}, 0);

/** Starts the alliance ID on the store; gives {daemon, token, catalogue}. */
async function found(folder, redis, id) {
  const file = path.join(folder, `${id}.alliance.json`);
  const all = plainJson(fs.readFileSync(example, 'utf8'));
  fs.writeFileSync(file, JSON.stringify({ ...all, alliance: { ...all.alliance, id }, opening: undefined }));
  const daemon = new Daemon(folder, { name: id, redis: redis.url, config: { alliance: { file } } });
  await daemon.start();
  await until(async () => (await daemon.request('/readyz')).status === 200, `${id} to be ready`);
  const token = await daemon.token();
  await until(async () => (await daemon.request('/api/v1/events', { method: 'POST', token, body: '[]' })).status !== 401,
              'the token to be known');
  return { daemon, token, catalogue: JSON.parse((await daemon.request('/api/v1/catalogue')).text) };
}

// Bytes by key; the many of one kind, "KIND:WHAT", together.
const WEIGH = `local sums = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  local name = string.match(string.sub(key, #ARGV[1] + 1), '^[^:]*')
  sums[name] = (sums[name] or 0) + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
end
return cjson.encode(sums)`;

/** What a street's events weigh in the store and on disk, at a quarter of a year and at its end. */
async function year(folder, redis) {
  await redis.cli('FLUSHALL');
  const empty = await info(redis, 'memory', 'used_memory');
  const { daemon, token, catalogue } = await found(folder, redis, 'street');
  const street = new Street('street', catalogue, EVENTS, Date.now());
  const rows = [];
  async function weigh() {
    await redis.cli('MEMORY', 'PURGE');
    rows.push({ events: street.n, bytes: (await info(redis, 'memory', 'used_memory')) - empty,
                rss: memoryOf(daemon.pid) });
  }
  await weigh();
  const began = performance.now();
  for (const goal of [Math.floor(EVENTS / 4), EVENTS]) {
    while (street.n < goal)
      await post(daemon, token, Array.from({ length: Math.min(BATCH, goal - street.n) }, () => street.next()));
    await until(async () => (await held(redis, 'street')) === goal, `${goal} events to be counted`, 600_000);
    await weigh();
  }
  say(`## A street's year: ${EVENTS} events, taken in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  say();
  say('| events | Redis, MiB | bytes an event beyond the row before | the daemon, MiB |');
  say('|---:|---:|---:|---:|');
  rows.forEach(({ events, bytes, rss }, i) => {
    const before = rows[i - 1];
    const each = before ? ((bytes - before.bytes) / (events - before.events)).toFixed(0) : '';
    say(`| ${events} | ${(bytes / MIB).toFixed(2)} | ${each} | ${rss.toFixed(1)} |`);
  });
  say();
  const sums = JSON.parse(await redis.cli('EVAL', WEIGH, '0', 'tally:{street}:'));
  const heaviest = Object.entries(sums).sort((a, b) => b[1] - a[1]).slice(0, 8)
    .map(([name, bytes]) => `${name} ${(bytes / MIB).toFixed(2)} MiB`).join(', ');
  say(`Where it is, by key: ${heaviest}.`);
  const log = folderSize(path.join(redis.folder, 'appendonlydir'));
  await redis.cli('BGREWRITEAOF');
  await until(async () => (await info(redis, 'persistence', 'aof_rewrite_in_progress')) === 0
    && folderSize(path.join(redis.folder, 'appendonlydir')) < log, 'the append-only file to be rewritten');
  say(`On Redis' disk: ${(log / MIB).toFixed(1)} MiB as written, `
    + `${(folderSize(path.join(redis.folder, 'appendonlydir')) / MIB).toFixed(1)} MiB rewritten.`);
  say();
  await daemon.stop();
  return { fixed: rows[0].bytes, each: (rows[2].bytes - rows[0].bytes) / EVENTS, rss: rows[2].rss };
}

/** What daemons and Redis use of the processor over SECONDS. */
async function use(daemons, redis, seconds, during = pause(seconds * 1000)) {
  const all = () => daemons.reduce((sum, { daemon }) => sum + cpuOf(daemon.pid), 0);
  const [before, beforeRedis, began] = [all(), cpuOf(redis.child.pid), performance.now()];
  await during;
  const span = (performance.now() - began) / 1000;
  return { daemons: (all() - before) / span, redis: (cpuOf(redis.child.pid) - beforeRedis) / span };
}

/** Many streets at once on one store, each with a screen that looks on. */
async function rush(folder, redis) {
  await redis.cli('FLUSHALL');
  const streets = [];
  const screens = [];
  for (let i = 0; i < STREETS; i++) {
    const one = await found(folder, redis, `s${i}`);
    streets.push({ ...one, street: new Street(`s${i}`, one.catalogue, EVENTS, Date.now()) });
    screens.push(new Screen(one.daemon));
  }
  await until(() => screens.every(({ shown }) => shown), 'every screen to show something');
  const idle = await use(streets, redis, SECONDS);
  let late = 0;
  const end = performance.now() + SECONDS * 1000;
  const beat = (STREETS * 1000) / RATE;
  const sending = Promise.all(streets.map(async ({ daemon, token, street }, i) => {
    for (let due = performance.now() + (i * beat) / STREETS; due < end; due += beat) {
      await pause(Math.max(0, due - performance.now()));
      await post(daemon, token, [street.next()]);
      late = Math.max(late, performance.now() - due - beat);
    }
  }));
  const busy = await use(streets, redis, SECONDS, sending);
  const sent = streets.reduce((sum, { street }) => sum + street.n, 0);
  for (const { street } of streets)
    await until(async () => (await held(redis, street.id)) === street.n, `${street.id} to be counted`);
  await until(async () => {
    const totals = await Promise.all(streets.map(({ daemon }) => daemon.request('/api/v1/totals').then(({ text }) => JSON.parse(text))));
    return screens.every((screen, i) => screen.shown.rev === totals[i].rev);
  }, 'every screen to show the newest');
  screens.forEach((screen) => screen.fine());
  say(`## ${STREETS} streets on one Redis, ${(sent / SECONDS).toFixed(0)} events a second between them`);
  say();
  say('| | idle, % of a core | busy, % of a core | µs an event |');
  say('|---|---:|---:|---:|');
  for (const who of ['daemons', 'redis'])
    say(`| ${who === 'redis' ? 'Redis' : 'all daemons'} | ${(100 * idle[who]).toFixed(1)} | ${(100 * busy[who]).toFixed(1)} | `
      + `${((1e6 * (busy[who] - idle[who]) * SECONDS) / sent).toFixed(0)} |`);
  say();
  say(`All ${sent} events were counted once, and each screen showed the newest; no sender was more than `
    + `${Math.max(0, late).toFixed(0)} ms behind.`);
  say();
  screens.forEach((screen) => screen.close());
  for (const { daemon } of streets) await daemon.stop();
  return idle;
}

function province(street, idle) {
  const { streets, events } = PROVINCE;
  const gib = (bytes) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  const each = events / streets;
  say(`## A province: ${streets} streets, ${events / 1e6} million events a year`);
  say();
  say(`- Redis after a year: ${gib(streets * (street.fixed + each * street.each))}, after five: `
    + `${gib(streets * (street.fixed + 5 * each * street.each))}.`);
  say(`- Daemons, one a street: ${gib(streets * street.rss * MIB)} of their own, `
    + `${((idle.daemons / STREETS) * streets).toFixed(1)} cores while nothing happens.`);
  say(`- Redis' part in that: ${((idle.redis / STREETS) * streets).toFixed(1)} cores.`);
}

const folder = makeFolder();
const redis = await new Redis(path.join(folder, 'redis'), { config: { appendfsync: 'always' } }).start();
try {
  const street = await year(folder, redis);
  province(street, await rush(folder, redis));
} finally {
  await redis.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
