// Shared venues are a state, not a flow: the event with the greatest `at`, then the greatest id,
// says whether a venue is shared, whatever the order of arrival.
import assert from 'node:assert/strict';
import { event, expectGroups, expectTotals, scene } from './harness.mjs';

const shared = (venue, at, fields = {}) =>
  event('venue', { venue, shared: true, name: '书房', community: 'm1', at, ...fields });
const closed = (venue, at, fields = {}) => event('venue', { venue, shared: false, at, ...fields });
const day = (n) => `2024-05-${String(n).padStart(2, '0')}T09:00:00+08:00`;
const venues = (n) => (n ? { venues: n } : {});

scene('a shared venue counts once while it is shared, where it is', async (s) => {
  const d = await s.daemon();
  await d.count(shared('v1', day(1), { unit: 'u1' }), shared('v2', day(2), { community: 'm3' }));
  await expectTotals(d, 'all', venues(2));
  await d.count(shared('v1', day(3), { unit: 'u1' }), closed('v2', day(4)), closed('v3', day(4)));
  await expectTotals(d, 'all', venues(1));
  await expectGroups(d, 'all', 'circle', { c1: venues(1) });
  await expectGroups(d, 'all', 'community', { m1: venues(1) });
  await expectGroups(d, 'all', 'unit', { u1: venues(1) });
  await expectGroups(d, 'all', 'project', {});
  await d.count(shared('v2', day(5), { community: 'm3' }));
  await expectTotals(d, 'all', venues(2));
});

scene('a venue is counted where its newest event places it', async (s) => {
  const d = await s.daemon();
  await d.count(shared('v', day(1), { unit: 'u1' }), shared('v', day(3), { community: 'm3', unit: 'u2' }));
  await expectTotals(d, 'all', venues(1));
  await expectGroups(d, 'all', 'circle', { c2: venues(1) });
  await expectGroups(d, 'all', 'unit', { u2: venues(1) });
  await expectGroups(d, '2024-05-02', 'unit', { u1: venues(1) });
  await expectGroups(d, '2024-05-02', 'circle', { c1: venues(1) });
});

scene('the order of arrival does not matter', async (s) => {
  const d = await s.daemon();
  await d.count(closed('v', day(10)));
  await d.count(shared('v', day(5)));
  await expectTotals(d, 'all', {});
  await d.count(shared('v', day(12)));
  await expectTotals(d, 'all', venues(1));
  await d.count(closed('v', day(11)), closed('v', day(7)));
  await expectTotals(d, 'all', venues(1));
  for (const [date, n] of [
    [4, 0],
    [5, 1],
    [6, 1],
    [7, 0],
    [9, 0],
    [10, 0],
    [11, 0],
    [12, 1],
    [31, 1],
  ]) {
    await expectTotals(d, `2024-05-${String(date).padStart(2, '0')}`, venues(n));
  }
});

scene('every order of the same five events ends in the same figures', async (s) => {
  const d = await s.daemon();
  const story = [
    [1, true, 'm1'],
    [2, false],
    [3, true, 'm3'],
    [3, true, 'm5'],
    [6, false],
  ];
  const orders = [
    [0, 1, 2, 3, 4],
    [4, 3, 2, 1, 0],
    [2, 4, 0, 3, 1],
    [3, 0, 4, 1, 2],
    [1, 4, 2, 0, 3],
  ];
  for (const [n, order] of orders.entries()) {
    const events = story.map(([date, is, community], i) => ({
      ...(is ? shared(`v${n}`, day(date), { community }) : closed(`v${n}`, day(date))),
      id: `o${n}-${i}`,
    }));
    for (const i of order) await d.count(events[i]);
  }
  await expectTotals(d, 'all', {});
  for (const [date, community] of [
    [1, 'm1'],
    [2, null],
    [3, 'm5'],
    [5, 'm5'],
    [6, null],
  ]) {
    await expectGroups(d, `2024-05-0${date}`, 'community', community ? { [community]: venues(5) } : {});
  }
});

scene('at the same instant the greatest id decides', async (s) => {
  const d = await s.daemon();
  await d.count({ ...closed('v', day(1)), id: 'b' }, { ...shared('v', day(1)), id: 'a' });
  await expectTotals(d, 'all', {});
  await d.count({ ...shared('v', '2024-05-01T01:00:00Z'), id: 'c' });
  await expectTotals(d, 'all', venues(1));
  await d.count({ ...closed('w', day(1)), id: 'z' }, { ...shared('w', day(1)), id: 'Z' });
  await expectTotals(d, 'all', venues(1));
});

scene('a microsecond later is later', async (s) => {
  const d = await s.daemon();
  await d.count(
    { ...shared('v', '2024-05-01T09:00:00.000002Z'), id: 'a' },
    { ...closed('v', '2024-05-01T09:00:00.000001Z'), id: 'b' },
  );
  await expectTotals(d, 'all', venues(1));
});

scene('in a range it is how many are shared at its end', async (s) => {
  const d = await s.daemon();
  await d.count(
    shared('v1', '2023-11-01T09:00:00+08:00'),
    shared('v2', '2024-02-10T09:00:00+08:00'),
    closed('v1', '2024-03-31T23:59:59+08:00'),
    shared('v3', '2024-04-01T00:00:00+08:00'),
    closed('v2', '2025-01-01T00:00:00+08:00'),
  );
  for (const [range, n] of [
    ['2022', 0],
    ['2023-10', 0],
    ['2023', 1],
    ['2024-01', 1],
    ['2024-02', 2],
    ['2024-03-30', 2],
    ['2024-03-31', 1],
    ['2024-03', 1],
    ['2024-04', 2],
    ['2024', 2],
    ['2025', 1],
    ['all', 1],
    ['today', 1],
    ['week', 1],
    ['month', 1],
    ['year', 1],
  ]) {
    await expectTotals(d, range, venues(n));
  }
});

scene('a void restores what was before', async (s) => {
  const d = await s.daemon();
  const [opened, moved, shut] = [
    shared('v', day(1), { unit: 'u1' }),
    shared('v', day(3), { unit: 'u2' }),
    closed('v', day(5)),
  ];
  await d.count(opened, moved, shut);
  await expectTotals(d, 'all', {});
  const take = (target) => d.count(event('void', { of: target.id, reason: 'x' }));
  await take(shut);
  await expectGroups(d, 'all', 'unit', { u2: venues(1) });
  await take(moved);
  await expectGroups(d, 'all', 'unit', { u1: venues(1) });
  await expectTotals(d, '2024-05-31', venues(1));
  await take(opened);
  await expectTotals(d, 'all', {});
  await expectTotals(d, '2024-05-02', {});
});

scene('a void of an event that did not decide changes nothing until it matters', async (s) => {
  const d = await s.daemon();
  const [first, second, third] = [
    shared('v', day(1)),
    closed('v', day(2)),
    shared('v', day(3), { community: 'm5' }),
  ];
  await d.count(third, second, first);
  await d.count(event('void', { of: second.id, reason: 'x' }));
  await expectGroups(d, 'all', 'community', { m5: venues(1) });
  await expectGroups(d, '2024-05-02', 'community', { m1: venues(1) });
  await d.count(event('void', { of: third.id, reason: 'x' }));
  await expectGroups(d, 'all', 'community', { m1: venues(1) });
});

scene('many changes of one venue in one request', async (s) => {
  const d = await s.daemon();
  const events = Array.from({ length: 400 }, (_, i) => {
    const at = new Date(Date.UTC(2024, 0, 1 + ((i * 37) % 300))).toISOString();
    return {
      ...(i % 3 ? shared('v', at, { community: `m${1 + (i % 5)}` }) : closed('v', at)),
      id: `x${String(i).padStart(3, '0')}`,
    };
  });
  await d.count(events);
  const at = (e) => Date.parse(e.at);
  const newest = (end) =>
    events
      .filter((e) => at(e) < end)
      .sort((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1))
      .at(-1);
  for (let month = 1; month <= 11; month += 1) {
    const last = newest(Date.UTC(2024, month, 1) - 8 * 3_600_000);
    await expectGroups(
      d,
      `2024-${String(month).padStart(2, '0')}`,
      'community',
      last.shared ? { [last.community]: venues(1) } : {},
    );
  }
});

scene('an opening balance of venues adds to what is shared', async (s) => {
  const d = await s.daemon();
  await d.count(
    event('opening', { metrics: { venues: 120 }, at: '2022-09-20T00:00:00+08:00' }),
    shared('v', day(1)),
  );
  await expectTotals(d, 'all', venues(121));
  await expectTotals(d, '2024', venues(1));
  assert.deepEqual(await d.send(event('venue', { venue: 'v', shared: false, at: day(2) })), ['counted']);
  await expectTotals(d, 'all', venues(120));
});
