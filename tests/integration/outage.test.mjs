// The store goes and comes back, forgets its scripts or its last moments: what was answered with
// 200 or 202 is counted, once.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { event, expectTotals, scene, until } from './harness.mjs';

/** Posts single activities and small batches from several clients until stop() is called; gives
 * all events that were answered, each with the residents it brings. */
function traffic(d, token, clients = 4) {
  const said = [];
  const statuses = new Map();
  let over = false;
  const running = Array.from({ length: clients }, async (_, client) => {
    for (let i = 0; !over; i += 1) {
      const events = Array.from({ length: 1 + ((client + i) % 4) }, () =>
        event('activity', { title: 't', community: `m${1 + (i % 5)}`, residents: 1 }),
      );
      // A client that got no good answer says the same again.
      for (;;) {
        const answer = await d.post(events, { token }).catch(() => ({ status: 0 }));
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status === 200 || answer.status === 202) break;
        await pause(20);
      }
      said.push(...events);
    }
  });
  return {
    said,
    statuses,
    stop: async () => {
      over = true;
      await Promise.all(running);
      return said;
    },
  };
}

/** Waits until nothing is queued and everything is counted. */
async function drained(d, said, more = {}) {
  await until(async () => (await d.get('/readyz')).status === 200, '/readyz to say 200 again', 60_000);
  await until(
    async () => {
      const { totals } = await d.api('/totals');
      assert.ok(
        totals.activities <= said.length + (more.activities ?? 0),
        `${totals.activities} counted of ${said.length}: something counted twice`,
      );
      return totals.activities === said.length + (more.activities ?? 0);
    },
    `all ${said.length} events to be counted`,
    60_000,
  );
  await d.count(event('activity', { title: 'last', community: 'm1', residents: 1 }));
  await expectTotals(d, 'all', { activities: said.length + 1, residents: said.length + 1, ...more });
  assert.equal((await d.ctl('verify')).code, 0);
}

scene('SCRIPT FLUSH under traffic', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const load = traffic(d, await d.admin());
  for (let i = 0; i < 15; i += 1) {
    const before = load.said.length;
    await store.cli('SCRIPT', 'FLUSH');
    await until(() => load.said.length > before + 20, 'traffic to go on');
  }
  const said = await load.stop();
  assert.deepEqual([...load.statuses.keys()], [200], 'nobody notices');
  await drained(d, said);
});

scene('a Redis that is killed and comes back under traffic', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const screen = await s.screen(d);
  const load = traffic(d, await d.admin());
  for (let round = 0; round < 3; round += 1) {
    await until(() => load.said.length > 100 * (round + 1), 'traffic');
    await store.kill();
    const down = await screen.next((m) => m.type === 'status' && m.store === 'down', 'status: down');
    assert.ok(down.queued >= 0);
    const before = load.said.length;
    await until(() => load.said.length > before + 50, 'posts to be answered while the store is away');
    assert.equal((await d.get('/readyz')).status, 503);
    await store.start();
    await screen.next((m) => m.type === 'status' && m.store === 'up', 'status: up', 60_000);
  }
  const said = await load.stop();
  assert.ok(load.statuses.get(202) > 0, 'while the store is away it is 202');
  await drained(d, said);
  await screen.shows(d.lastRev);
  assert.equal(screen.views[0].totals.activities, said.length + 1);
  assert.equal(new Set(screen.messages.map((m) => m.epoch).filter(Boolean)).size, 1, 'the epoch stays');
});

scene('a private Redis that is killed is started again', async (s) => {
  const d = await s.daemon();
  const load = traffic(d, await d.admin());
  for (let round = 0; round < 3; round += 1) {
    await until(() => load.said.length > 100 * (round + 1), 'traffic');
    const [child] = d.children();
    process.kill(child, 'SIGKILL');
    await until(() => d.children().some((pid) => pid !== child), 'a new redis-server');
    await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back', 60_000);
  }
  await drained(d, await load.stop());
});

scene('what waited on the disk is counted after the daemon was killed too', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const token = await d.admin();
  const held = event('activity', { title: 't', community: 'm1', residents: 5 });
  await d.count(held);
  await store.kill();
  const queued = [
    event('reach', { activity: held.id, residents: 7 }),
    event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1' }),
    event('reach', { activity: 'nobody', residents: 1 }),
    event('activity', { title: 'u', community: 'm2', residents: 1 }),
  ];
  const answer = await until(async () => {
    const got = await d.post(queued, { token });
    return got.status === 202 && got;
  }, 'a 202');
  assert.deepEqual(
    answer.json.results.map((r) => r.status),
    queued.map(() => 'queued'),
  );
  await d.kill();
  d.launch();
  await d.listening();
  assert.equal((await d.get('/readyz')).status, 503);
  assert.equal((await d.get('/healthz')).status, 200);
  await store.start();
  await d.ready();
  await until(async () => (await d.api('/totals')).totals.activities === 2, 'the queue to be counted');
  await expectTotals(d, 'all', { activities: 2, residents: 13, venues: 1 });
  const rejected = await store.cli('XRANGE', 'tally:{probe}:rejected', '-', '+');
  assert.ok(rejected.includes(queued[2].id), 'what proved a conflict stands in rejected');
  assert.deepEqual(await d.send(queued[0], queued[1], queued[3]), ['duplicate', 'duplicate', 'duplicate']);
  assert.equal((await d.ctl('verify')).code, 0);
});

scene('a bad event is refused at once, store or no store', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  await d.admin();
  await store.kill();
  await until(async () => (await d.get('/readyz')).status === 503, '/readyz to say 503');
  assert.equal((await d.post([event('activity', { title: 't', community: 'm99' })])).status, 422);
  assert.equal((await d.post('{')).status, 400);
  assert.equal(
    (await d.post([event('activity', { title: 't', community: 'm1' })], { token: 'nobody' })).status,
    401,
  );
  const answer = await d.get('/api/v1/totals');
  assert.equal(answer.status, 200, 'the last figures can still be read');
});

scene('a Redis that lost its last second is made whole again', async (s) => {
  // Without its log it comes back with the state of the last SAVE.
  const store = await s.redis({ config: { appendonly: 'no' } });
  const d = await s.daemon({ redis: store.url });
  const token = await d.admin();
  const load = traffic(d, token);
  for (let round = 0; round < 3; round += 1) {
    const before = load.said.length;
    await until(() => load.said.length > before + 60, 'traffic');
    await store.cli('SAVE');
    await until(() => load.said.length > before + 160, 'traffic that is going to be lost');
    await store.kill();
    await store.start();
    await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back', 60_000);
  }
  await drained(d, await load.stop());
});

scene('a Redis that hangs: no answer waits over 5 s, and it ends within 10 s', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const token = await d.admin();
  await d.count(event('activity', { title: 't', community: 'm1' }));
  store.child.kill('SIGSTOP');
  const waiting = event('activity', { title: 't', community: 'm1' });
  const answer = await d.post([waiting], { token });
  assert.equal(answer.status, 202, answer.text);
  assert.equal((await d.get('/healthz')).status, 200);
  store.child.kill('SIGCONT');
  await until(async () => (await d.api('/totals')).totals.activities === 2, 'it to be counted', 60_000);
  assert.deepEqual(await d.send(waiting), ['duplicate']);
  store.child.kill('SIGSTOP');
  await d.stop();
  store.child.kill('SIGCONT');
});

scene('however patient it is with the store, its clients are not kept waiting', async (s) => {
  const store = await s.redis();
  const patience = 20_000;
  const d = await s.daemon({ redis: store.url, config: { redis: { timeout: patience } } });
  const token = await d.token('report', { unit: 'u1' });
  const held = event('activity', { title: 't', unit: 'u1' });
  await d.count(held);
  store.child.kill('SIGSTOP');
  const began = Date.now();
  const admin = { token: await d.admin() };
  const reads = ['events', `events/${held.id}`, 'problems', 'plans', 'export', 'recount', 'admin/tokens', 'admin/pending'];
  // One that waits for a look-up gets into line behind those that don't, and must not wait for them.
  let over = false;
  const others = (async () => {
    for (let sent = 1; ; sent += 1) {
      if (over) return sent - 1;
      d.post(event('activity', { title: 't', community: 'm1' }), admin);
      await pause(500);
    }
  })();
  const answers = await Promise.all([
    d.post(event('reach', { activity: held.id, residents: 2 }), { token }),
    ...reads.map((what) => d.get(`/api/v1/${what}`, admin)),
  ]);
  over = true;
  assert.ok(Date.now() - began < patience / 3, `after ${Date.now() - began} ms`);
  assert.deepEqual(answers.map((answer) => answer.status), [202, ...reads.map(() => 503)]);
  store.child.kill('SIGCONT');
  const activities = 1 + (await others);
  const counted = async () => {
    const { totals } = await d.api('/totals');
    return totals.residents === 2 && totals.activities === activities;
  };
  await until(counted, 'all to be counted', 60_000);
});

scene('a daemon that stood still does not take the store for gone', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  await d.count(event('activity', { title: 't', community: 'm1' }));
  process.kill(d.pid, 'SIGSTOP');
  await pause(11_000); // longer than it waits for any answer of the store
  process.kill(d.pid, 'SIGCONT');
  for (let i = 0; i < 20; i += 1) await d.count(event('activity', { title: 't', community: 'm1' }));
  assert.doesNotMatch(d.log, /store_down/);
});

scene('an emptied store is another history: the epoch changes', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const screen = await s.screen(d);
  await d.count(event('activity', { title: 't', community: 'm1', residents: 1 }));
  await screen.shows(d.lastRev);
  const { epoch } = screen;
  await store.cli('FLUSHALL');
  await screen.next((m) => m.type === 'snapshot' && m.epoch !== epoch, 'a snapshot of another epoch', 60_000);
  assert.equal((await d.get('/healthz')).status, 200);
});
