// The store in a Cluster: the alliance's slot is found, and followed to another owner.
import assert from 'node:assert/strict';
import path from 'node:path';
import { event, everyKind, scene, until } from './harness.mjs';
import { Cluster } from './replicas.mjs';

const KEY = 'tally:{probe}:meta';
const activity = () => event('activity', { title: 't', community: 'm1', residents: 2 });

async function cluster(s, options) {
  const group = new Cluster(s.folder);
  s.servers.push(group);
  return group.start(options);
}

/** Waits until exactly so many activities are counted, and has them counted again. */
async function counted(d, n) {
  await until(async () => (await d.get('/readyz')).status === 200, '/readyz to say 200');
  await until(async () => (await d.api('/totals')).totals.activities === n, `${n} to be counted`);
  assert.equal((await d.ctl('verify')).code, 0);
}

scene("the alliance's slot is found, and followed when it moves", async (s) => {
  const password = 'p@ss,w/rd';
  const group = await cluster(s, { password });
  const d = await s.daemon({ redis: group.url });
  const screen = await s.screen(d);
  await d.count(activity(), activity());
  const { epoch } = await d.api('/totals');
  const slot = await group.slotOf(KEY);
  const was = (await group.owner(slot)).server;
  assert.equal(await was.cli('XLEN', 'tally:{probe}:events'), '2');
  const is = await group.migrate(slot, async () => {
    // With its keys here and there nobody can count: it is said, and kept.
    await until(async () => (await d.get('/readyz')).status === 503, '/readyz to say 503');
    assert.equal((await d.post([activity()])).status, 202);
    await until(async () => /TRYAGAIN|ASK/.test((await d.get('/readyz')).text), 'the reason to be told');
  });
  await counted(d, 3);
  assert.deepEqual(await d.send(activity()), ['counted']);
  assert.equal(await is.cli('XLEN', 'tally:{probe}:events'), '4');
  assert.equal((await d.api('/totals')).epoch, epoch, 'the history has gone on');
  await screen.shows(d.lastRev);
  screen.fine();
  assert.ok(!d.logSinceStart().includes('p@ss') && !d.logSinceStart().includes('p%40ss'), 'the password is in no log line');
});

scene('a slot that nobody serves is told, and its events are kept until somebody does', async (s) => {
  const group = await cluster(s);
  const d = await s.daemon({ redis: group.url });
  await d.count(activity());
  const slot = await group.slotOf(KEY);
  const { server, id } = await group.owner(slot);
  for (const one of group.servers) await one.cli('CLUSTER', 'DELSLOTS', String(slot));
  await until(async () => /CLUSTERDOWN/.test((await d.get('/readyz')).text), '/readyz to say why');
  assert.equal((await d.post([activity()])).status, 202);
  for (const one of group.servers) await one.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', id);
  await group.agrees();
  await counted(d, 2);
  assert.equal(await server.cli('XLEN', 'tally:{probe}:events'), '2');
});

scene('all that is asked of a store is done in a Cluster too', async (s) => {
  const group = await cluster(s);
  const d = await s.daemon({ redis: group.url });
  const held = activity();
  await d.count(...everyKind(held));
  const { server } = await group.owner(await group.slotOf(KEY));
  const late = JSON.stringify(activity());
  await server.cli('XADD', 'tally:{probe}:inbox', '*', 'event', late);
  await counted(d, 1);
  for (const target of ['/events', '/problems', '/plans?from=2024-01-01&to=2024-12-31', `/events/${held.id}`])
    await d.api(target);
  for (const verb of [['repair'], ['verify'], ['backup', path.join(s.folder, 'b')], ['token', 'list']]) {
    const { code, stderr } = await d.ctl(...verb);
    assert.equal(code, 0, `${verb}: ${stderr}`);
  }
  await counted(d, 1);
});
