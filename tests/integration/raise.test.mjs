// Problems that residents raise: they wait, unseen and uncounted, until an admin has looked.
import assert from 'node:assert/strict';
import { expectTotals, scene, until } from './harness.mjs';
import { Person, audit, phone, signedIn } from './person.mjs';

const raise = (d, fields) =>
  new Person(d).post('/raise', { title: '路灯坏了', community: 'm1', device: phone(), ...fields });

scene("a resident's problem is counted when an admin has accepted it, and not before", async (s) => {
  const d = await s.daemon();
  const answer = await raise(d);
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json.status, 'pending');
  const { id } = answer.json;
  await expectTotals(d, 'all', {});
  assert.deepEqual((await d.api('/problems')).problems, []);
  assert.deepEqual((await d.api('/events')).events, []);

  const admin = await signedIn(d, 'admin', { name: 'boss' });
  const { pending } = (await admin.get('/admin/pending')).json;
  assert.equal(pending.length, 1);
  const { at, ...rest } = pending[0];
  assert.deepEqual(rest, { id, title: '路灯坏了', community: 'm1' });
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);

  const accepted = await admin.post('/admin/pending', { id, accept: true });
  assert.equal(accepted.status, 200, accepted.text);
  assert.deepEqual(accepted.json, { id, status: 'counted' });
  await until(async () => (await d.totals()).totals.problems_raised === 1, 'it to be counted');
  await expectTotals(d, 'all', { problems_raised: 1 });
  const [problem] = (await d.api('/problems')).problems;
  assert.equal(problem.title, '路灯坏了');
  assert.equal(problem.community, 'm1');
  assert.equal(problem.status, 'raised');
  assert.deepEqual((await admin.get('/admin/pending')).json.pending, []);
  assert.equal((await admin.post('/admin/pending', { id, accept: true })).status, 404);
  const line = (await audit(d)).find((entry) => entry.act === 'problem_accepted');
  assert.equal(line.actor, 'boss');
  assert.equal(line.subject, id);
  assert.equal(line.outcome, 'done');
  assert.equal(line.peer, '127.0.0.1');
});

scene('a rejected one is gone, with the reason in the audit log', async (s) => {
  const d = await s.daemon();
  const { id } = (await raise(d)).json;
  const admin = await signedIn(d, 'admin', { name: 'boss' });
  const answer = await admin.post('/admin/pending', { id, accept: false, reason: '不属实' });
  assert.deepEqual(answer.json, { id, status: 'rejected' });
  assert.deepEqual((await admin.get('/admin/pending')).json.pending, []);
  await expectTotals(d, 'all', {});
  const line = (await audit(d)).find((entry) => entry.act === 'problem_rejected');
  assert.equal(line.subject, id);
  assert.equal(line.reason, '不属实');
});

scene('the same again from the same phone waits once; the newest stands first', async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const device = phone();
  const first = (await raise(a, { device })).json.id;
  assert.equal((await raise(b, { device })).json.id, first);
  const second = (await raise(b, { device, title: '井盖松动' })).json.id;
  const third = (await raise(b)).json.id;
  assert.equal(new Set([first, second, third]).size, 3);
  const admin = await signedIn(a, 'admin');
  const ids = (await admin.get('/admin/pending')).json.pending.map((p) => p.id);
  assert.deepEqual(ids, [third, second, first]);
  assert.ok(!(await store.dump()).includes(device), 'the phone is kept nowhere');
});

scene('what names a person, is no title or has no place is refused', async (s) => {
  const d = await s.daemon();
  for (const [fields, code] of [
    [{ title: '找张三13812345678' }, 'personal_data'],
    [{ title: '电话 138 1234 5678' }, 'personal_data'],
    [{ title: '电话 138-1234-5678' }, 'personal_data'],
    [{ title: '电话１３８１２３４５６７８' }, 'personal_data'],
    [{ title: '+8613812345678 找我' }, 'personal_data'],
    [{ title: '身份证11010519491231002X' }, 'personal_data'],
    [{ title: '110105 19491231 0021' }, 'personal_data'],
    [{ title: '灯' }, 'out_of_range'],
    [{ title: '字'.repeat(61) }, 'out_of_range'],
    [{ title: '路灯\n坏了' }, 'bad_text'],
    [{ title: '' }, 'out_of_range'],
    [{ title: 5 }, 'bad_text'],
    [{ community: 'm99' }, 'not_in_catalogue'],
    [{ community: undefined }, 'bad_id'],
    [{ device: 'short' }, 'out_of_range'],
    [{ device: undefined }, 'out_of_range'],
    [{ name: '张三' }, 'unknown_field'],
  ]) {
    const answer = await raise(d, fields);
    assert.equal(answer.status, 422, `${JSON.stringify(fields)}: ${answer.text}`);
    assert.equal(answer.json.error.code, code, JSON.stringify(fields));
  }
  for (const title of [
    '字'.repeat(60),
    '2024-06-01 2024-06-30 停水',
    '3号楼12单元',
    '热线12345',
    '订单号 1234567890',
    '<b>灯</b> & "门"',
  ])
    assert.equal((await raise(d, { title })).status, 202, title);
});

scene('only admins see and judge them', async (s) => {
  const d = await s.daemon();
  const { id } = (await raise(d)).json;
  for (const role of ['view', 'report']) {
    const person = await signedIn(d, role);
    assert.equal((await person.get('/admin/pending')).status, 403, role);
    assert.equal((await person.post('/admin/pending', { id, accept: true })).status, 403, role);
  }
  const admin = await signedIn(d, 'admin');
  for (const [body, status] of [
    [{ id }, 422],
    [{ id, accept: 'yes' }, 422],
    [{ id: 'none', accept: true }, 404],
    [{ accept: true }, 422],
    [{ id, accept: false, reason: 'x'.repeat(201) }, 422],
    [{ id, accept: true, more: 1 }, 422],
  ])
    assert.equal((await admin.post('/admin/pending', body)).status, status, JSON.stringify(body));
  await expectTotals(d, 'all', {});
  assert.equal((await admin.get('/admin/pending')).json.pending.length, 1);
});

scene('a thousand wait; more are told to come again', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const known = (await raise(d, { device: 'a-phone-0123456789' })).json.id;
  const fill = Array.from({ length: 999 }, (_, i) => [`x${i}`, '{"title":"t","community":"m1","at":""}']);
  await store.cli('HSET', 'tally:{probe}:pending', ...fill.flat());
  const full = await raise(d);
  assert.equal(full.status, 503);
  assert.equal(full.json.error.code, 'pending_full');
  assert.ok(Number(full.headers['retry-after']) > 0);
  assert.equal((await raise(d, { device: 'a-phone-0123456789' })).json.id, known, 'it waits already');
  const admin = await signedIn(d, 'admin');
  assert.equal((await admin.post('/admin/pending', { id: 'x5', accept: false })).status, 200);
  assert.equal((await raise(d)).status, 202);
});
