// What outlives the daemon: backup into a file, restore into an empty store, repair of counters.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { event, scene, until } from './harness.mjs';

const activity = (fields) => event('activity', { title: '活动', community: 'm1', ...fields });

const figures = ({ totals, groups }) => ({ totals, groups });

async function everything(d) {
  const all = {};
  for (const range of ['all', 'today', 'week', 'month', 'year', '2024', '2024-05']) {
    for (const by of [null, 'circle', 'community', 'unit', 'project', 'category']) {
      all[`${range} ${by}`] = figures(await d.totals({ range, by }));
    }
  }
  return all;
}

/** A history with every kind in it, voids and conflicts too. */
async function history(d) {
  const act = activity({ residents: 7, project: 'p1', unit: 'u1' });
  const old = activity({ at: '2024-05-06T10:00:00+08:00', residents: 3 });
  await d.count(act, old);
  await d.count(
    event('reach', { activity: act.id, residents: 5 }),
    event('reach', { activity: act.id, resident: '某某' }),
    event('venue', { venue: 'hall', shared: true, name: '大厅', unit: 'u1' }),
    event('problem', { problem: 'lamp', status: 'raised', title: '路灯', community: 'm1' }),
    event('problem', { problem: 'lamp', status: 'claimed', unit: 'u1' }),
    event('problem', { problem: 'lamp', status: 'solved', unit: 'u1' }),
    event('plan', { plan: 'walk', title: '徒步', unit: 'u1', starts: '2030-01-01T09:00:00+08:00' }),
    event('void', { of: old.id, reason: '重复' }),
  );
  return { act, old };
}

scene('a backup restored into an empty store: same totals, same verdicts, another epoch', async (s) => {
  const d = await s.daemon();
  const { act } = await history(d);
  const before = await everything(d);
  const { epoch, rev } = await d.totals();
  const file = path.join(s.folder, 'all.zst');
  const made = await d.ctl('backup', file);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(fs.statSync(file).mode & 0o077, 0, 'it carries the secret');
  const token = await d.admin();

  const other = await s.daemon();
  const restored = await other.ctl('restore', file);
  assert.equal(restored.code, 0, restored.stderr);
  await until(async () => (await other.totals()).epoch !== epoch && (await other.totals()).rev === rev, 'the restored figures');
  assert.deepEqual(await everything(other), before);
  assert.notEqual((await other.totals()).epoch, epoch);
  const again = await other.post([act, { ...act, title: 'else' }], { token });
  assert.equal(again.status, 200, 'the old tokens are known');
  assert.deepEqual(again.json.results.map((r) => r.status), ['duplicate', 'conflict']);
  const same = await other.post([event('reach', { activity: act.id, resident: '某某' })], { token });
  assert.equal(same.json.results[0].status, 'counted');
  assert.equal((await other.totals()).totals.residents_unique, 1, 'the same secret knows the same resident');
  assert.equal((await other.ctl('verify')).code, 0);
});

scene('a restore that comes before the store is up waits for it', async (s) => {
  const d = await s.daemon();
  await history(d);
  const before = await everything(d);
  const file = path.join(s.folder, 'all.zst');
  assert.equal((await d.ctl('backup', file)).code, 0);

  const redis = await s.redis();
  const other = await s.daemon({ redis: redis.url });
  await redis.kill();
  await until(async () => (await other.get('/readyz')).status === 503, 'the store to be missed');
  const refused = async () => Number(/^tallyd_requests_refused_total (\d+)$/m.exec((await other.get('/metrics')).text)[1]);
  const earlier = await refused();
  const restored = other.ctl('restore', file);
  await until(async () => (await refused()) > earlier, 'the restore to be turned away once');
  await redis.start();
  const { code, stderr } = await restored;
  assert.equal(code, 0, stderr);
  await until(async () => isDeepStrictEqual(await everything(other), before), 'the restored figures');
});

scene('a store that isn\'t empty, a damaged file, another alliance: refused', async (s) => {
  const d = await s.daemon();
  await history(d);
  const file = path.join(s.folder, 'all.zst');
  assert.equal((await d.ctl('backup', file)).code, 0);
  const refused = await d.ctl('restore', file);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /empty/);
  const whole = fs.readFileSync(file);
  fs.writeFileSync(file, whole.subarray(0, whole.length - 10));
  const fresh = await s.daemon();
  assert.equal((await fresh.ctl('restore', file)).code, 1);
  fs.writeFileSync(file, 'no backup at all');
  assert.equal((await fresh.ctl('restore', file)).code, 1);
  fs.writeFileSync(file, whole);
  assert.equal((await fresh.ctl('restore', file)).code, 0, 'a half restored store is restored to the end');
  assert.equal((await fresh.ctl('verify')).code, 0);
});

scene('repair rebuilds counters that were tampered with, while events go on', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  await history(d);
  const before = await everything(d);
  const { epoch } = await d.totals();
  const cells = (await redis.cli('HKEYS', 'tally:{probe}:cells')).split('\n');
  const cell = cells.find((field) => field.endsWith(' t') && !field.startsWith('U'));
  await redis.cli('HSET', 'tally:{probe}:cells', cell, '9,9,9,9,9');
  assert.equal((await d.ctl('verify')).code, 1);
  const repaired = await d.ctl('repair');
  assert.equal(repaired.code, 0, repaired.stderr);
  await until(async () => (await d.totals()).epoch !== epoch, 'the repaired figures');
  assert.deepEqual(await everything(d), before);
  assert.equal((await d.ctl('verify')).code, 0);
  await d.count(activity({ residents: 1 }));
  assert.equal((await d.ctl('verify')).code, 0);
});

scene('a store that lost what nobody holds any more is said, until a backup is restored', async (s) => {
  const redis = await s.redis();
  let d = await s.daemon({ redis: redis.url });
  await history(d);
  const file = path.join(s.folder, 'all.zst');
  assert.equal((await d.ctl('backup', file)).code, 0);
  const before = await everything(d);
  const { state } = d;
  await d.stop();
  d = await s.daemon({ redis: redis.url, state });
  // What the first life wrote is proved to be on the store's disk, and its records go.
  await until(() => fs.existsSync(path.join(state, 'proven')), 'the journal to be trimmed');
  await redis.cli('FLUSHALL');
  const down = await until(async () => {
    const ready = await d.get('/readyz');
    return ready.status === 503 && /lost/.test(ready.text) && ready;
  }, 'the loss to be said');
  assert.match(down.json.reason, /backup/);
  assert.equal((await d.ctl('restore', file)).code, 0);
  await until(async () => (await d.get('/readyz')).status === 200, 'to be ready again');
  d.lastRev = 0;
  await until(async () => isDeepStrictEqual(await everything(d), before), 'the restored figures');
});
