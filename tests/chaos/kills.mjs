// kill -9 of the daemon, of its Redis, of both, at random moments under traffic, with the
// append-only file's tail torn between kill and start:
//   node kills.mjs [--cycles N] [--seed S] [--rate EVENTS] [--check-every N] [--life N]
// A life is a state folder; a long run takes several, so that the history stays small enough for
// kills to come quickly after one another.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { sizeOf, tear } from './aof.mjs';
import { check } from './checker.mjs';
import { dice, Model } from './model.mjs';
import { Daemon, makeFolder, until } from './process.mjs';
import { Screen } from './screen.mjs';
import { Senders } from './sender.mjs';

const { values: options } = parseArgs({
  options: {
    cycles: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rate: { type: 'string', default: '2600' },
    life: { type: 'string', default: '50' },
    'check-every': { type: 'string', default: '10' },
  },
});
const CYCLES = Number(options.cycles);
const CUT_MAX = 150_000;
const KINDS = ['daemon', 'redis', 'both'];

const chance = dice(Number(options.seed));
const sum = {
  seconds: 0,
  traffic: 0,
  sent: 0,
  acked: 0,
  repeated: 0,
  retried: 0,
  voids: 0,
  cuts: 0,
  cutBytes: 0,
  checks: 0,
  messages: 0,
  statuses: new Map(),
  kills: { daemon: 0, redis: 0, both: 0 },
};

/** One kill, and what follows from it. */
async function strike(kind, daemon, floor) {
  const torn = () => {
    if (kind === 'daemon' || !chance.chance(0.7)) return;
    const cut = tear(daemon.aofFolder, daemon.journalFolder, chance, CUT_MAX, floor);
    sum.cuts += cut > 0;
    sum.cutBytes += cut;
  };
  sum.kills[kind] += 1;
  if (kind === 'redis') {
    await daemon.killRedis(torn);
    return;
  }
  if (kind === 'both') await daemon.killAll();
  else await daemon.kill();
  torn();
  await daemon.start();
}

async function live(cycles, number) {
  const began = Date.now();
  const folder = makeFolder();
  const daemon = new Daemon(folder);
  const model = new Model(chance, { prefix: `s${options.seed}-${number}` });
  let senders = null;
  let screen = null;
  try {
    await daemon.start();
    await daemon.drained();
    const token = await daemon.token();
    await until(async () => {
      const answer = await daemon.request('/api/v1/events', { method: 'POST', body: '[]', token });
      return answer.status !== 401;
    }, 'the token to be known');
    screen = new Screen(daemon);
    senders = new Senders([daemon], token, model, chance, { rate: Number(options.rate) });
    senders.resume();
    await pause(500);
    const floor = sizeOf(daemon.aofFolder); // below it stands the token
    for (let i = 1; i <= cycles; i += 1) {
      await pause(100 + chance.below(1_700));
      if (senders.failure) throw senders.failure;
      const kind = KINDS[(i - 1) % KINDS.length];
      await strike(kind, daemon, floor);
      screen.fine();
      if (i % Number(options['check-every']) !== 0 && i !== cycles) continue;
      await senders.finish();
      const { events } = await check(daemon, model, chance, { lookups: i === cycles ? 5_000 : 500 });
      sum.checks += 1;
      say(`${Object.values(sum.kills).reduce((a, b) => a + b)} kills, ${events} events in life ${number}: all there, once`);
      if (i !== cycles) senders.resume();
    }
    screen.fine();
    screen.close();
    await daemon.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    console.error(`FAILED in life ${number} of seed ${options.seed}: ${error.stack}`);
    console.error(`kept: ${folder}\n${daemon.log().split('\n').slice(-30).join('\n')}`);
    process.exitCode = 1;
    senders?.abandon();
    screen?.close();
    await daemon.end();
    return false;
  } finally {
    if (senders) tally(senders, model, screen, began);
  }
  return true;
}

function tally(senders, model, screen, began) {
  sum.seconds += (Date.now() - began) / 1000;
  sum.traffic += senders.seconds;
  for (const name of ['sent', 'acked', 'repeated', 'retried']) sum[name] += senders[name];
  sum.voids += model.voids;
  sum.messages += screen.messages;
  for (const [status, n] of senders.statuses) sum.statuses.set(status, (sum.statuses.get(status) ?? 0) + n);
}

function say(text) {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

function report(ok) {
  const n = (x) => Math.round(x).toLocaleString('en');
  const statuses = [...sum.statuses].sort(([a], [b]) => a - b);
  console.log(`
kills       ${KINDS.map((kind) => `${kind} ${sum.kills[kind]}`).join(', ')}
tails torn  ${sum.cuts}, ${n(sum.cutBytes)} bytes in all
events      ${n(sum.sent)} sent, ${n(sum.acked)} acknowledged, ${n(sum.voids)} of them voids
sent again  ${n(sum.repeated)} of their own accord, ${n(sum.retried)} as no answer had come
answers     ${statuses.map(([status, count]) => `${status || 'none'}: ${n(count)}`).join(', ')}
checks      ${sum.checks}; ${n(sum.messages)} messages to the screen
seconds     ${n(sum.seconds)} in all, ${n(sum.traffic)} of traffic at ${n(sum.sent / sum.traffic)} events/s
result      ${ok ? 'lost 0, doubled 0' : 'FAILED'}`);
}

console.log(`seed ${options.seed}`);
const life = Number(options.life);
let ok = true;
for (let done = 0, number = 1; ok && done < CYCLES; done += life, number += 1)
  ok = await live(Math.min(life, CYCLES - done), number);
report(ok);
