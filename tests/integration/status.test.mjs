// tallyctl status: one look at whether all is well, for people in their language and for programs,
// and an exit code that says the same.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { TALLYCTL, event, run, scene, until } from './harness.mjs';

const activity = () => event('activity', { title: 't', community: 'm1', residents: 2 });
const ENGLISH = { LC_ALL: 'C.UTF-8' };
const CHINESE = { LC_ALL: 'zh_CN.UTF-8' };

const status = (where, { env = ENGLISH, json = false } = {}) =>
  run(TALLYCTL, [...where, ...(json ? ['--json'] : []), 'status'], { env });
const codes = (answer) => JSON.parse(answer.stdout).troubles.map(({ code }) => code);
const over = (d) => [['--url', d.url], ['--state', d.state]];

scene('all is well: 0, over the network and by the socket, with the figures of the day', async (s) => {
  const d = await s.daemon();
  await d.count(activity(), activity());
  const screen = await s.screen(d);
  await screen.shows(d.lastRev);
  assert.equal((await d.ctl('verify')).code, 0);
  for (const where of over(d)) {
    const { code, stdout, stderr } = await status(where);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /: all is well\n/);
    assert.match(stdout, /^ {2}daemon +\d+\.\d+\.\d+, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/m);
    assert.match(stdout, /^ {2}store +up, a Redis of its own, memory \d/m);
    assert.match(stdout, /^ {2}figures +as of .* \(\d+ \w+ ago\), revision 2$/m);
    assert.match(stdout, /^ {2}last event +activity 2024-03-15 /m);
    assert.match(stdout, /^ {2}screens +1 connected$/m);
    assert.match(stdout, /^ {2}queue +0 events; journal .*iB of 4\.0 GiB$/m);
    assert.match(stdout, /^ {2}rejected +0 /m);
    assert.match(stdout, /^ {2}disk +\d.*iB left/m);
    assert.match(stdout, /^ {2}recount .*, of 2 events: agrees$/m);
    assert.match(stdout, /^ {2}backup +none known$/m);
    const chinese = await status(where, { env: CHINESE });
    assert.equal(chinese.code, 0);
    assert.match(chinese.stdout, /: 一切正常\n/);
    assert.match(chinese.stdout, /最近事件 +活动 /);
    assert.match(chinese.stdout, /复算 .*，2 条：一致/);
  }
  const told = JSON.parse((await status(over(d)[0], { json: true })).stdout);
  assert.equal(told.well, true);
  assert.equal(told.rev, d.lastRev);
  assert.equal(told.screens, 1);
  assert.deepEqual([told.store.up, told.store.kind], [true, 'private']);
  assert.ok(told.store.memory_bytes > 1e6 && told.disk_free_bytes > 0);
  assert.ok(Date.parse(told.started) <= Date.parse(told.as_of));
  assert.deepEqual(told.last_event, { kind: 'activity', at: '2024-03-15T10:00:00+08:00' });
  assert.equal(told.recount.differences, 0);
});

scene('a backup is remembered across a restart', async (s) => {
  const d = await s.daemon();
  await d.count(activity());
  const before = Date.now();
  assert.equal((await d.ctl('backup', path.join(s.folder, 'b.zst'))).code, 0);
  await d.stop();
  await d.restart();
  const { backup } = JSON.parse((await status(over(d)[1], { json: true })).stdout);
  assert.ok(Date.parse(backup) >= before - 1000 && Date.parse(backup) <= Date.now());
  // One that is long past is a trouble: somebody meant to make them.
  await d.stop();
  fs.writeFileSync(path.join(d.state, 'backup-made'), '2024-03-15T10:00:00.000+08:00');
  await d.restart();
  const old = await status(over(d)[1]);
  assert.equal(old.code, 1);
  assert.match(old.stdout, /^! the last backup is \d+ days old; /m);
});

scene('the store is away: 1, with how many wait and what to do, and well again after', async (s) => {
  const server = await s.redis();
  const d = await s.daemon({ redis: server.url });
  await d.count(activity());
  await server.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  assert.equal((await d.post([activity()])).status, 202);
  for (const where of over(d)) {
    const { code, stdout } = await status(where);
    assert.equal(code, 1);
    assert.match(stdout, /: 1 thing is wrong\n/);
    assert.match(stdout, /^! the store is away \(.+\): .*look at Redis/m);
    assert.match(stdout, /^ {2}store +AWAY, a Redis on this machine$/m);
    assert.match(stdout, /^ {2}queue +1 events/m);
    assert.match(stdout, /^ {2}last event +\?$/m, 'there is one, but nobody to ask');
  }
  assert.match((await status(over(d)[0], { env: CHINESE })).stdout, /^! 存储不在（.+）/m);
  const told = await status(over(d)[0], { json: true });
  assert.equal(told.code, 1);
  assert.equal(JSON.parse(told.stdout).well, false);
  assert.deepEqual(codes(told), ['store_down']);
  await server.start();
  await until(async () => (await status(over(d)[0])).code === 0, 'all to be well again');
});

scene('a recount that differs is wrong; what the inbox refused is told', async (s) => {
  const server = await s.redis();
  const d = await s.daemon({ redis: server.url });
  await d.count(activity());
  await server.cli('XADD', 'tally:{probe}:inbox', '*', 'event', '{"no":"event"}');
  await until(
    async () => JSON.parse((await status(over(d)[0], { json: true })).stdout).rejected === 1,
    'the refusal to be told',
  );
  const fine = await status(over(d)[0]);
  assert.equal(fine.code, 0);
  assert.match(fine.stdout, /^ {2}rejected +1 since the start; the stream .*:rejected tells/m);
  const [cell] = (await server.cli('HKEYS', 'tally:{probe}:cells')).split('\n');
  await server.cli('HSET', 'tally:{probe}:cells', cell, '9,9,9,9,9');
  assert.equal((await d.ctl('verify')).code, 1);
  const { code, stdout } = await status(over(d)[0]);
  assert.equal(code, 1);
  assert.match(stdout, /^! the last recount found differences in 1 of the counters; tallyctl verify lists them/m);
  assert.match(stdout, /^ {2}recount .*DIFFERS$/m);
});

scene('where looking takes a token, health is told without one, and events are not', async (s) => {
  const d = await s.daemon({ config: { access: { viewers: 'token' } } });
  await d.count(activity());
  const [network, socket] = over(d);
  const { code, stdout } = await status(network);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /last event seen with a token only/);
  assert.match((await status(socket)).stdout, /last event activity/);
});

scene('who cannot be reached is 3, who is no tallyd is 1, a word too many is 2', async (s) => {
  const d = await s.daemon();
  const [network, socket] = over(d);
  assert.equal((await status([...network, 'x'])).code, 2);
  assert.equal((await run(TALLYCTL, [...network, 'status', 'more'])).code, 2);
  const lost = await status(['--url', `${d.url}/elsewhere`]);
  assert.equal(lost.code, 1);
  assert.equal(lost.stdout, '');
  await d.stop();
  for (const where of [network, socket]) {
    const { code, stdout, stderr } = await status(where);
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /can't reach/);
  }
});
