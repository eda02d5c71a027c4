// Which range an event falls in: by its own `at`, with days that turn over at local midnight.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { event, expectGroups, expectTotals, figures, pick, scene } from './harness.mjs';

const ZONE = 8 * 3_600_000; // Asia/Shanghai: no daylight saving time
const DAY = 86_400_000;

/** Calendar of the moment in Asia/Shanghai; waits out the last seconds of a day, so that a test's
 * day is the daemon's day to its end. */
async function calendar() {
  while ((Date.now() + ZONE) % DAY > DAY - 60_000) await pause(500);
  const local = new Date(Date.now() + ZONE);
  const [year, month, date] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const midnight = (y, m, d) => Date.UTC(y, m, d) - ZONE;
  const sinceMonday = (local.getUTCDay() + 6) % 7;
  return {
    now: Date.now(),
    today: [midnight(year, month, date), midnight(year, month, date + 1)],
    week: [midnight(year, month, date - sinceMonday), midnight(year, month, date - sinceMonday + 7)],
    month: [midnight(year, month, 1), midnight(year, month + 1, 1)],
    year: [midnight(year, 0, 1), midnight(year + 1, 0, 1)],
  };
}

const held = (at, fields) =>
  event('activity', {
    title: 't',
    community: 'm1',
    unit: 'u1',
    project: 'p1',
    residents: 1,
    at: typeof at === 'number' ? new Date(at).toISOString() : at,
    ...fields,
  });

scene('today, week, month and year hold what happened in them, to the millisecond', async (s) => {
  const d = await s.daemon();
  const ranges = await calendar();
  const moments = [ranges.now];
  for (const name of ['today', 'week', 'month', 'year']) moments.push(ranges[name][0], ranges[name][0] - 1);
  await d.count(moments.map((at) => held(at)));
  for (const name of ['today', 'week', 'month', 'year']) {
    const n = moments.filter((at) => at >= ranges[name][0] && at < ranges[name][1]).length;
    await expectTotals(d, name, { activities: n, residents: n });
    await expectGroups(d, name, 'circle', { c1: { activities: n, residents: n } });
    const { from } = await d.totals({ range: name });
    const local = new Date(ranges[name][0] + ZONE).toISOString().slice(0, 10);
    assert.equal(from.slice(0, 10), local, `from of ${name}`);
  }
  await expectTotals(d, 'all', { activities: moments.length, residents: moments.length });
});

scene('days turn over at midnight of Asia/Shanghai, whatever offset an event is written with', async (s) => {
  const d = await s.daemon();
  await d.count(
    held('2024-03-31T15:59:59.999Z'),
    held('2024-03-31T16:00:00Z'),
    held('2024-04-01T23:59:59.999+08:00'),
    held('2024-04-01T12:00:00-04:00'),
    held('2024-03-31T23:59:59.999999+08:00'),
  );
  await expectTotals(d, '2024-03-31', { activities: 2, residents: 2 });
  await expectTotals(d, '2024-04-01', { activities: 2, residents: 2 });
  await expectTotals(d, '2024-04-02', { activities: 1, residents: 1 });
  await expectTotals(d, '2024-03', { activities: 2, residents: 2 });
  await expectTotals(d, '2024-04', { activities: 3, residents: 3 });
});

scene('another time zone turns its own days over, across its change of clocks', async (s) => {
  const d = await s.daemon({ config: { alliance: { time_zone: 'America/New_York' } } });
  await d.count(
    held('2024-03-10T04:59:59Z'),
    held('2024-03-10T05:00:00Z'),
    held('2024-03-11T03:59:59Z'),
    held('2024-03-11T04:00:00Z'),
  );
  await expectTotals(d, '2024-03-09', { activities: 1, residents: 1 });
  await expectTotals(d, '2024-03-10', { activities: 2, residents: 2 });
  await expectTotals(d, '2024-03-11', { activities: 1, residents: 1 });
});

scene('years, months and days add up, leap day and old years too, in every dimension', async (s) => {
  const d = await s.daemon();
  await d.count(
    held('2024-02-29T12:00:00+08:00'),
    held('2024-02-28T12:00:00+08:00'),
    held('2023-12-31T23:59:59+08:00'),
    held('2024-01-01T00:00:00+08:00'),
    held('1999-06-01T00:00:00Z'),
  );
  for (const [range, n] of [
    ['2024', 3],
    ['2023', 1],
    ['2022', 0],
    ['1999', 1],
    ['2024-02', 2],
    ['2024-01', 1],
    ['2024-12', 0],
    ['2023-12', 1],
    ['2024-02-29', 1],
    ['2024-02-27', 0],
    ['all', 5],
  ]) {
    const some = { activities: n, residents: n };
    await expectTotals(d, range, some);
    for (const [by, id] of [
      ['circle', 'c1'],
      ['community', 'm1'],
      ['unit', 'u1'],
      ['project', 'p1'],
      ['category', 'k1'],
    ]) {
      await expectGroups(d, range, by, { [id]: some });
    }
  }
  const february = await d.totals({ range: '2024-02' });
  assert.equal(february.from.slice(0, 10), '2024-02-01');
  assert.match(february.to, /^2024-(02-29|03-01)/);
});

scene('an event that comes late counts in the day on which it happened', async (s) => {
  const d = await s.daemon();
  const old = held('2024-05-05T12:00:00+08:00');
  await d.count(held('2024-06-01T12:00:00+08:00'));
  await d.count(old, event('reach', { activity: old.id, residents: 10, at: '2024-05-07T08:00:00+08:00' }));
  await expectTotals(d, '2024-05-05', { activities: 1, residents: 1 });
  await expectTotals(d, '2024-05-07', { residents: 10 });
  await expectTotals(d, 'today', {});
  await d.count(event('void', { of: old.id, reason: 'x', at: '2024-06-02T12:00:00+08:00' }));
  for (const range of ['2024-05-05', '2024-05-07', '2024-05', '2024-06-02']) await expectTotals(d, range, {});
  await expectTotals(d, '2024', { activities: 1, residents: 1 });
});

scene('a problem counts as raised on one day and as solved on another', async (s) => {
  const d = await s.daemon();
  await d.count(
    event('problem', {
      problem: 'q',
      status: 'raised',
      title: 't',
      community: 'm3',
      at: '2024-07-01T09:00:00+08:00',
    }),
  );
  await d.count(
    event('problem', { problem: 'q', status: 'solved', unit: 'u1', at: '2024-08-01T09:00:00+08:00' }),
  );
  await expectTotals(d, '2024-07', { problems_raised: 1 });
  await expectTotals(d, '2024-08', { problems_solved: 1 });
  await expectGroups(d, '2024-08-01', 'circle', { c2: { problems_solved: 1 } });
});

scene('unique residents are estimated in each range and dimension', async (s) => {
  const d = await s.daemon();
  const days = ['2024-03-01', '2024-03-02', '2024-04-01'];
  const activities = days.map((day, i) =>
    held(`${day}T09:00:00+08:00`, { residents: 0, community: ['m1', 'm3', 'm1'][i] }),
  );
  await d.count(activities);
  const reaches = activities.flatMap((activity, i) =>
    Array.from({ length: 40 }, (_, n) =>
      event('reach', { activity: activity.id, resident: `resident-${n + i * 20}`, at: activity.at }),
    ),
  );
  await d.count(reaches);
  const near = (got, want) => assert.ok(Math.abs(got - want) <= 3, `${got} is near ${want}`);
  for (const [range, unique] of [
    ['2024-03-01', 40],
    ['2024-03', 60],
    ['2024', 80],
    ['all', 80],
    ['2023', 0],
  ]) {
    near((await d.totals({ range })).totals.residents_unique, unique);
  }
  const groups = (await d.totals({ range: '2024', by: 'community' })).groups;
  near(groups.find((g) => g.id === 'm1').residents_unique, 80);
  near(groups.find((g) => g.id === 'm3').residents_unique, 40);
  near(
    (await d.totals({ range: '2024', by: 'unit' })).groups.find((g) => g.id === 'u1').residents_unique,
    80,
  );
});

scene('the answer says what it shows: epoch, revision, moment, range', async (s) => {
  const d = await s.daemon();
  const empty = await d.totals();
  assert.equal(empty.range, 'all');
  assert.ok(typeof empty.epoch === 'string' && empty.epoch.length > 0);
  assert.ok(Number.isInteger(empty.rev));
  assert.deepEqual(empty.groups, []);
  assert.deepEqual(pick(empty.totals), figures());
  assert.ok(Math.abs(Date.parse(empty.as_of) - Date.now()) < 600_000, empty.as_of);
  assert.match(empty.as_of, /(Z|[+-]\d\d:\d\d)$/);
  await d.count(held('2024-03-01T00:00:00Z'));
  const after = await d.totals({ range: '2024-03' });
  assert.equal(after.range, '2024-03');
  assert.equal(after.epoch, empty.epoch);
  assert.ok(after.rev > empty.rev);
});
