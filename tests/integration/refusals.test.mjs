// Every event that is well-formed but not valid is refused with 422, saying what, where and, in
// the reader's language, why; and then nothing of the request counts.
import assert from 'node:assert/strict';
import { event, expectTotals, scene } from './harness.mjs';
import { signedIn } from './person.mjs';

const AT = '2024-03-15T10:00:00+08:00';
const HAN = /\p{Script=Han}/u;
const without = (base, ...names) =>
  Object.fromEntries(Object.entries(base).filter(([name]) => !names.includes(name)));

const activity = { id: 'x', kind: 'activity', at: AT, title: '义诊', community: 'm1', residents: 3 };
const reach = { id: 'x', kind: 'reach', at: AT, activity: 'held', residents: 1 };
const venue = { id: 'x', kind: 'venue', at: AT, venue: 'v', shared: true, name: '书房', community: 'm1' };
const raised = {
  id: 'x',
  kind: 'problem',
  at: AT,
  problem: 'q',
  status: 'raised',
  title: 't',
  community: 'm1',
};
const plan = { id: 'x', kind: 'plan', at: AT, plan: 'n', title: 't', starts: AT, unit: 'u1' };
const opening = { id: 'x', kind: 'opening', at: AT, metrics: { activities: 1 } };
const taken = { id: 'x', kind: 'void', at: AT, of: 'held', reason: '误' };

const soon = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
const emoji = (n) => '👩'.repeat(n);

// [what is wrong, the event, the field that must be named (null: any or none)]
const FAULTS = [
  ...['id', 'kind', 'at', 'title'].map((name) => [`no ${name}`, without(activity, name), name]),
  ['neither community nor unit', without(activity, 'community'), null],
  ...['', 'a b', 'a/b', 'é', '编号', 'a'.repeat(65), 'a\n'].map((id) => [
    `id ${JSON.stringify(id).slice(0, 12)}`,
    { ...activity, id },
    'id',
  ]),
  ...[7, null, true, ['a'], { a: 1 }].map((id) => [
    `id of type ${JSON.stringify(id)}`,
    { ...activity, id },
    'id',
  ]),
  ...['walk', 'Activity', '', 'activity ', 'constructor'].map((kind) => [
    `kind "${kind}"`,
    { ...activity, kind },
    'kind',
  ]),
  ...[1, null, ['activity'], {}].map((kind) => [
    `kind ${JSON.stringify(kind)}`,
    { ...activity, kind },
    'kind',
  ]),
  ...[
    '2024-03-15T10:00:00',
    '2024-03-15',
    '10:00:00Z',
    '2024-02-30T10:00:00Z',
    '2023-02-29T10:00:00Z',
    '2024-13-01T10:00:00Z',
    '2024-03-15T24:00:00Z',
    '2024-03-15T10:60:00Z',
    '2024-03-15T10:00:61Z',
    '2024-03-15T10:00Z',
    '2024-03-15T10:00:00+0800',
    '2024-03-15T10:00:00+8:00',
    '2024-03-15T10:00:00+24:00',
    '2024-03-15T10:00:00.Z',
    '2024-3-15T10:00:00Z',
    ' 2024-03-15T10:00:00Z',
    '2024-03-15T10:00:00Z ',
    '15.03.2024',
    'now',
    '',
    '12024-03-15T10:00:00Z',
    '2024-03-15T10:00:00CST',
    '2024-00-10T10:00:00Z',
    '２０２４-03-15T10:00:00Z',
  ].map((at) => [`at "${at}"`, { ...activity, at }, 'at']),
  ...[1710468000, null, true, {}].map((at) => [`at ${JSON.stringify(at)}`, { ...activity, at }, 'at']),
  ['at 11 minutes ahead', { ...activity, at: soon(11) }, 'at'],
  ['at next year', { ...activity, at: soon(600_000) }, 'at'],
  ...['5', '', -1, 1.5, 100_001, 9_007_199_254_740_993, 1e300, null, true, [5], {}].map((residents) => [
    `residents ${JSON.stringify(residents)}`,
    { ...activity, residents },
    'residents',
  ]),
  ...[-1, 0.5, 100_001, '1', null].map((residents) => [
    `reached residents ${JSON.stringify(residents)}`,
    { ...reach, residents },
    'residents',
  ]),
  ...[5, null, {}, ['m1']].map((community) => [
    `community ${JSON.stringify(community)}`,
    { ...activity, community },
    'community',
  ]),
  ['an unknown community', { ...activity, community: 'm99' }, 'community'],
  ['a community by its name', { ...activity, community: '社区一' }, 'community'],
  ['a community in the wrong case', { ...activity, community: 'M1' }, 'community'],
  ['an unknown unit', { ...activity, unit: 'u99' }, 'unit'],
  ['an unknown project', { ...activity, project: 'p99' }, 'project'],
  ['a circle on an activity', { ...activity, circle: 'c1' }, 'circle'],
  ['a category on an activity', { ...activity, category: 'k1' }, 'category'],
  ['an unknown field', { ...activity, foo: 1 }, 'foo'],
  ['an unknown field of null', { ...activity, foo: null }, 'foo'],
  ['a field in the wrong case', { ...activity, Title: 'x' }, 'Title'],
  ['an empty key', { ...activity, '': 1 }, null],
  ['__proto__', JSON.parse(JSON.stringify(activity).replace('{', '{"__proto__":1,')), '__proto__'],
  ["another kind's field", { ...activity, shared: true }, 'shared'],
  ['title of 201 characters', { ...activity, title: '汉'.repeat(201) }, 'title'],
  ['title of 201 emoji', { ...activity, title: emoji(201) }, 'title'],
  ...['\n', '\t', '\u0001', '\u001f', '\u007f', '\u0085', '\u009f'].map((c) => [
    `title with ${JSON.stringify(c)}`,
    { ...activity, title: `a${c}b` },
    'title',
  ]),
  ...[5, null, true, ['t'], {}].map((title) => [
    `title ${JSON.stringify(title)}`,
    { ...activity, title },
    'title',
  ]),
  ['reach without activity', without(reach, 'activity'), 'activity'],
  ['reach with neither', without(reach, 'residents'), null],
  ['reach with both', { ...reach, resident: 'r' }, null],
  ['resident of 201 characters', { ...without(reach, 'residents'), resident: 'r'.repeat(201) }, 'resident'],
  ['resident as a number', { ...without(reach, 'residents'), resident: 12345 }, 'resident'],
  ['reach with a community', { ...reach, community: 'm1' }, 'community'],
  ['venue without venue', without(venue, 'venue'), 'venue'],
  ['venue without shared', without(venue, 'shared'), 'shared'],
  ...['true', 1, 0, null].map((shared) => [
    `shared ${JSON.stringify(shared)}`,
    { ...venue, shared },
    'shared',
  ]),
  ['shared venue without name', without(venue, 'name'), 'name'],
  ['shared venue without a place', without(venue, 'community'), null],
  ['venue name too long', { ...venue, name: 'n'.repeat(201) }, 'name'],
  ['venue in an unknown unit', { ...venue, unit: 'nobody' }, 'unit'],
  ['problem without problem', without(raised, 'problem'), 'problem'],
  ['problem without status', without(raised, 'status'), 'status'],
  ['unknown status', { ...raised, status: 'closed' }, 'status'],
  ['status as a number', { ...raised, status: 1 }, 'status'],
  ['raised without title', without(raised, 'title'), 'title'],
  ['raised without community', without(raised, 'community'), 'community'],
  ['claimed without unit', { id: 'x', kind: 'problem', at: AT, problem: 'q', status: 'claimed' }, 'unit'],
  [
    'solved by an unknown unit',
    { id: 'x', kind: 'problem', at: AT, problem: 'q', status: 'solved', unit: 'u0' },
    'unit',
  ],
  ...['plan', 'title', 'starts'].map((name) => [`plan without ${name}`, without(plan, name), name]),
  ['plan without a place', without(plan, 'unit'), null],
  ['plan that starts without a zone', { ...plan, starts: '2024-04-01T09:00:00' }, 'starts'],
  ['plan cancelled by a word', { ...plan, cancelled: 'yes' }, 'cancelled'],
  ['plan with residents', { ...plan, residents: 3 }, 'residents'],
  ['opening without metrics', without(opening, 'metrics'), 'metrics'],
  ...[null, 5, [], 'activities'].map((metrics) => [
    `metrics ${JSON.stringify(metrics)}`,
    { ...opening, metrics },
    'metrics',
  ]),
  ...[
    { residents_unique: 5 },
    { foo: 1 },
    { activities: -1 },
    { activities: 1.5 },
    { activities: '1' },
    { activities: null },
    { activities: 1e16 },
  ].map((metrics) => [`metrics ${JSON.stringify(metrics)}`, { ...opening, metrics }, null]),
  ['opening of an unknown circle', { ...opening, circle: 'c9' }, 'circle'],
  ['opening of a category', { ...opening, category: 'k1' }, 'category'],
  ['void without of', without(taken, 'of'), 'of'],
  ['void without reason', without(taken, 'reason'), 'reason'],
  ['void of a bad id', { ...taken, of: 'a b' }, 'of'],
  ['void with a reason too long', { ...taken, reason: 'r'.repeat(201) }, 'reason'],
  ...[1, 'x', null, true, [], [activity]].map((value) => [
    `${JSON.stringify(value).slice(0, 9)} in place of an event`,
    value,
    null,
  ]),
];

/** Posts in both languages and checks the form that every refusal has; gives the English one. */
async function refused(d, body, status, options = {}) {
  const [en, zh] = [
    await d.post(body, { ...options, headers: { 'accept-language': 'en' } }),
    await d.post(body, { ...options, headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' } }),
  ];
  for (const answer of [en, zh]) {
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.error.code, /^[a-z][a-z0-9_]*$/);
    assert.ok(answer.json.error.message.length > 0);
  }
  assert.deepEqual(
    { ...en.json.error, message: '' },
    { ...zh.json.error, message: '' },
    'but for its message',
  );
  assert.match(zh.json.error.message, HAN);
  assert.notEqual(en.json.error.message, zh.json.error.message);
  return en.json;
}

/** Asserts that nothing has been counted but one sentinel that is sent now. */
async function nothingCounted(d, rev) {
  await d.count(event('activity', { title: 'sentinel', community: 'm5', residents: 1 }));
  await expectTotals(d, 'all', { activities: 2, residents: 1 });
  const { events } = await d.api('/events?limit=10');
  assert.equal(events.length, 2, 'only what was counted is in the history');
  assert.ok(d.lastRev > rev);
}

scene('each fault of an event is refused by its field, and the whole request with it', async (s, t) => {
  const d = await s.daemon();
  await d.count({ id: 'held', kind: 'activity', at: AT, title: 't', community: 'm1' });
  const { rev } = await d.totals();
  const good = { ...activity, id: 'good' };
  for (const [what, bad, field] of FAULTS) {
    await t.test(what, async () => {
      const { error, errors } = await refused(d, [good, bad], 422);
      if (field !== null) assert.equal(error.field, field);
      assert.equal(error.index, 1);
      assert.ok(Array.isArray(errors) && errors.length >= 1);
      assert.ok(
        errors.every((e) => e.index === 1 && e.code && e.message),
        JSON.stringify(errors),
      );
      assert.deepEqual(errors[0].code, error.code);
    });
  }
  assert.equal((await d.totals()).rev, rev);
  await nothingCounted(d, rev);
});

scene('all faults are listed: of several events, and several of one', async (s) => {
  const d = await s.daemon();
  await d.count(event('activity', { title: 't', community: 'm1' }));
  const { rev } = await d.totals();
  const body = [
    activity,
    { ...activity, id: 'y', community: 'm99', residents: -1 },
    { ...activity, id: 'z' },
    { ...activity, kind: 'walk' },
    5,
  ];
  const { errors } = await refused(d, body, 422);
  const named = errors.map((e) => `${e.index} ${e.field ?? ''}`).sort();
  for (const fault of ['1 community', '1 residents', '3 kind'])
    assert.ok(named.includes(fault), `${fault} in ${named}`);
  assert.ok(errors.some((e) => e.index === 4));
  assert.ok(errors.every((e) => e.index !== 0 && e.index !== 2));
  assert.equal(errors.length, 4, JSON.stringify(errors));
  const many = Array.from({ length: 1000 }, (_, i) => ({ ...activity, id: `m${i}`, title: '\u0001' }));
  assert.equal((await d.post(many)).json.errors.length, 1000);
  await nothingCounted(d, rev);
});

scene('one event that is not in an array is refused alike', async (s) => {
  const d = await s.daemon();
  const { error } = await refused(d, { ...activity, residents: -1 }, 422);
  assert.deepEqual([error.field, error.index], ['residents', 0]);
  for (const body of ['5', '"x"', 'null', 'true', '{}', '[]']) await refused(d, body, 422);
  await expectTotals(d, 'all', {});
});

scene('what stands just inside the limits is counted', async (s) => {
  const d = await s.daemon();
  await d.count(
    { ...activity, id: 'a'.repeat(64), title: emoji(200), residents: 100_000 },
    { ...activity, id: 'A-Z.a_z:0-9', title: '汉'.repeat(200), residents: 0 },
    { ...activity, id: '0', at: soon(9) },
    { ...activity, id: 'lower', at: '2024-02-29t23:59:59.123456789z' },
    { ...activity, id: 'old', at: '1970-01-01T00:00:00-12:30' },
    { ...activity, id: 'markup', title: '<script>alert(1)</script> \u202e "\'\\ 🇨🇳' },
    { ...activity, id: 'null-free', residents: 3, title: 'Ünïcödé' },
    { ...venue, id: 'withdrawn', shared: false, name: undefined, community: undefined },
    { ...raised, id: 'p-1' },
    { id: 'p-2', kind: 'problem', at: AT, problem: 'q', status: 'solved' },
    { ...opening, id: 'o-1', metrics: { activities: 0 } },
  );
  const { event: kept } = await d.api('/events/markup');
  assert.equal(kept.title, '<script>alert(1)</script> \u202e "\'\\ 🇨🇳');
});

scene('1,000 events are taken in one request, and 1,001 are refused', async (s) => {
  const d = await s.daemon();
  const many = Array.from({ length: 1001 }, (_, i) => ({ ...activity, id: `n${i}`, residents: 1 }));
  await refused(d, many, 413);
  await refused(d, many.map((e) => JSON.stringify(e)).join('\n'), 413, { type: 'application/x-ndjson' });
  await d.count(many.slice(0, 1000));
  assert.equal(
    (
      await d.post(
        many
          .slice(0, 1000)
          .map((e) => JSON.stringify(e))
          .join('\n'),
        { type: 'application/x-ndjson' },
      )
    ).json.results.filter((r) => r.status === 'duplicate').length,
    1000,
  );
  await expectTotals(d, 'all', { activities: 1000, residents: 1000 });
});

scene('who may not say it is refused with 403, and nothing counts', async (s) => {
  const d = await s.daemon();
  const [bound, free, view] = [
    await d.token('report', { unit: 'u1' }),
    await d.token('report'),
    await d.token('view'),
  ];
  const own = event('activity', { title: 't', unit: 'u1' });
  for (const [events, token] of [
    [[own, event('activity', { title: 't', unit: 'u2' })], bound],
    [[own, event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u3' })], bound],
    [[own, event('problem', { problem: 'q', status: 'claimed', unit: 'u2' })], bound],
    [[own, event('plan', { plan: 'p', title: 't', starts: AT, unit: 'u4' })], bound],
    [[own, event('opening', { metrics: { activities: 1 }, unit: 'u1' })], bound],
    [[own, event('opening', { metrics: { activities: 1 } })], free],
    [[own], view],
  ]) {
    const { error } = await refused(d, events, 403, { token });
    if (token !== view) assert.equal(error.index, 1);
  }
  await expectTotals(d, 'all', {});
  const said = await d.post([own], { token: bound });
  assert.equal(said.json.results[0].status, 'counted');
  const any = await d.post(
    [event('activity', { title: 't', unit: 'u2' }), event('activity', { title: 't', community: 'm1' })],
    { token: free },
  );
  assert.deepEqual(
    any.json.results.map((r) => r.status),
    ['counted', 'counted'],
  );
});

scene('the language is the one that is wanted most', async (s) => {
  const d = await s.daemon();
  for (const [accept, chinese] of [
    ['zh', true],
    ['zh-Hans-CN', true],
    ['en-US,en;q=0.9,zh-CN;q=0.8', false],
    ['en;q=0.1,zh;q=0.9', true],
    ['zh;q=0,en', false],
    ['de, zh;q=0.5', true],
    ['zhx, enx', false],
    ['*', false],
    [undefined, false],
  ]) {
    const headers = accept === undefined ? {} : { 'accept-language': accept };
    const answer = await d.get('/api/v1/totals?range=never', { headers });
    assert.equal(HAN.test(answer.json.error.message), chinese, accept);
  }
});

scene('what a proxy has asked for is no token', async (s) => {
  const d = await s.daemon();
  const headers = { authorization: 'Basic YTpi' };
  assert.equal((await d.get('/api/v1/totals', { headers })).status, 200, 'the figures are open to all');
  assert.equal((await d.get('/api/v1/totals', { token: 'nobody' })).status, 401);
  const reporter = await signedIn(d, 'report');
  const answer = await d.request('POST', '/api/v1/events', {
    body: JSON.stringify(activity),
    headers: {
      ...headers,
      'content-type': 'application/json',
      cookie: `tally=${reporter.cookie}`,
      origin: `http://${d.address}`,
    },
  });
  assert.equal(answer.status, 200, 'the cookie says who it is');
});

scene('who is not known is refused with 401, whatever the body', async (s) => {
  const d = await s.daemon();
  const body = JSON.stringify(activity);
  const good = await d.admin();
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer nobody',
    `Basic ${good}`,
    good,
    `Bearer ${good}x`,
    `Bearer ${good.slice(0, -1)}`,
    `Bearer ${good.toUpperCase()}~`,
    `Bearer ${'x'.repeat(2000)}`,
  ]) {
    for (const text of [body, 'not JSON']) {
      const answer = await d.request('POST', '/api/v1/events', {
        body: text,
        headers: {
          'content-type': 'application/json',
          'accept-language': 'zh',
          ...(authorization !== undefined && { authorization }),
        },
      });
      assert.equal(answer.status, 401, `${authorization}: ${answer.text}`);
      assert.match(answer.json.error.message, HAN);
    }
  }
  await expectTotals(d, 'all', {});
});

scene('queries that make no sense are refused with a clear error', async (s) => {
  const d = await s.daemon();
  for (const target of [
    '/totals?range=yesterday',
    '/totals?range=2024-13',
    '/totals?range=2024-02-30',
    '/totals?range=24',
    '/totals?range=2024-1-1',
    '/totals?by=street',
    '/trend?metric=joy',
    '/trend?metric=activities&step=hour',
    '/trend?metric=activities&from=x',
    '/events?limit=0',
    '/events?limit=-1',
    '/events?limit=ten',
    '/events?before=x',
    '/events?before=-1',
    '/events?kind=walk',
    '/events?metric=joy',
    '/events?by=street&id=m1',
    '/events?range=never',
    '/problems?status=lost',
    '/plans?from=soon',
  ]) {
    const answers = await Promise.all(
      ['en', 'zh'].map((l) => d.get(`/api/v1${target}`, { headers: { 'accept-language': l } })),
    );
    for (const answer of answers)
      assert.ok([400, 422].includes(answer.status), `${target}: ${answer.status} ${answer.text}`);
    assert.match(answers[1].json.error.message, HAN, target);
    assert.equal(answers[0].json.error.code, answers[1].json.error.code);
  }
  for (const id of ['nobody', 'a%2Fb', '%00', 'x'.repeat(65)]) {
    assert.ok([404, 400, 422].includes((await d.get(`/api/v1/events/${id}`)).status), id);
  }
  assert.equal((await d.get('/api/v1/events/nobody')).status, 404);
});
