// Tokens: who may do what, what is kept of them, and the owner's socket, by which alone they are
// given out.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { TALLYCTL, event, expectTotals, run, scene, until } from './harness.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', ...fields });

const filesOf = (folder) =>
  fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesOf(path.join(folder, entry.name)) : [path.join(folder, entry.name)],
    );
const isSocket = (file) => fs.lstatSync(file).isSocket();

scene('a token is printed once; only its hash is kept', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const token = await d.token('report', { name: 'phone-1', unit: 'u1' });
  assert.ok(token.length >= 20, "it can't be guessed");
  assert.notEqual(token, await d.token('report', { name: 'phone-2' }));
  await d.post([activity({ unit: 'u1' })], { token });
  const dump = await store.dump();
  assert.ok(!dump.includes(token));
  assert.match(dump, /phone-1/);
  for (const file of [...filesOf(d.state), ...filesOf(store.folder)].filter((f) => !isSocket(f)))
    assert.ok(!fs.readFileSync(file).includes(token), file);
  assert.ok(!d.log.includes(token));
  const list = await d.ctl('token', 'list');
  assert.equal(list.code, 0);
  for (const part of ['phone-1', 'phone-2', 'report', 'u1']) assert.ok(list.stdout.includes(part), part);
  assert.ok(!list.stdout.includes(token));
  assert.ok(
    !list.stdout.includes(crypto.createHash('sha256').update(token).digest('hex')),
    'nor is the hash shown',
  );
  const json = await d.ctl('--json', 'token', 'list');
  assert.ok(JSON.stringify(JSON.parse(json.stdout)).includes('phone-1'));
});

scene('each role may do what it says', async (s) => {
  const d = await s.daemon({ config: { access: { viewers: 'token' } } });
  const tokens = {
    admin: await d.token('admin'),
    report: await d.token('report'),
    view: await d.token('view'),
  };
  for (const [role, post, opening, look] of [
    ['admin', 200, 200, 200],
    ['report', 200, 403, 200],
    ['view', 403, 403, 200],
    [null, 401, 401, 401],
  ]) {
    const token = tokens[role] ?? 'nobody';
    assert.equal((await d.post([activity()], { token })).status, post, role);
    assert.equal(
      (await d.post([event('opening', { metrics: { activities: 1 } })], { token })).status,
      opening,
      role,
    );
    for (const target of [
      '/totals',
      '/events',
      '/catalogue',
      '/trend?metric=activities',
      '/problems',
      '/plans',
    ]) {
      assert.equal((await d.get(`/api/v1${target}`, { token })).status, look, `${role} ${target}`);
    }
    const screen = d.screen({ headers: { authorization: `Bearer ${token}` } });
    s.screens.push(screen);
    assert.equal(
      await screen.opened.then(
        () => 200,
        (error) => error.status,
      ),
      look,
      `${role} /ws`,
    );
  }
  for (const target of ['/healthz', '/readyz']) assert.equal((await d.get(target)).status, 200, target);
  assert.equal((await d.get('/api/v1/totals')).status, 401);
});

scene('viewers need no token by default, and a wrong one never helps', async (s) => {
  const d = await s.daemon();
  assert.equal((await d.get('/api/v1/totals')).status, 200);
  assert.equal((await d.post([activity()], { token: 'nobody' })).status, 401);
});

scene('a token that is revoked is refused, by every daemon on the store', async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const token = await a.token('report', { name: 'phone' });
  const status = async (d) => (await d.post([], { token })).status;
  await until(async () => (await status(b)) === 422, 'the other daemon to know it');
  const revoked = await b.ctl('token', 'revoke', 'phone');
  assert.equal(revoked.code, 0, revoked.stderr);
  for (const d of [a, b]) await until(async () => (await status(d)) === 401, 'it to be refused');
  assert.ok(!(await a.ctl('token', 'list')).stdout.includes('phone'));
  await until(async () => a.token('report', { name: 'phone' }).then(() => true), 'the name to be free again');
});

scene('tokens survive a restart, and work while the store is away', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const token = await d.token('report');
  await d.stop();
  await d.restart();
  assert.equal((await d.post([activity()], { token })).status, 200);
  await store.kill();
  await until(async () => (await d.post([activity()], { token })).status === 202, 'a 202');
  assert.equal((await d.post([activity()], { token: 'nobody' })).status, 401);
});

scene('what makes no token is refused', async (s) => {
  const d = await s.daemon();
  await d.token('report', { name: 'taken' });
  for (const [args, codes] of [
    [['add', 'x'], [2]],
    [
      ['add', 'x', '--role', 'boss'],
      [2],
    ],
    [
      ['add', 'x', '--role', ''],
      [2],
    ],
    [
      ['add', 'x', '--role', 'report', '--unit', 'u99'],
      [1],
    ],
    [['add', 'taken', '--role', 'view'], [1]],
    [
      ['add', '', '--role', 'view'],
      [1],
    ],
    [
      ['add', 'a b\n', '--role', 'view'],
      [1],
    ],
    [
      ['add', 'n'.repeat(65), '--role', 'view'],
      [1],
    ],
    [['revoke', 'nobody'], [1]],
    [['revoke'], [2]],
    [['list', 'x'], [2]],
  ]) {
    const got = await d.ctl('token', ...args);
    assert.ok(codes.includes(got.code), `${args}: ${got.code} ${got.stderr}`);
    assert.ok(got.stderr.length > 0);
    assert.equal(got.stdout, '');
  }
  const { stdout } = await d.ctl('--json', 'token', 'list');
  const list = JSON.parse(stdout);
  assert.equal((Array.isArray(list) ? list : list.tokens).length, 1);
});

scene("the owner's socket is for its owner only, and the state folder too", async (s) => {
  const d = await s.daemon();
  const sockets = filesOf(d.state).filter(isSocket);
  assert.ok(sockets.length >= 1);
  for (const file of sockets) assert.equal(fs.statSync(file).mode & 0o077, 0, `${file} is open to others`);
  assert.equal(fs.statSync(d.state).mode & 0o007, 0, 'the state folder is open to others');
  assert.ok(sockets.some((file) => (fs.statSync(file).mode & 0o777) === 0o600));
  for (const file of filesOf(d.state).filter((f) => !isSocket(f)))
    assert.equal(fs.statSync(file).mode & 0o007, 0, `${file} is open to others`);
});

/** A request by a unix socket; null if what listens there speaks no HTTP. */
function bySocket(socketPath, method, target, body) {
  return new Promise((resolve) => {
    const request = http.request(
      {
        socketPath,
        method,
        path: target,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
      },
    );
    request.setTimeout(5_000, () => request.destroy());
    request.on('error', () => resolve(null));
    request.end(body);
  });
}

scene("what goes only by the owner's socket goes by no other way", async (s) => {
  const d = await s.daemon();
  const admin = await d.admin();
  const tokenFile = path.join(s.folder, 'token');
  fs.writeFileSync(tokenFile, admin);
  for (const verb of [
    ['token', 'list'],
    ['token', 'add', 'x', '--role', 'admin'],
    ['token', 'revoke', 'x'],
    ['verify'],
  ]) {
    const got = await run(TALLYCTL, ['--url', d.url, '--token-file', tokenFile, ...verb]);
    assert.equal(got.code, 2, `${verb}: ${got.code} ${got.stderr}`);
  }
  const body = '{"name":"x","role":"admin"}';
  for (const target of [
    '/owner/v1/tokens',
    '/owner/v1/tokens/revoke',
    '/owner/v1/verify',
    '/api/v1/tokens',
    '/tokens',
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await d.request(method, target, {
        token: admin,
        body: method === 'POST' ? body : undefined,
        headers: { 'content-type': 'application/json' },
      });
      assert.ok([401, 403, 404, 405].includes(answer.status), `${method} ${target}: ${answer.status}`);
    }
  }
  // The socket itself speaks the API, without a token, and never falls over.
  const [socket] = filesOf(d.state).filter(
    (f) => isSocket(f) && (fs.statSync(f).mode & 0o777) === 0o600 && !/redis/.test(f),
  );
  assert.equal(await bySocket(socket, 'POST', '/api/v1/events', JSON.stringify(activity())), 200);
  for (const [method, target, text] of [
    ['POST', '/api/v1/events', '{'],
    ['POST', '/nothing', '{}'],
    ['GET', '/nothing', ''],
    ['POST', '/owner/v1/tokens', '{'],
    ['POST', '/owner/v1/tokens', '{"name":5}'],
    ['POST', '/owner/v1/tokens', '[]'],
    ['POST', '/owner/v1/tokens', '{"name":"x","role":"admin","more":1}'],
    ['POST', '/owner/v1/tokens/revoke', '{}'],
  ]) {
    const status = await bySocket(socket, method, target, text);
    assert.ok(status >= 400 && status < 500, `${method} ${target} ${text}: ${status}`);
  }
  assert.equal((await d.get('/healthz')).status, 200);
  await until(async () => (await d.api('/totals')).totals.activities === 1, 'the event to be counted');
  await expectTotals(d, 'all', { activities: 1 });
});
