// The store behind Sentinels: found by its name, followed when another takes over, and never
// mistaken for one that isn't the master.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { event, expectTotals, scene, until } from './harness.mjs';
import { NAME, proofs, Watched } from './replicas.mjs';

const activity = () => event('activity', { title: 't', community: 'm1', residents: 2 });

async function watched(s, options) {
  const group = new Watched(s.folder);
  s.servers.push(group);
  return group.start(options);
}

/** What the store's being away is put down to. */
async function saysWhy(d, reason) {
  await d.listening();
  await until(async () => reason.test((await d.get('/readyz')).text), `/readyz to say ${reason}`);
}

scene('the master is found, and followed when it hands over', async (s) => {
  const password = 'p@ss,w/rd';
  const group = await watched(s, { replicas: 1, password });
  const d = await s.daemon({ redis: group.url });
  const screen = await s.screen(d);
  await d.count(activity());
  const was = await group.master();
  assert.match(d.log, new RegExp(`event=store_at address="?${was.address}`));
  assert.equal(await group.sentinels[0].cli('SENTINEL', 'FAILOVER', NAME), 'OK');
  const is = await group.successor(was);
  await until(() => d.log.includes(`address=${is.address}`), 'the daemon to go to the new master');
  const late = activity();
  const answer = await d.post([late]);
  assert.ok([200, 202].includes(answer.status), answer.text);
  await until(async () => (await d.api('/totals')).totals.activities === 2, 'both to be counted');
  assert.deepEqual(await d.send(late), ['duplicate']);
  await screen.shows((await d.api('/totals')).rev);
  screen.fine();
  assert.equal(await is.cli('XLEN', 'tally:{probe}:events'), '2');
  assert.equal((await d.ctl('verify')).code, 0);
  for (const secret of [password, encodeURIComponent(password)])
    assert.ok(!d.logSinceStart().includes(secret), 'the password is in no log line');
});

scene('of Sentinels that differ the one with the latest epoch is believed', async (s) => {
  const group = await watched(s, { replicas: 1 });
  const was = await group.master();
  assert.equal(await group.sentinels[0].cli('SENTINEL', 'FAILOVER', NAME), 'OK');
  const is = await group.successor(was);
  const stray = await group.stray();
  const d = await s.daemon({ redis: group.url.replace('sentinel://', `sentinel://${stray.sentinel.address},`) });
  await d.count(activity());
  assert.equal(await is.cli('XLEN', 'tally:{probe}:events'), '1');
  // One alone isn't believed either, though nobody gets through where the store was.
  for (const sentinel of group.sentinels) sentinel.freeze();
  await is.kill();
  let ours = 0;
  const asked = async () =>
    Number((await stray.sentinel.info('stats')).total_commands_processed) - (ours += 1);
  const before = await asked();
  await until(async () => (await asked()) > before + 40, 'the stray one to be asked again and again');
  await is.start();
  await d.ready();
  await d.count(activity());
  assert.equal(await is.cli('XLEN', 'tally:{probe}:events'), '2');
  assert.equal(await stray.server.cli('DBSIZE'), '0');
  for (const sentinel of group.sentinels) sentinel.thaw();
});

scene('who said what is told while nobody knows the master; then it is found', async (s) => {
  const group = await watched(s, { replicas: 0, sentinels: 1, quorum: 1 });
  const [sentinel] = group.sentinels;
  const gone = '127.0.0.1:1';
  const d = s.launch({ redis: `sentinel://${gone},${sentinel.address}/other` });
  await saysWhy(d, new RegExp(`${gone}: Connection refused;.*${sentinel.address}: ERR No such master`));
  const { port } = await group.master();
  await sentinel.cli('SENTINEL', 'MONITOR', 'other', '127.0.0.1', String(port), '1');
  await d.ready();
  await d.count(activity());
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
});

scene('a database is chosen behind Sentinels as well', async (s) => {
  const group = await watched(s, { replicas: 0, sentinels: 1, quorum: 1 });
  const d = await s.daemon({ redis: `${group.url}/3` });
  await d.count(activity());
  const master = await group.master();
  assert.equal(await master.cli('-n', '0', 'DBSIZE'), '0');
  assert.equal(await master.cli('-n', '3', 'XLEN', 'tally:{probe}:events'), '1');
});

scene('Sentinels that ask for a password are told the same', async (s) => {
  const group = await watched(s, { replicas: 0, sentinels: 1, quorum: 1, password: 'secret', locked: true });
  const d = await s.daemon({ redis: group.url });
  await d.count(activity());
  const wrong = s.launch({ redis: group.url.replace('secret', 'wrong') });
  await saysWhy(wrong, /127\.0\.0\.1:\d+: (NOAUTH|WRONGPASS)/);
  assert.ok(![d, wrong].some((one) => /secret|wrong/.test(one.logSinceStart())), 'no password is in the log');
});

scene('a master without replicas that asks for one is away, and events are kept', async (s) => {
  const group = await watched(s, { replicas: 0, sentinels: 1, quorum: 1 });
  const d = await s.daemon({ redis: group.url });
  await d.count(activity());
  const master = await group.master();
  await master.cli('CONFIG', 'SET', 'min-replicas-to-write', '1');
  assert.equal((await d.post([activity()])).status, 202);
  await saysWhy(d, /NOREPLICAS/);
  await master.cli('CONFIG', 'SET', 'min-replicas-to-write', '0');
  await until(async () => (await d.api('/totals')).totals.activities === 2, 'both to be counted');
});

scene('one who is named, but no master, is left alone until it is', async (s) => {
  const group = await watched(s, { replicas: 1, sentinels: 1, quorum: 1 });
  const [sentinel] = group.sentinels;
  const copy = group.servers.find((one) => one !== sentinel && one.address !== '' && one !== group.servers[0]);
  await sentinel.cli('SENTINEL', 'MONITOR', 'copy', '127.0.0.1', String(copy.port), '1');
  const d = s.launch({ redis: `sentinel://${sentinel.address}/copy` });
  await saysWhy(d, /isn't a master/);
  assert.equal((await d.get('/readyz')).status, 503);
  await copy.cli('REPLICAOF', 'NO', 'ONE');
  await d.ready();
  await d.count(activity());
});

scene('the journal forgets what the replicas have, if most Sentinels are sure of the master', async (s) => {
  const group = await watched(s, { replicas: 1 });
  const d = await s.daemon({ redis: group.url });
  const forgot = () => fs.existsSync(path.join(d.state, 'proven'));
  await d.count(activity());
  const master = await group.master();
  const unheard = group.sentinels.slice(1);
  for (const sentinel of unheard) sentinel.freeze();
  await d.kill();
  await d.restart();
  await proofs(master, 4);
  assert.ok(!forgot(), 'behind a cut in the network another may be the master');
  for (const sentinel of unheard) sentinel.thaw();
  await until(forgot, 'the journal to forget');
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
});

scene('addresses that are none are refused', async (s) => {
  for (const url of ['sentinel://h:1', 'sentinel://h:1/', 'sentinel://h:1,/n', 'cluster://h:1/3', 'cluster://']) {
    const d = s.launch({ redis: url, state: path.join(s.folder, 'refused') });
    await d.ended;
    assert.equal(d.exited, 2, url);
    assert.match(d.log, /redis\.url .*sentinel:\/\/\[user:password@\]host:port/);
  }
});
