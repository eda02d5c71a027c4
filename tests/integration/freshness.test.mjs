// as_of: the last instant at which what is shown was known to be all that the store held. It is
// proven from the store to the screen, and never made by asking.
import assert from 'node:assert/strict';
import { clockAt, event, figures, pick, scene, until } from './harness.mjs';
import { Proxy } from './proxy.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });
const asOf = async (d) => Date.parse((await d.api('/totals')).as_of);

scene('while nothing happens, as_of goes on: the store is asked, and has nothing more', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const first = await asOf(d);
  await until(async () => (await asOf(d)) > first + 1_000, 'as_of to go on');
  assert.ok((await asOf(d)) <= Date.now());
  const { as_of: shown } = await (await s.screen(d)).type('snapshot');
  assert.ok(Date.parse(shown) > first, 'a screen that comes later is told a later as_of');
});

scene('once the store is gone, as_of stands still, however often it is asked for', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const screen = await s.screen(d);
  await store.kill();
  const gone = Date.now();
  const status = await screen.next((m) => m.type === 'status' && m.store === 'down', 'store down');
  const stood = Date.parse(status.as_of);
  assert.ok(stood <= gone, `as of ${status.as_of}`);
  await until(() => Date.now() > gone + 1_500, 'some time to pass');
  assert.equal(await asOf(d), stood);
  const late = await s.screen(d);
  assert.equal(Date.parse((await late.type('snapshot')).as_of), stood);
  await store.start();
  await screen.next((m) => m.type === 'status' && m.store === 'up', 'store up');
  await until(async () => (await asOf(d)) > gone, 'as_of to go on');
});

scene('a stream of changes that died silently is seen: as_of stands still, and it is said', async (s) => {
  const store = await s.redis();
  const proxy = await new Proxy(store).open();
  const d = await s.daemon({ redis: proxy.url });
  const other = await s.daemon({ redis: store.url });
  const screen = await s.screen(d);
  await other.count(activity());
  d.lastRev = other.lastRev;
  await screen.shows(other.lastRev);
  const shown = await d.totals();

  proxy.hush();
  const hushed = other.lastRev;
  await other.count(activity(), activity({ community: 'm2' }));
  const counted = Date.now();
  const status = await screen.next((m) => m.type === 'status' && m.store === 'down', 'store down');
  assert.match(status.reason, /the stream of changes has stopped/);
  assert.ok(Date.parse(status.as_of) <= counted, 'it claims nothing from after what it has missed');
  await other.count(activity());
  const still = await d.api('/totals');
  assert.deepEqual([still.rev, still.as_of], [hushed, status.as_of]);
  assert.deepEqual(still.totals, shown.totals);
  assert.equal((await d.get('/readyz')).status, 503);

  proxy.mend();
  const mended = Date.now();
  await screen.next((m) => m.type === 'status' && m.store === 'up', 'store up');
  await screen.shows(other.lastRev);
  screen.fine();
  assert.deepEqual(pick(screen.views[0].totals), figures({ activities: 4, residents: 8 }));
  await until(async () => (await asOf(d)) > mended, 'as_of to go on');
  await d.stop();
  proxy.close();
});

scene('today turns over at midnight by the clock, whether the store is there or not', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url, env: clockAt('2024-06-01 23:59:48') });
  await d.count(activity({ at: '2024-06-01T23:00:00+08:00' }));
  await d.totals();
  const screen = await s.screen(d);
  const before = await screen.look({ range: 'today' });
  assert.deepEqual(pick(before.views[0].totals), figures({ activities: 1, residents: 2 }));
  await store.kill();
  const after = await screen.type('snapshot');
  assert.deepEqual(pick(after.views[0].totals), figures());
  assert.match(after.as_of, /^2024-06-01T/, 'nothing is known of the new day yet');
  const day = await d.api('/totals?range=today');
  assert.deepEqual([day.from, day.to], ['2024-06-02', '2024-06-02']);
});
