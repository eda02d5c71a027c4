// Signing in by a one-time code: what it gives, how often, for how long, and what a page of another
// site can't do with the cookie.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { clockAt, event, expectTotals, scene, until } from './harness.mjs';
import { Person, audit, codeFor, signedIn } from './person.mjs';

const activity = (fields) => event('activity', { title: 't', unit: 'u1', ...fields });
const day = (n) => `2026-07-${String(n).padStart(2, '0')} 10:00:00`;

scene('a code signs in once, as who its token says', async (s) => {
  const d = await s.daemon();
  await d.token('report', { name: 'clinic', unit: 'u1' });
  const link = await codeFor(d, 'clinic');
  assert.match(link.code, /^tc_[0-9a-f]{32}$/);
  assert.equal(link.path, `/m/#in=${link.code}`);
  const left = Date.parse(link.expires) - Date.now();
  assert.ok(left > 71 * 3600e3 && left <= 72 * 3600e3, link.expires);

  const phone = new Person(d);
  const answer = await phone.post('/session', { code: link.code });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json, { name: 'clinic', role: 'report', unit: 'u1' });
  assert.equal(answer.headers['set-cookie'].length, 1);
  const [value, ...attributes] = phone.setCookie.split('; ');
  assert.match(value, /^tally=ts_[0-9a-f]{40}$/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Max-Age=15552000', 'Path=/', 'SameSite=Strict']);
  assert.ok(!answer.text.includes(phone.cookie), 'pages never see it');

  const again = await new Person(d).post('/session', { code: link.code });
  assert.equal(again.status, 403);
  assert.equal(again.json.error.code, 'bad_code');
  assert.equal(again.headers['set-cookie'], undefined);

  assert.deepEqual((await phone.get('/session')).json, { name: 'clinic', role: 'report', unit: 'u1' });
  assert.equal((await phone.post('/events', activity())).status, 200);
  assert.equal((await phone.post('/events', activity({ unit: 'u2' }))).status, 403);
  await expectTotals(d, 'all', { activities: 1 });
});

scene('behind a trusted proxy that speaks TLS the cookie is Secure, and only then', async (s) => {
  for (const [trusted_proxies, secure] of [
    [['127.0.0.1'], true],
    [[], false],
  ]) {
    const d = await s.daemon({ config: { http: { trusted_proxies } } });
    await d.token('view', { name: 'v' });
    const { code } = await codeFor(d, 'v');
    const person = new Person(d);
    const answer = await person.post('/session', { code }, { 'x-forwarded-proto': 'https' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(/; Secure(;|$)/.test(person.setCookie), secure, person.setCookie);
  }
});

scene('each role is sent to its own page', async (s) => {
  const d = await s.daemon();
  for (const [role, page] of [
    ['view', '/#in='],
    ['report', '/m/#in='],
    ['admin', '/admin/#in='],
  ]) {
    await d.token(role, { name: role });
    const link = await codeFor(d, role);
    assert.equal(link.path, page + link.code);
    assert.deepEqual(await new Person(d).signIn(link.code), { name: role, role, unit: null });
  }
  const none = await d.ctl('token', 'link', 'nobody');
  assert.equal(none.code, 1);
});

scene('a session is ended by its own bearer, and then stands for nobody', async (s) => {
  const d = await s.daemon();
  const [one, two] = [await signedIn(d, 'report'), await signedIn(d, 'report')];
  const { cookie } = one;
  const ended = await one.post('/session/end');
  assert.equal(ended.status, 200);
  assert.deepEqual(ended.json, { ended: true });
  assert.match(one.setCookie, /^tally=; .*Max-Age=0/);
  assert.equal(one.cookie, null);
  one.cookie = cookie;
  assert.equal((await one.get('/session')).status, 401);
  assert.equal((await one.post('/events', activity())).status, 401);
  assert.deepEqual((await one.post('/session/end')).json, { ended: false });
  assert.equal((await two.get('/session')).status, 200);
  assert.equal((await new Person(d).post('/session/end')).status, 200);
});

scene('a session is known by every daemon on the store within a second, and so is its end', async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const here = await signedIn(a, 'report', { name: 'phone' });
  const there = here.at(b);
  await until(async () => (await there.get('/session')).status === 200, 'the session to be known', 1000);
  const unused = await codeFor(b, 'phone');

  assert.equal((await a.ctl('token', 'revoke', 'phone')).code, 0);
  await until(async () => (await there.get('/session')).status === 401, 'its end to be known', 1000);
  assert.equal((await there.post('/events', activity())).status, 401);
  assert.equal((await new Person(b).post('/session', { code: unused.code })).status, 403);

  // Nor does a new token of that name bring it back.
  await a.token('report', { name: 'phone' });
  assert.equal((await here.get('/session')).status, 401);
  assert.equal((await new Person(a).post('/session', { code: unused.code })).status, 403);
});

scene("a code made on one daemon is good on another at once, a new token's too", async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const made = await a.request('POST', '/api/v1/admin/tokens', {
    token: await a.admin(),
    headers: { 'content-type': 'application/json' },
    body: '{"name":"new","role":"report","unit":"u2"}',
  });
  assert.equal(made.status, 201, made.text);
  const phone = new Person(b);
  await phone.signIn(made.json.code);
  assert.equal((await phone.get('/session')).json.unit, 'u2');
});

scene('a session outlives restarts, and works while the store is away', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const phone = await signedIn(d, 'report');
  await d.stop();
  await d.restart();
  assert.equal((await new Person(d, phone).get('/session')).status, 200);
  await store.kill();
  await d.stop();
  await d.launch().listening();
  const later = new Person(d, { cookie: phone.cookie });
  assert.equal((await later.post('/events', activity())).status, 202);
  const code = `tc_${'0'.repeat(32)}`;
  assert.equal((await new Person(d).post('/session', { code })).status, 503, "it can't be used up now");
});

scene('codes end after 72 hours, sessions after 180 days', async (s) => {
  const store = await s.redis();
  const first = await s.daemon({ redis: store.url, env: clockAt(day(1)) });
  await first.token('report', { name: 'phone' });
  const [good, bad] = [await codeFor(first, 'phone'), await codeFor(first, 'phone')];
  const phone = new Person(first);
  await phone.signIn((await codeFor(first, 'phone')).code);

  const later = await s.daemon({ redis: store.url, env: clockAt('2026-07-04 09:00:00') });
  await new Person(later).signIn(good.code);
  const late = await s.daemon({ redis: store.url, env: clockAt('2026-07-04 11:00:00') });
  const refused = await new Person(late).post('/session', { code: bad.code });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.error.code, 'bad_code');

  const year = await s.daemon({ redis: store.url, env: clockAt('2026-12-29 10:00:00') });
  assert.equal((await phone.at(later).get('/session')).status, 200);
  assert.equal((await phone.at(year).get('/session')).status, 401);
});

scene("a page of another site can't use the cookie", async (s) => {
  const d = await s.daemon({ config: { http: { origins: ['https://town.example'] } } });
  const phone = await signedIn(d, 'admin', { name: 'boss' });
  const from = (origin) => new Person(d, { cookie: phone.cookie, origin });
  for (const origin of [
    null,
    'null',
    'http://evil.example',
    `http://${d.address}.evil.example`,
    `http://127.0.0.1`,
    `http://evil.example/${d.address}`,
    'https://town.example.evil.example',
    '',
  ]) {
    for (const [target, body] of [
      ['/events', activity()],
      ['/codes', { name: 'boss' }],
      ['/admin/tokens', { name: 'x', role: 'admin' }],
      ['/session/end', {}],
    ]) {
      const answer = await from(origin).post(target, body);
      assert.equal(answer.status, 403, `${origin} ${target}`);
      assert.equal(answer.json.error.code, 'bad_origin', `${origin} ${target}`);
    }
  }
  for (const origin of [`http://${d.address}`, 'https://town.example'])
    assert.equal((await from(origin).post('/events', activity())).status, 200, origin);
  // A token is no page's to send; but a page of elsewhere that has one is refused all the same.
  const token = await d.admin();
  const send = (headers) => d.post([activity()], { token, headers });
  assert.equal((await send({})).status, 200);
  assert.equal((await send({ origin: 'http://evil.example' })).status, 403);
  assert.equal((await send({ origin: 'https://town.example' })).status, 200);
  assert.equal((await phone.get('/session')).status, 200, 'nothing has ended it');
  await expectTotals(d, 'all', { activities: 4 });
});

scene('with viewers = token the cookie opens data and screens, as does no other', async (s) => {
  const d = await s.daemon({ config: { access: { viewers: 'token' } } });
  const open = (headers) => {
    const screen = d.screen({ headers });
    s.screens.push(screen);
    return screen.opened.then(
      () => 101,
      (error) => error.status,
    );
  };
  const viewer = await signedIn(d, 'view');
  const cookie = `tally=${viewer.cookie}`;
  const origin = `http://${d.address}`;
  assert.equal((await viewer.get('/totals')).status, 200);
  assert.equal(await open({ cookie, origin }), 101);
  assert.equal(await open({ cookie, origin: 'http://evil.example' }), 403);
  assert.equal((await viewer.post('/events', activity())).status, 403);
  for (const bad of [
    undefined,
    'tally=',
    `tally=${viewer.cookie}x`,
    `tally=ts_${'0'.repeat(40)}`,
    `${cookie}; ${cookie}`,
    `other=${viewer.cookie}`,
    `xtally=${viewer.cookie}`,
    `tally="${viewer.cookie}"`,
  ]) {
    const headers = bad === undefined ? {} : { cookie: bad };
    assert.equal(await open({ ...headers, origin }), 401, bad);
    assert.equal((await d.get('/api/v1/totals', { headers })).status, 401, bad);
  }
  for (const page of ['/', '/m/']) assert.equal((await d.get(page)).status, 200, `${page} holds no data`);
  assert.equal((await d.get('/api/v1/session')).status, 401);
});

scene('who may no longer look is shown no more', async (s) => {
  const store = await s.redis();
  const config = { access: { viewers: 'token' } };
  const [a, b] = [await s.daemon({ redis: store.url, config }), await s.daemon({ redis: store.url, config })];
  const [gone, stays] = [await signedIn(a, 'view', { name: 'gone' }), await signedIn(a, 'view')];
  const look = (d, person) => s.screen(d, { headers: { cookie: `tally=${person.cookie}` } });
  for (const person of [gone, stays])
    await until(async () => (await person.at(b).get('/session')).status === 200, 'the session to be known');
  const [first, second] = [await look(a, gone), await look(b, gone)];
  const other = await look(b, stays);
  assert.equal((await a.ctl('token', 'revoke', 'gone')).code, 0);
  assert.deepEqual([await first.closed, await second.closed], [1008, 1008]);
  await a.count(activity());
  await other.next((m) => m.type === 'delta', 'a delta');
});

scene('a phone that signs in again has one session, not two', async (s) => {
  const d = await s.daemon();
  const phone = await signedIn(d, 'report', { name: 'phone' });
  const { cookie } = phone;
  await phone.signIn((await codeFor(d, 'phone')).code);
  assert.notEqual(phone.cookie, cookie);
  assert.equal((await new Person(d, { cookie }).get('/session')).status, 401);
  assert.equal((await phone.get('/session')).status, 200);
  const { tokens } = JSON.parse((await d.ctl('--json', 'token', 'list')).stdout);
  assert.equal(tokens[0].sessions, 1);
});

scene('nothing that signs in is kept or told in clear', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url, config: { log: { level: 'debug' } } });
  const phone = await signedIn(d, 'admin', { name: 'boss' });
  const open = await codeFor(d, 'boss');
  await new Person(d).post('/session', { code: `tc_${'f'.repeat(32)}` });
  await new Person(d, { cookie: `ts_${'e'.repeat(40)}` }).get('/session');
  const secrets = [phone.cookie, open.code, 'f'.repeat(32), 'e'.repeat(40)];
  const dump = await store.dump();
  const metrics = (await d.get('/metrics')).text;
  const list = JSON.stringify((await phone.get('/admin/tokens')).json);
  const log = JSON.stringify(await audit(d));
  assert.match(dump, /sessions/);
  for (const secret of secrets)
    for (const [place, text] of Object.entries({ dump, metrics, list, log, stderr: d.log }))
      assert.ok(!text.includes(secret), `${secret} in ${place}`);
  const files = fs.readdirSync(d.state, { recursive: true }).map((name) => path.join(d.state, name));
  for (const file of files.filter((f) => fs.lstatSync(f).isFile()))
    for (const secret of secrets) assert.ok(!fs.readFileSync(file).includes(secret), file);
});

scene('what is no sign-in is refused', async (s) => {
  const d = await s.daemon();
  const outsider = new Person(d);
  for (const [body, status] of [
    [{}, 422],
    [{ code: 5 }, 422],
    [{ code: '' }, 403],
    [{ code: 'tc_' }, 403],
    [{ code: `tc_${'g'.repeat(32)}` }, 403],
    [{ code: `tc_${'0'.repeat(32)}` }, 403],
    [{ code: `tc_${'0'.repeat(32)}`, more: 1 }, 422],
    [[], 422],
  ])
    assert.equal((await outsider.post('/session', body)).status, status, JSON.stringify(body));
  assert.equal((await outsider.get('/session')).status, 401);
  assert.equal((await outsider.post('/codes', { name: 'x' })).status, 401);
  const odd = await d.request('POST', '/api/v1/session', {
    body: '{}',
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(odd.status, 415);
});
