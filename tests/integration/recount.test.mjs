// The recount: every event counted again and compared, by hand or by itself once a day; its outcome
// is known to every daemon on the store.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { clockAt, event, scene, TALLYD, until } from './harness.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });

scene('a recount by hand is told to whoever looks, by every daemon on the store', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const other = await s.daemon({ redis: store.url });
  assert.deepEqual(await d.api('/recount'), { recount: null });
  const mistake = activity();
  await d.count(activity(), mistake, event('void', { of: mistake.id, reason: 'x' }));
  const begun = Date.now();
  assert.equal((await d.ctl('verify')).code, 0);
  const { recount } = await d.api('/recount');
  assert.deepEqual([recount.rev, recount.events, recount.differences], [3, 3, 0]);
  assert.ok(Date.parse(recount.at) >= begun - 1 && Date.parse(recount.at) <= Date.now(), recount.at);
  assert.deepEqual(Object.keys(recount), ['at', 'rev', 'events', 'differences']);
  assert.deepEqual(await other.api('/recount'), { recount });
  assert.match(d.log, /level=info event=recount_done rev=3 events=3 differences=0/);

  const cell = '0 t';
  await store.cli('HSET', 'tally:{probe}:cells', cell, '5,0,0,0,0');
  const bad = await d.ctl('verify', '--json');
  assert.equal(bad.code, 1);
  assert.equal(JSON.parse(bad.stdout).differences.length, 1);
  assert.equal((await other.api('/recount')).recount.differences, 1);
  assert.match(d.log, /level=warn event=recount_done rev=3 events=3 differences=1/);

  // What is kept beside the revision disturbs neither a restart nor the figures.
  await d.stop();
  await d.restart();
  assert.equal((await d.api('/recount')).recount.differences, 1);
  assert.equal((await d.totals()).rev, 3);
  await store.cli('HSET', 'tally:{probe}:meta', 'recount', 'not ours');
  assert.deepEqual(await d.api('/recount'), { recount: null });
});

scene("only the owner's socket takes an outcome, and only a whole one", async (s) => {
  const d = await s.daemon();
  const post = { body: '{"rev":1,"events":1,"differences":0}', headers: { 'content-type': 'application/json' } };
  assert.equal((await d.request('POST', '/owner/v1/recount', { ...post, token: await d.admin() })).status, 404);
  assert.equal((await d.request('POST', '/api/v1/recount', { ...post, token: await d.admin() })).status, 405);
  assert.deepEqual(await d.api('/recount'), { recount: null });
});

scene('the daemon makes one by itself when the hour strikes in its time zone, one a day', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({
    redis: store.url,
    config: { recount: { at: '03:30' } },
    env: clockAt('2024-06-01 03:29:55'),
  });
  await d.count(activity(), activity());
  const recount = await until(async () => (await d.api('/recount')).recount, 'the recount');
  assert.match(recount.at, /^2024-06-01T03:3/);
  assert.deepEqual([recount.events, recount.differences], [recount.rev, 0]);
  await until(() => d.children().length === 0, 'its child to end');
  assert.equal(d.log.match(/event=recount_started/g).length, 1);
  assert.match(d.log, /at=2024-06-01T03:30:0\S+ level=info event=recount_started/);
});

/** A daemon, its clock just before the hour, beside which stands another tallyctl: SCRIPT. */
function besides(s, store, script) {
  const [program, tool, pages] = ['tallyd', 'tallyctl', 'pages'].map((name) => path.join(s.folder, name));
  fs.copyFileSync(TALLYD, program);
  fs.writeFileSync(tool, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  fs.mkdirSync(pages);
  return s.daemon({
    redis: store.url,
    config: { recount: { at: '03:30' }, http: { pages } },
    env: clockAt('2024-06-01 03:29:57'),
    wrap: ['sh', '-c', `shift; exec ${program} "$@"`, 'sh'],
  });
}

scene('a recount under way ends with the daemon', async (s) => {
  const store = await s.redis();
  const d = await besides(s, store, 'exec sleep 1000');
  await until(() => d.children().length === 1, 'the child to run');
  await d.stop(); // which looks that nothing of it is left
});

scene('a recount that comes to nothing is logged, and known as none', async (s) => {
  const store = await s.redis();
  const d = await besides(s, store, 'exit 3');
  await until(() => /level=warn event=recount_failed status=3/.test(d.log), 'the log to say so');
  assert.deepEqual(await d.api('/recount'), { recount: null });
});
