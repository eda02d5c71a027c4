// Redis is away while events come in as fast as the journal takes them; then it comes back:
//   node outage.mjs [EVENTS]
// All are answered 202, memory stays bounded, and the drain takes less time than the outage would
// have lasted at 5,000 events a second.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Broken, memoryOf } from './process.mjs';
import { play } from './scene.mjs';

const EVENTS = Number(process.argv[2] ?? 100_000);
const BATCH = 500;
const CONNECTIONS = 4;
const RATE = 5_000; // events a second of the outage that is played
const MEMORY_MAX = 256; // MiB, whatever the number of events
const COMMUNITIES = ['m1', 'm2', 'm3', 'm4', 'm5'];

/** Sends them all, a twentieth of the batches twice. */
async function fill(daemon, token) {
  let next = 0;
  let twice = 0;
  const post = async (agent, body) => {
    const send = () => daemon.request('/api/v1/events', { method: 'POST', body, token, agent });
    let answer = await send();
    for (; answer.status === 429; answer = await send()) // faster than one token may be
      await pause(1_000 * Number(answer.headers['retry-after']));
    if (answer.status !== 202) throw new Broken(`POST while the store is away: ${answer.status} ${answer.text}`);
  };
  const work = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (next < EVENTS) {
      const from = next;
      next = Math.min(EVENTS, from + BATCH);
      const events = Array.from({ length: next - from }, (_, i) => ({
        id: `o-${from + i}`,
        kind: 'activity',
        at: new Date(Date.UTC(2024, 0, 1 + ((from + i) % 366), 4)).toISOString(),
        title: '活动',
        community: COMMUNITIES[(from + i) % 5],
        residents: 1,
      }));
      const body = JSON.stringify(events);
      await post(agent, body);
      if ((from / BATCH) % 20 === 7) {
        await post(agent, body);
        twice += events.length;
      }
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return twice;
}

/** Every number of 0 to EVENTS - 1 stands in the history once, and nothing else does. */
async function compare(daemon) {
  const seen = new Uint8Array(EVENTS);
  for (let after = 0; ; ) {
    const answer = await daemon.request(`/owner/v1/events?after=${after}&limit=5000`, { owner: true });
    if (answer.status !== 200) throw new Broken(`the history: ${answer.status}`);
    const lines = answer.text.split('\n').filter(Boolean);
    if (!lines.length) break;
    for (const line of lines) {
      const [rev, id] = line.split(' ', 2);
      if (!/^o-\d+$/.test(id)) throw new Broken(`${id} was never sent`);
      seen[Number(id.slice(2))] += 1;
      after = Number(rev);
    }
  }
  const wrong = seen.findIndex((times) => times !== 1);
  if (wrong >= 0) throw new Broken(`o-${wrong} is counted ${seen[wrong]} times`);
  const { totals } = await daemon.get('/api/v1/totals');
  if (totals.activities !== EVENTS || totals.residents !== EVENTS) throw new Broken(JSON.stringify(totals));
  const verify = await daemon.ctl('verify');
  if (verify.code !== 0) throw new Broken(`verify: ${verify.text}`);
}

async function outage(s) {
  const store = await s.store();
  const daemon = await s.daemon({ redis: store.url });
  const token = await s.token(daemon);
  await store.kill();
  while ((await daemon.request('/readyz')).status === 200) await pause(10);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(daemon.pid));
  }, 50);
  const began = Date.now();
  const twice = await fill(daemon, token);
  const filled = Date.now();
  const { queued } = JSON.parse((await daemon.request('/readyz')).text);
  if (queued !== EVENTS + twice) throw new Broken(`${queued} queued, not ${EVENTS + twice}`);
  await store.start();
  const back = Date.now();
  await daemon.drained(Math.max(60_000, (EVENTS / RATE) * 1000));
  const drained = (Date.now() - back) / 1000;
  clearInterval(watch);
  await compare(daemon);
  // A short outage on a busy machine says nothing of speed; of a long one this is what's promised.
  if (EVENTS >= 1_000_000 && drained > EVENTS / RATE) throw new Broken(`the drain took ${drained} s`);
  if (most > MEMORY_MAX) throw new Broken(`the daemon took ${Math.round(most)} MiB`);
  return (
    `${EVENTS} events and ${twice} of them again queued in ${((filled - began) / 1000).toFixed(1)} s, drained in ` +
    `${drained.toFixed(1)} s (${Math.round((EVENTS + twice) / drained)} events/s), at most ${Math.round(most)} MiB`
  );
}

await play({ outage }, 'outage', 1);
