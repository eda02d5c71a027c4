// What an admin may do by the API: give, list and take back access; and the same by tallyctl.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { event, scene, until } from './harness.mjs';
import { Person, signedIn } from './person.mjs';

scene('an admin gives access by a link, without ever seeing a token', async (s) => {
  const d = await s.daemon();
  const admin = await signedIn(d, 'admin', { name: 'boss' });
  const made = await admin.post('/admin/tokens', { name: 'clinic', role: 'report', unit: 'u3' });
  assert.equal(made.status, 201, made.text);
  const { code, path, expires, ...rest } = made.json;
  assert.deepEqual(rest, { name: 'clinic', role: 'report', unit: 'u3' });
  assert.equal(path, `/m/#in=${code}`);
  assert.ok(Date.parse(expires) > Date.now());
  assert.ok(!made.text.includes('tt_'));
  const clinic = new Person(d);
  await clinic.signIn(code);
  assert.equal((await clinic.get('/session')).json.name, 'clinic');

  // Another link for the same, on a second phone.
  const again = await admin.post('/codes', { name: 'clinic' });
  assert.equal(again.status, 201, again.text);
  const second = new Person(d);
  await second.signIn(again.json.code);
  assert.equal((await admin.post('/codes', { name: 'nobody' })).status, 404);

  const { tokens } = (await admin.get('/admin/tokens')).json;
  const byName = Object.fromEntries(tokens.map((t) => [t.name, t]));
  assert.deepEqual(Object.keys(byName).sort(), ['boss', 'clinic']);
  assert.deepEqual(
    { ...byName.clinic, created: '', seen: '' },
    { name: 'clinic', role: 'report', unit: 'u3', created: '', seen: '', sessions: 2 },
  );
  for (const field of ['created', 'seen'])
    assert.ok(Math.abs(Date.parse(byName.clinic[field]) - Date.now()) < 60_000, field);

  const revoked = await admin.post('/admin/tokens/revoke', { name: 'clinic' });
  assert.equal(revoked.status, 200, revoked.text);
  for (const person of [clinic, second])
    await until(async () => (await person.get('/session')).status === 401, 'the session to end', 1000);
  assert.equal((await admin.post('/admin/tokens/revoke', { name: 'clinic' })).status, 404);
});

scene('lists hold no hash of anything', async (s) => {
  const d = await s.daemon();
  const token = await d.token('report', { name: 'phone' });
  const admin = await signedIn(d, 'admin');
  const text = (await admin.get('/admin/tokens')).text + (await d.ctl('--json', 'token', 'list')).stdout;
  for (const secret of [token, admin.cookie])
    for (const form of ['hex', 'base64'])
      assert.ok(!text.includes(crypto.createHash('sha256').update(secret).digest(form)));
  assert.doesNotMatch(text, /hash/);
  assert.doesNotMatch(text, /[0-9a-f]{32}/);
});

scene('nobody else may', async (s) => {
  const d = await s.daemon();
  const people = [await signedIn(d, 'view'), await signedIn(d, 'report'), new Person(d)];
  for (const person of people) {
    const want = person.cookie ? 403 : 401;
    for (const target of ['/admin/tokens', '/admin/pending', '/admin/audit'])
      assert.equal((await person.get(target)).status, want, target);
    for (const [target, body] of [
      ['/admin/tokens', { name: 'x', role: 'admin' }],
      ['/admin/tokens/revoke', { name: person.name ?? 'x' }],
      ['/admin/pending', { id: 'x', accept: true }],
      ['/codes', { name: person.name ?? 'x' }],
    ])
      assert.equal((await person.post(target, body)).status, want, target);
  }
  const admin = await signedIn(d, 'admin');
  for (const [body, status] of [
    [{ name: 'x', role: 'boss' }, 422],
    [{ name: 'x' }, 422],
    [{ role: 'view' }, 422],
    [{ name: 'a b', role: 'view' }, 422],
    [{ name: 'x', role: 'report', unit: 'u99' }, 422],
    [{ name: 'x', role: 'view', unit: 'u1' }, 422],
    [{ name: 'x', role: 'report', unit: 5 }, 422],
    [{ name: admin.name, role: 'view' }, 422],
    [{ name: 'x', role: 'view', token: 'tt_mine' }, 422],
    [{ name: 'x', role: 'report', unit: null }, 201],
  ])
    assert.equal((await admin.post('/admin/tokens', body)).status, status, JSON.stringify(body));
});

scene('tallyctl prints a link and its QR code for a phone', async (s) => {
  const d = await s.daemon();
  const added = await d.ctl(
    ...['token', 'add', 'phone', '--role', 'report', '--qr', '--base', 'https://tally.example/'],
  );
  assert.equal(added.code, 0, added.stderr);
  const [token, link, ...picture] = added.stdout.trimEnd().split('\n');
  assert.match(token, /^tt_[0-9a-f]{40}$/);
  assert.match(link, /^https:\/\/tally\.example\/m\/#in=tc_[0-9a-f]{32}$/);
  assert.ok(picture.length > 15);
  assert.ok(picture.every((line) => /^[ ▀▄█]+$/.test(line) && line.length === picture[0].length));
  assert.ok(picture[0].length >= 2 * picture.length - 1, 'it is a square');
  const phone = new Person(d);
  assert.equal((await phone.signIn(link.split('#in=')[1])).name, 'phone');

  const plain = await d.ctl('token', 'link', 'phone');
  assert.equal(plain.stdout.trim().split('\n').length, 1);
  assert.ok(plain.stdout.startsWith(`${d.url}/m/#in=tc_`), plain.stdout);
  const json = JSON.parse((await d.ctl('--json', 'token', 'add', 'x', '--role', 'view', '--qr')).stdout);
  assert.match(json.token, /^tt_/);
  assert.equal(json.link, `${d.url}/#in=${json.code}`);

  for (const args of [
    ['list', '--qr'],
    ['revoke', 'phone', '--qr'],
    ['add', 'y', '--role', 'view', '--base', 'http://x'],
    ['link'],
    ['link', 'phone', '--role', 'view'],
  ]) {
    const got = await d.ctl('token', ...args);
    assert.equal(got.code, 2, `${args}: ${got.stdout}`);
    assert.equal(got.stdout, '');
  }
  const none = await d.ctl('token', 'link', 'nobody', '--qr');
  assert.equal(none.code, 1);
  assert.equal(none.stdout, '');
});

scene('a backup carries tokens, and no session or code', async (s) => {
  const d = await s.daemon();
  const phone = await signedIn(d, 'report', { name: 'phone' });
  const open = JSON.parse((await d.ctl('--json', 'token', 'link', 'phone')).stdout).code;
  await d.count(event('activity', { title: 't', community: 'm1' }));
  const file = `${s.folder}/b.zst`;
  assert.equal((await d.ctl('backup', file)).code, 0);
  const other = await s.daemon();
  assert.equal((await other.ctl('restore', file)).code, 0);
  const list = async () => JSON.parse((await other.ctl('--json', 'token', 'list')).stdout).tokens;
  assert.ok((await list()).some((t) => t.name === 'phone' && t.sessions === 0));
  assert.equal((await phone.at(other).get('/session')).status, 401);
  assert.equal((await new Person(other).post('/session', { code: open })).status, 403);
});
