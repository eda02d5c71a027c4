// Check-ins: a signed code, a phone without an account, and one person counted once; and what a
// code is not good for.
import assert from 'node:assert/strict';
import { clockAt, event, expectTotals, scene, until } from './harness.mjs';
import { Person, phone, signedIn } from './person.mjs';

const activity = (fields) => event('activity', { title: '义诊', community: 'm1', unit: 'u1', ...fields });
const soon = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
const plan = (fields) =>
  event('plan', { title: '电影夜', starts: soon(1), community: 'm2', unit: 'u2', ...fields });

/** An outsider's phone checks in by CODE. */
const checkIn = (d, code, device = phone()) => new Person(d).post('/checkins', { code, device });

async function activityCode(d, id, options) {
  const answer = await d.get(`/api/v1/activities/${id}/code`, {
    token: await d.admin(),
    ...options,
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

async function refused(answer, status = 403, code = 'bad_code') {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.error.code, code);
}

scene('a device is counted once an activity, however often it is sent, and once in all', async (s) => {
  // A HyperLogLog takes one pair in some 20,000 for the same person: a key and names that are known
  // to differ in it keep this from failing by chance.
  const store = await s.redis();
  await store.cli('SET', 'tally:{probe}:secret', 'k'.repeat(32));
  const d = await s.daemon({ redis: store.url });
  const [one, two] = [activity({ residents: 5 }), activity({ title: '讲座', community: 'm3' })];
  await d.count(one, two);
  const first = await activityCode(d, one.id);
  assert.equal(first.path, `/m/#c=${first.code}`);
  assert.match(first.code, /^[A-Za-z0-9_-]{20,119}$/);
  assert.equal(first.title, '义诊');
  const left = Date.parse(first.expires) - Date.now();
  assert.ok(left > 11 * 3600e3 && left <= 12 * 3600e3, first.expires);

  const [mine, another] = ['1'.repeat(32), '2'.repeat(32)];
  const counted = await checkIn(d, first.code, mine);
  assert.equal(counted.status, 200, counted.text);
  assert.deepEqual(counted.json, {
    status: 'counted',
    now: counted.json.now,
    activity: { id: one.id, title: '义诊', community: 'm1', unit: 'u1', at: one.at },
  });
  for (let i = 0; i < 3; i++) {
    const again = await checkIn(d, (await activityCode(d, one.id)).code, mine);
    assert.equal(again.status, 200);
    assert.equal(again.json.status, 'duplicate');
    assert.equal(again.json.activity.id, one.id);
  }
  await expectTotals(d, 'all', { activities: 2, residents: 6, residents_unique: 1 });

  const second = (await activityCode(d, two.id)).code;
  assert.equal((await checkIn(d, second, mine)).json.status, 'counted');
  await expectTotals(d, 'all', { activities: 2, residents: 7, residents_unique: 1 });
  assert.equal((await checkIn(d, second, another)).json.status, 'counted');
  await expectTotals(d, 'all', { activities: 2, residents: 8, residents_unique: 2 });
  await expectTotals(d, 'today', { residents: 3, residents_unique: 2 });
});

scene('all at once from one device it counts once, by two daemons too', async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const held = activity();
  await a.count(held);
  const { code } = await activityCode(a, held.id);
  const mine = phone();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => checkIn(i % 2 ? a : b, code, mine)));
  const statuses = answers.map((answer) => answer.json.status).sort();
  assert.deepEqual(statuses, ['counted', ...Array(19).fill('duplicate')]);
  await until(async () => (await a.totals()).totals.residents === 1, 'it to be counted');
  await expectTotals(a, 'all', { activities: 1, residents: 1, residents_unique: 1 });
});

scene('who may show a code: the own unit, any reporter without one, an admin', async (s) => {
  const d = await s.daemon();
  const held = activity();
  await d.count(held);
  const target = `/activities/${held.id}/code`;
  for (const [role, unit, status] of [
    ['report', 'u1', 200],
    ['report', 'u2', 403],
    ['report', undefined, 200],
    ['admin', undefined, 200],
    ['view', undefined, 403],
  ]) {
    const person = await signedIn(d, role, { unit });
    assert.equal((await person.get(target)).status, status, `${role} ${unit}`);
  }
  assert.equal((await d.get(`/api/v1${target}`)).status, 401);
  const token = await d.admin();
  const voided = activity();
  const tall = plan({ plan: 'tall' });
  await d.count(voided, tall, event('void', { of: voided.id, reason: 'r' }));
  for (const bad of [
    '/activities/none/code',
    `/activities/${tall.id}/code`,
    `/activities/${voided.id}/code`,
    `/activities/${held.id}`,
    `/activities/${held.id}/`,
    `/activities/${held.id}/codes`,
    `/activities/${held.id}/code/`,
    '/activities//code',
    `/activities/${'x'.repeat(65)}/code`,
    '/plans/none/code',
  ])
    assert.equal((await d.get(`/api/v1${bad}`, { token })).status, 404, bad);
});

scene("a code that was forged, altered or another alliance's is refused", async (s) => {
  const [d, other] = [await s.daemon(), await s.daemon()];
  const held = activity();
  await d.count(held);
  await other.count(held);
  const { code } = await activityCode(d, held.id);
  const foreign = (await activityCode(other, held.id)).code;
  const altered = Array.from(code, (letter, i) => {
    const next = letter === 'A' ? 'B' : 'A';
    return code.slice(0, i) + next + code.slice(i + 1);
  });
  for (const bad of [
    foreign,
    ...altered,
    '',
    'x',
    `${code}=`,
    `${code}A`,
    ` ${code}`,
    code.slice(1),
    code.slice(0, -1),
    'A'.repeat(119),
    'A'.repeat(5000),
    code.replace(/.$/, ' '),
  ])
    await refused(await checkIn(d, bad));
  await expectTotals(d, 'all', { activities: 1 });
  assert.equal((await checkIn(d, code)).json.status, 'counted');
});

scene('a code ends 12 hours later, and with its activity', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url, env: clockAt('2026-07-01 10:00:00') });
  const held = activity();
  await d.count(held);
  const { code } = await activityCode(d, held.id);
  const early = await s.daemon({ redis: store.url, env: clockAt('2026-07-01 21:00:00') });
  assert.equal((await checkIn(early, code)).json.status, 'counted');
  const late = await s.daemon({ redis: store.url, env: clockAt('2026-07-01 22:01:00') });
  await refused(await checkIn(late, code));
  await d.count(event('void', { of: held.id, reason: '取消' }));
  await refused(await checkIn(early, code));
});

scene("a plan's code waits for its activity, and is good until a day after its start", async (s) => {
  const d = await s.daemon();
  const announced = plan({ plan: 'film' });
  await d.count(announced);
  const got = await d.get('/api/v1/plans/film/code');
  assert.equal(got.status, 200, 'it hangs on the wall: whoever may look may have it');
  assert.equal(got.json.title, '电影夜');
  const until = Date.parse(announced.starts) + 24 * 3600e3;
  assert.ok(Math.abs(Date.parse(got.json.expires) - until) < 2000);

  const early = await checkIn(d, got.json.code);
  await refused(early, 409, 'not_started');
  assert.deepEqual(early.json.plan, {
    id: 'film',
    title: '电影夜',
    starts: announced.starts,
    community: 'm2',
    unit: 'u2',
    cancelled: false,
  });
  await expectTotals(d, 'all', {});

  const held = activity({ plan: 'film', community: 'm2', unit: 'u2' });
  await d.count(held);
  const mine = phone();
  const there = await checkIn(d, got.json.code, mine);
  assert.equal(there.status, 200, there.text);
  assert.equal(there.json.status, 'counted');
  assert.equal(there.json.activity.id, held.id);
  for (const { now } of [early.json, there.json])
    assert.match(now, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00$/, 'the zone of the alliance');
  // By whichever of the two codes: the same person at the same activity.
  assert.equal((await checkIn(d, (await activityCode(d, held.id)).code, mine)).json.status, 'duplicate');
  await expectTotals(d, 'all', { activities: 1, residents: 1, residents_unique: 1 });

  await d.count(event('void', { of: held.id, reason: 'r' }));
  await refused(await checkIn(d, got.json.code), 409, 'not_started');
});

scene('a plan that is over or called off has no code', async (s) => {
  const d = await s.daemon();
  await d.count(plan({ plan: 'old', starts: soon(-25) }), plan({ plan: 'off', cancelled: true }));
  for (const id of ['old', 'off']) assert.equal((await d.get(`/api/v1/plans/${id}/code`)).status, 404, id);
  const closed = await s.daemon({ config: { access: { viewers: 'token' } } });
  await closed.count(plan({ plan: 'film' }));
  assert.equal((await closed.get('/api/v1/plans/film/code')).status, 401);
  const viewer = await signedIn(closed, 'view');
  assert.equal((await viewer.get('/plans/film/code')).status, 200);
});

scene('while the store is away a check-in waits on disk, and is counted once', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const held = activity();
  await d.count(held, plan({ plan: 'film' }));
  const { code } = await activityCode(d, held.id);
  const planned = (await d.get('/api/v1/plans/film/code')).json.code;
  const mine = phone();
  await store.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  for (let i = 0; i < 3; i++) {
    const answer = await checkIn(d, code, mine);
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.json.status, 'queued');
    assert.equal(answer.json.activity.id, held.id);
  }
  assert.equal((await checkIn(d, planned)).status, 503, 'which activity it is only the store knows');
  await store.start();
  await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back');
  await until(async () => (await d.totals()).totals.residents === 1, 'it to be counted');
  assert.equal((await checkIn(d, code, mine)).json.status, 'duplicate');
  await expectTotals(d, 'all', { activities: 1, residents: 1, residents_unique: 1 });
  assert.equal(await store.cli('XLEN', 'tally:{probe}:rejected'), '0', 'sent again is no conflict');
});

scene('what the phone is called is kept nowhere', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url, config: { log: { level: 'debug' } } });
  const held = activity();
  await d.count(held);
  const device = 'canary-phone-0123456789';
  assert.equal((await checkIn(d, (await activityCode(d, held.id)).code, device)).json.status, 'counted');
  const events = JSON.stringify(await d.api('/events'));
  const exported = (await d.get('/api/v1/export?format=json')).text;
  for (const [place, text] of Object.entries({ store: await store.dump(), log: d.log, events, exported }))
    assert.ok(!text.includes('canary'), place);
});

scene('an outsider can check in, and nothing else', async (s) => {
  const d = await s.daemon();
  const held = activity();
  await d.count(held);
  const outsider = new Person(d);
  const { code } = await activityCode(d, held.id);
  for (const [target, body] of [
    ['/events', activity()],
    ['/events', event('reach', { activity: held.id, residents: 5 })],
    ['/codes', { name: 'x' }],
    ['/admin/tokens', { name: 'x', role: 'admin' }],
    ['/admin/tokens/revoke', { name: 'x' }],
    ['/admin/pending', { id: 'x', accept: true }],
  ])
    assert.equal((await outsider.post(target, body)).status, 401, target);
  for (const target of ['/admin/tokens', '/admin/pending', '/admin/audit', `/activities/${held.id}/code`])
    assert.equal((await outsider.get(target)).status, 401, target);
  for (const [body, status] of [
    [{ code }, 422],
    [{ device: phone() }, 403],
    [{ code, device: 'short' }, 422],
    [{ code, device: 'x'.repeat(65) }, 422],
    [{ code, device: `${phone()} ` }, 422],
    [{ code, device: 5 }, 422],
    [{ code, device: phone(), residents: 100 }, 422],
    [[{ code, device: phone() }], 422],
  ])
    assert.equal((await outsider.post('/checkins', body)).status, status, JSON.stringify(body));
  const elsewhere = new Person(d, { origin: 'http://evil.example' });
  await refused(await elsewhere.post('/checkins', { code, device: phone() }), 403, 'bad_origin');
  await expectTotals(d, 'all', { activities: 1 });
});

scene("a reporter's reach is for its own unit's activities", async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const [own, foreign] = [activity({ unit: 'u1' }), activity({ unit: 'u2' })];
  await d.count(own, foreign);
  const reporter = await signedIn(d, 'report', { unit: 'u1' });
  const reach = (of, fields) => event('reach', { activity: of.id, ...fields });
  assert.equal((await reporter.post('/events', reach(own, { residents: 3 }))).json.results[0].status, 'counted');
  for (const fields of [{ residents: 5 }, { resident: 'somebody' }]) {
    const answer = await reporter.post('/events', [reach(own, { residents: 1 }), reach(foreign, fields)]);
    await refused(answer, 403, 'other_unit');
    assert.equal(answer.json.error.index, 1);
  }
  // What can't be known while the store is away is judged when it is back.
  await store.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  for (const [of, fields] of [
    [foreign, { residents: 7 }],
    [foreign, { resident: 'a' }],
    [own, { residents: 2 }],
    [own, { resident: 'b' }],
  ])
    assert.equal((await reporter.post('/events', reach(of, fields))).status, 202);
  await store.start();
  await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back');
  await until(async () => (await d.totals()).totals.residents === 6, 'the own ones to be counted');
  const rejected = await store.cli('XRANGE', 'tally:{probe}:rejected', '-', '+');
  assert.equal(rejected.match(/other_unit/g).length, 2);
  await expectTotals(d, 'all', { activities: 2, residents: 6, residents_unique: 1 });
  const verified = await d.ctl('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

scene("a reporter's venues and plans are its own unit's, and balances are an admin's", async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const [hall, trip] = ['007', 'trip']; // an id may look like a number
  const venue = (fields) => event('venue', { venue: hall, ...fields });
  const shared = (unit) => ({ shared: true, name: '礼堂', unit });
  const plan = (fields) =>
    event('plan', { plan: trip, title: '春游', starts: '2026-12-01T09:00:00+08:00', community: 'm1', ...fields });
  const opening = event('opening', { metrics: { activities: 3 }, unit: 'u1' });
  await d.count(opening, plan({ unit: 'u2' }));
  const [one, two, any] = await Promise.all(
    ['u1', 'u2', undefined].map((unit) => signedIn(d, 'report', { unit })),
  );
  const takes = async (person, e) => {
    const answer = await person.post('/events', e);
    assert.deepEqual([answer.status, answer.json.results?.[0].status], [200, 'counted'], answer.text);
    d.lastRev = answer.json.rev;
  };
  const mine = venue(shared('u2'));
  await takes(two, mine);
  await takes(any, venue({ venue: 'other', shared: true, name: '球场', community: 'm1' }));
  await takes(one, venue({ venue: 'other', shared: true, name: '球场', unit: 'u1' }));
  const forbidden = [
    [one, venue({ shared: false }), 'other_unit', 'venue'],
    [one, venue(shared('u1')), 'other_unit', 'venue'],
    [one, plan({ cancelled: true }), 'other_unit', 'plan'],
    [one, event('void', { of: mine.id, reason: '误' }), 'other_unit', 'of'],
    [one, event('void', { of: opening.id, reason: '误' }), 'forbidden', 'of'],
    [any, event('void', { of: opening.id, reason: '误' }), 'forbidden', 'of'],
  ];
  for (const [person, e, code, field] of forbidden) {
    const answer = await person.post('/events', [activity({ id: 'never', unit: undefined, community: 'm1' }), e]);
    await refused(answer, 403, code);
    assert.deepEqual([answer.json.error.index, answer.json.error.field], [1, field]);
  }
  await takes(two, venue({ shared: false }));
  await refused(await one.post('/events', venue(shared('u1'))), 403, 'other_unit');
  await takes(any, venue(shared('u1')));
  assert.equal((await two.post('/events', mine)).json.results[0].status, 'duplicate', 'what was sent is known');
  await takes(two, plan({ cancelled: true, unit: 'u2' }));
  await expectTotals(d, 'all', { activities: 3, venues: 2 });

  // What can't be known while the store is away is judged when it is back.
  await store.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  for (const [person, e] of [
    [two, venue({ shared: false })],
    [one, plan({ title: '秋游' })],
    [one, event('void', { of: opening.id, reason: '误' })],
    [any, event('void', { of: opening.id, reason: '误' })],
    [one, venue({ venue: 'other', shared: false })],
  ])
    assert.equal((await person.post('/events', e)).status, 202);
  await store.start();
  await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back');
  await until(async () => (await d.totals()).totals.venues === 1, 'the own one to be counted');
  const rejected = await store.cli('XRANGE', 'tally:{probe}:rejected', '-', '+');
  assert.equal(rejected.match(/other_unit/g).length, 4);
  await expectTotals(d, 'all', { activities: 3, venues: 1 });
  const verified = await d.ctl('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});
