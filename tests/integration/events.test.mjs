// What each kind of event counts, in every dimension; ids, duplicates and conflicts; and the ways
// to look behind a figure.
import assert from 'node:assert/strict';
import { DIMENSIONS, event, expectGroups, expectTotals, figures, scene } from './harness.mjs';

/** Asserts one figure set in `all` and in each dimension; DIMS: {circle: 'c1', …}. */
async function expectEverywhere(d, some, dims) {
  await expectTotals(d, 'all', some);
  for (const by of DIMENSIONS) {
    await expectGroups(d, 'all', by, dims[by] ? { [dims[by]]: some } : {});
  }
}

scene('an activity counts itself and its residents in every dimension it names', async (s) => {
  const d = await s.daemon();
  await d.count(
    event('activity', {
      title: '义诊',
      community: 'm1',
      unit: 'u1',
      project: 'p1',
      venue: 'hall',
      residents: 30,
    }),
  );
  await expectEverywhere(
    d,
    { activities: 1, residents: 30 },
    { circle: 'c1', community: 'm1', unit: 'u1', project: 'p1', category: 'k1' },
  );
});

scene('an activity of a unit alone counts for no community and no circle', async (s) => {
  const d = await s.daemon();
  await d.count(event('activity', { title: '讲座', unit: 'u2', residents: 100_000 }));
  await expectEverywhere(d, { activities: 1, residents: 100_000 }, { unit: 'u2' });
});

scene('an activity without residents, in a community alone', async (s) => {
  const d = await s.daemon();
  await d.count(
    event('activity', { title: '巡逻', community: 'm5' }),
    event('activity', { title: '巡逻', community: 'm5', residents: 0 }),
  );
  await expectEverywhere(d, { activities: 2 }, { community: 'm5', circle: 'c3' });
});

scene('a reach counts where its activity counts', async (s) => {
  const d = await s.daemon();
  const held = event('activity', { title: '集市', community: 'm3', unit: 'u3', project: 'p3' });
  await d.count(
    held,
    event('reach', { activity: held.id, residents: 12 }),
    event('reach', { activity: held.id, residents: 8 }),
  );
  await expectEverywhere(
    d,
    { activities: 1, residents: 20 },
    { circle: 'c2', community: 'm3', unit: 'u3', project: 'p3', category: 'k2' },
  );
});

scene('a resident counts once an activity, and once among the unique ones', async (s) => {
  const d = await s.daemon();
  const [first, second] = [
    event('activity', { title: '甲', community: 'm1' }),
    event('activity', { title: '乙', community: 'm3' }),
  ];
  const reach = (activity, resident) => event('reach', { activity: activity.id, resident });
  await d.count(first, second);
  await d.count(reach(first, '张三'), reach(first, '张三'), reach(second, '张三'));
  await expectTotals(d, 'all', { activities: 2, residents: 2, residents_unique: 1 });
  await expectGroups(d, 'all', 'community', {
    m1: { activities: 1, residents: 1, residents_unique: 1 },
    m3: { activities: 1, residents: 1, residents_unique: 1 },
  });
});

scene('a problem counts once raised and once solved, whatever is said again', async (s) => {
  const d = await s.daemon();
  const says = (status, fields) => event('problem', { problem: 'lamp-7', status, ...fields });
  await d.count(says('raised', { title: '路灯不亮', community: 'm2' }));
  await expectEverywhere(d, { problems_raised: 1 }, { community: 'm2', circle: 'c1' });
  await d.count(says('claimed', { unit: 'u4' }));
  await expectEverywhere(d, { problems_raised: 1 }, { community: 'm2', circle: 'c1' });
  await d.count(says('solved', { unit: 'u4' }));
  await d.send(says('raised', { title: '路灯不亮', community: 'm2' }), says('solved', { unit: 'u4' }));
  await expectTotals(d, 'all', { problems_raised: 1, problems_solved: 1 });
  await expectGroups(d, 'all', 'community', { m2: { problems_raised: 1, problems_solved: 1 } });
  await expectGroups(d, 'all', 'circle', { c1: { problems_raised: 1, problems_solved: 1 } });
  await expectGroups(d, 'all', 'unit', { u4: { problems_solved: 1 } });
});

scene('a plan counts nothing, and an activity may fulfil it', async (s) => {
  const d = await s.daemon();
  const plan = {
    plan: 'spring',
    title: '春游',
    starts: '2024-04-01T09:00:00+08:00',
    community: 'm1',
    unit: 'u1',
  };
  await d.count(event('plan', plan), event('plan', { ...plan, cancelled: true }));
  await expectTotals(d, 'all', {});
  await d.count(event('activity', { title: '春游', community: 'm1', plan: 'spring' }));
  await expectTotals(d, 'all', { activities: 1 });
});

scene('an opening adds balances to all only, where it says', async (s) => {
  const d = await s.daemon();
  const metrics = {
    activities: 300,
    venues: 12,
    residents: 10_000,
    problems_raised: 460,
    problems_solved: 450,
  };
  await d.count(event('opening', { metrics }));
  await expectEverywhere(d, metrics, {});
  await expectTotals(d, '2024', {});
  await expectTotals(d, '2024-03-15', {});
  await d.count(
    event('opening', { metrics: { activities: 5 }, community: 'm4' }),
    event('opening', { metrics: { residents: 7 }, project: 'p3' }),
    event('opening', { metrics: { venues: 2 }, circle: 'c1' }),
    event('opening', { metrics: { activities: 1 }, unit: 'u1' }),
  );
  await expectGroups(d, 'all', 'circle', { c2: { activities: 5 }, c1: { venues: 2 } });
  await expectGroups(d, 'all', 'community', { m4: { activities: 5 } });
  await expectGroups(d, 'all', 'category', { k2: { residents: 7 } });
  await expectGroups(d, 'all', 'project', { p3: { residents: 7 } });
  await expectGroups(d, 'all', 'unit', { u1: { activities: 1 } });
  await expectTotals(d, 'all', { ...metrics, activities: 306, residents: 10_007, venues: 14 });
});

scene('balances that go beyond every measure are counted to the last digit, and stop nothing', async (s) => {
  const d = await s.daemon();
  const most = 1_000_000_000_000; // of one opening
  await d.count(...Array.from({ length: 99 }, () => event('opening', { metrics: { residents: most } })));
  await d.count(event('opening', { metrics: { residents: most } }));
  await d.count(event('opening', { metrics: { residents: most - 1 } }));
  await d.count(event('activity', { title: '春游', community: 'm1', residents: 3 }));
  await expectTotals(d, 'all', { activities: 1, residents: 101 * most + 2 });
  assert.equal((await d.ctl('verify')).code, 0);
  await d.stop();
  await d.restart();
  await expectTotals(d, 'all', { activities: 1, residents: 101 * most + 2 });
});

scene('a void takes an event back; an activity goes together with its reaches', async (s) => {
  const d = await s.daemon();
  const [kept, gone] = [
    event('activity', { title: '留', community: 'm1', residents: 5 }),
    event('activity', { title: '误', community: 'm1', unit: 'u1', residents: 40 }),
  ];
  const reaches = [
    event('reach', { activity: gone.id, residents: 9 }),
    event('reach', { activity: gone.id, residents: 3 }),
  ];
  await d.count(kept, gone, ...reaches);
  await d.count(event('void', { of: reaches[0].id, reason: '重复登记' }));
  await expectTotals(d, 'all', { activities: 2, residents: 48 });
  await d.count(event('void', { of: gone.id, reason: '填错' }));
  await expectTotals(d, 'all', { activities: 1, residents: 5 });
  await expectGroups(d, 'all', 'unit', {});
  assert.deepEqual(await d.send(event('reach', { activity: gone.id, residents: 2 })), ['conflict']);
  await expectTotals(d, '2024-03', { activities: 1, residents: 5 });
});

scene('a void of an opening or of a solved problem takes its counts back', async (s) => {
  const d = await s.daemon();
  const opening = event('opening', { metrics: { residents: 50 }, unit: 'u1' });
  const raised = event('problem', { problem: 'q', status: 'raised', title: '噪音', community: 'm1' });
  const solved = event('problem', { problem: 'q', status: 'solved', unit: 'u2' });
  await d.count(opening, raised, solved);
  await d.count(
    event('void', { of: opening.id, reason: 'x' }),
    event('void', { of: solved.id, reason: 'x' }),
  );
  await expectTotals(d, 'all', { problems_raised: 1 });
  await expectGroups(d, 'all', 'unit', {});
});

scene('the same id with the same content is a duplicate, however it is spelt', async (s) => {
  const d = await s.daemon();
  const first = event('activity', {
    title: '义诊',
    community: 'm1',
    unit: 'u1',
    residents: 3,
    at: '2024-04-01T00:00:00+08:00',
  });
  await d.count(first);
  const turned = Object.fromEntries(Object.entries(first).reverse());
  const escaped = JSON.stringify(first).replace('义', '\\u4e49');
  assert.deepEqual(await d.send(first, turned), ['duplicate', 'duplicate']);
  for (const at of ['2024-03-31T16:00:00Z', '2024-03-31T16:00:00.000z', '2024-03-31t12:00:00-04:00']) {
    assert.deepEqual(await d.send({ ...first, at }), ['duplicate'], at);
  }
  assert.equal((await d.post(escaped)).json.results[0].status, 'duplicate');
  assert.equal(
    (await d.post(`${JSON.stringify(first)}\n`, { type: 'application/x-ndjson' })).json.results[0].status,
    'duplicate',
  );
  assert.deepEqual(await d.send(event('activity', { title: 't', community: 'm2' }), first), [
    'counted',
    'duplicate',
  ]);
  await expectTotals(d, 'all', { activities: 2, residents: 3 });
});

scene('every kind sent again in another spelling of the same content is a duplicate', async (s) => {
  const d = await s.daemon();
  const held = event('activity', { title: 't', community: 'm1' });
  const all = [
    held,
    event('reach', { activity: held.id, resident: 'r-1' }),
    event('venue', { venue: 'v', shared: true, name: '书房', unit: 'u1' }),
    event('problem', { problem: 'p', status: 'raised', title: 't', community: 'm1' }),
    event('plan', { plan: 'n', title: 't', starts: '2024-04-01T00:00:00+08:00', unit: 'u1' }),
    event('opening', { metrics: { activities: 1, venues: 2 } }),
    event('void', { of: held.id, reason: '误' }),
  ];
  await d.count(...all);
  const again = all.map((e) => ({
    ...e,
    at: '2024-03-15T02:00:00.0Z',
    ...(e.starts && { starts: '2024-03-31T16:00:00Z' }),
    ...(e.metrics && { metrics: { venues: 2, activities: 1 } }),
  }));
  assert.deepEqual(
    await d.send(...again),
    all.map(() => 'duplicate'),
  );
});

scene('the same id with other content is a conflict with a message, and counts nothing', async (s) => {
  const d = await s.daemon();
  const first = event('activity', { title: '义诊', community: 'm1', residents: 3 });
  await d.count(first);
  const others = [
    { ...first, residents: 4 },
    { ...first, title: '义诊 ' },
    { ...first, community: 'm2' },
    { ...first, unit: 'u1' },
    { ...first, at: '2024-03-15T10:00:00.001+08:00' },
    { id: first.id, kind: 'activity', at: first.at, title: first.title, community: 'm1' },
    { ...event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1' }), id: first.id },
    { ...event('void', { of: first.id, reason: 'x' }), id: first.id },
  ];
  const answer = await d.post(others);
  assert.equal(answer.status, 200);
  for (const result of answer.json.results) {
    assert.deepEqual([result.id, result.status], [first.id, 'conflict']);
    assert.ok(result.message.length > 0);
  }
  assert.deepEqual(await d.send(first), ['duplicate']);
  await expectTotals(d, 'all', { activities: 1, residents: 3 });
});

scene('two residents under one id are other content', async (s) => {
  const d = await s.daemon();
  const held = event('activity', { title: 't', community: 'm1' });
  const reach = event('reach', { activity: held.id, resident: '李四' });
  await d.count(held, reach);
  assert.deepEqual(await d.send({ ...reach, resident: '王五' }, reach), ['conflict', 'duplicate']);
});

scene('duplicates and conflicts inside one request are judged in its order', async (s) => {
  const d = await s.daemon();
  const first = event('activity', { title: 't', community: 'm1', residents: 2 });
  assert.deepEqual(
    await d.send(
      first,
      first,
      { ...first, residents: 3 },
      event('reach', { activity: first.id, residents: 4 }),
      event('void', { of: first.id, reason: 'x' }),
      event('reach', { activity: first.id, residents: 5 }),
    ),
    ['counted', 'duplicate', 'conflict', 'counted', 'counted', 'conflict'],
  );
  await expectTotals(d, 'all', {});
});

scene('reaches and voids of what is unknown or void are conflicts', async (s) => {
  const d = await s.daemon();
  const held = event('activity', { title: 't', community: 'm1' });
  const taken = event('void', { of: held.id, reason: 'x' });
  await d.count(held, taken);
  const statuses = await d.send(
    event('reach', { activity: 'nobody', residents: 1 }),
    event('reach', { activity: taken.id, residents: 1 }),
    event('void', { of: 'nobody', reason: 'x' }),
    event('void', { of: held.id, reason: 'again' }),
    event('void', { of: taken.id, reason: 'x' }),
  );
  assert.deepEqual(
    statuses,
    statuses.map(() => 'conflict'),
  );
  await expectTotals(d, 'all', {});
});

scene('a reach of an event that is no activity is a conflict', async (s) => {
  const d = await s.daemon();
  const venue = event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1' });
  await d.count(venue);
  assert.deepEqual(await d.send(event('reach', { activity: venue.id, residents: 1 })), ['conflict']);
});

scene('a problem solved before it was raised is a conflict, and can be said again later', async (s) => {
  const d = await s.daemon();
  const raised = event('problem', { problem: 'q', status: 'raised', title: 't', community: 'm1' });
  const solved = event('problem', { problem: 'q', status: 'solved' });
  assert.deepEqual(await d.send(solved, raised), ['conflict', 'counted']);
  await expectTotals(d, 'all', { problems_raised: 1 });
  assert.deepEqual(await d.send(solved), ['counted']);
  await expectTotals(d, 'all', figures({ problems_raised: 1, problems_solved: 1 }));
});
