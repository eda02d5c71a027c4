// HTTPS and wss by the daemon itself: which TLS it speaks, and how a new certificate takes the old
// one's place while everything stays connected.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { TALLYD, event, run, scene, until } from './harness.mjs';
import { Screen } from './screen.mjs';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const RSA = ['-newkey', 'rsa:2048'];
const activity = () => event('activity', { title: 't', community: 'm1' });

/** A certificate and its key, at the same two paths each time. */
class Pair {
  constructor(folder, kind = EC) {
    this.certificate = path.join(folder, 'tls.pem');
    this.key = path.join(folder, 'tls.key');
    this.config = { http: { tls_certificate: this.certificate, tls_key: this.key } };
    this.serial = 0;
    this.renew(kind);
  }

  /** Makes another one; both files take their places by renaming. */
  renew(kind = EC) {
    this.serial += 1;
    const [key, certificate] = [`${this.key}.new`, `${this.certificate}.new`];
    execFileSync(
      'openssl',
      ['req', '-x509', ...kind, '-nodes', '-keyout', key, '-out', certificate, '-days', '30']
        .concat(['-subj', `/CN=number ${this.serial}`, '-addext', 'subjectAltName=IP:127.0.0.1']),
      { stdio: 'ignore' },
    );
    fs.renameSync(key, this.key);
    fs.renameSync(certificate, this.certificate);
  }

  get name() {
    return `number ${this.serial}`;
  }
}

/** One request over TLS; gives status, text and the certificate's name. */
function ask(d, target, { agent = false, method = 'GET', body, headers = {}, ...options } = {}) {
  const port = Number(d.address.split(':').pop());
  return new Promise((resolve, reject) => {
    const request = https.request(
      { host: '127.0.0.1', port, path: target, method, agent, headers, rejectUnauthorized: false, ...options },
      (answer) => {
        const { CN } = answer.socket.getPeerCertificate().subject ?? {};
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            text: Buffer.concat(parts).toString('utf8'),
            name: CN,
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const post = (d, token, body, options = {}) =>
  ask(d, '/api/v1/events', {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
    ...options,
  });

async function open(s, pair, config = {}) {
  const d = await s
    .launch({ config: { ...config, http: { ...pair.config.http, ...config.http } } })
    .listening();
  await until(async () => (await ask(d, '/readyz')).status === 200, 'the daemon to be ready');
  return d;
}

async function tokenOf(d, role) {
  const { code, stdout, stderr } = await d.ctl('token', 'add', `t-${role}`, '--role', role);
  assert.equal(code, 0, stderr);
  await until(async () => (await post(d, stdout.trim(), '[]')).status !== 401, 'the token to be known');
  return stdout.trim();
}

async function watch(s, d) {
  const screen = new Screen(`wss://${d.address}/ws`);
  // The screen's socket has no setting for it, so the process' own is used.
  s.screens.push(screen);
  await screen.opened;
  return screen;
}

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the tests' certificates are nobody's

/** Resolves when it has ended, well or not. */
const closed = (socket) => new Promise((resolve) => socket.on('close', resolve));

/** What a handshake with these settings comes to: the version, or the error's code. */
async function handshake(d, options) {
  const port = Number(d.address.split(':').pop());
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  const outcome = await Promise.race([
    once(socket, 'secureConnect').then(() => socket.getProtocol()),
    once(socket, 'error').then(([error]) => error.code),
    once(socket, 'close').then(() => 'closed'),
  ]).catch((error) => error.code);
  const found = { outcome, alpn: socket.alpnProtocol };
  socket.on('error', () => {});
  socket.destroy();
  return found;
}

scene('pages, API and screens over TLS; the owner as ever', async (s) => {
  const pair = new Pair(s.folder, RSA);
  const d = await open(s, pair);
  const token = await tokenOf(d, 'report');
  const page = await ask(d, '/');
  assert.equal(page.status, 200);
  assert.match(page.text, /<html/);
  assert.equal(page.name, pair.name);

  const screen = await watch(s, d);
  const events = Array.from({ length: 1000 }, activity);
  const body = JSON.stringify(events.map((e) => ({ ...e, title: 'x'.repeat(190) })));
  assert.ok(body.length > 250_000);
  const answer = await post(d, token, body);
  assert.equal(answer.status, 200, answer.text);
  await until(() => screen.views[0]?.totals.activities === 1000, 'the screen to show them');
  screen.fine();

  // A large answer, and many on one connection.
  const list = await ask(d, '/api/v1/events?limit=1000');
  assert.equal(JSON.parse(list.text).events.length, 1000);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 50; i += 1)
    assert.equal((await post(d, token, JSON.stringify(activity()), { agent })).status, 200);
  agent.destroy();
  assert.equal((await d.ctl('totals')).code, 0, 'the socket in the state folder is without TLS');
});

scene('TLS 1.2 and 1.3, nothing older, and HTTP/1.1 on top', async (s) => {
  const d = await open(s, new Pair(s.folder));
  for (const version of ['TLSv1.2', 'TLSv1.3'])
    assert.equal((await handshake(d, { minVersion: version, maxVersion: version })).outcome, version);
  const old = { ciphers: 'ALL:@SECLEVEL=0' };
  for (const version of ['TLSv1', 'TLSv1.1']) {
    const { outcome } = await handshake(d, { ...old, minVersion: version, maxVersion: version });
    assert.match(outcome, /ALERT|UNSUPPORTED|PROTOCOL|RESET|closed/i, version);
  }
  assert.equal((await handshake(d, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  // A name that nobody here has is no reason to hang up, nor one to stumble over.
  for (const servername of ['owner', 'o', 'tallyd', 'screen.example', 'x'.repeat(200)])
    assert.equal((await handshake(d, { servername })).outcome, 'TLSv1.3', servername);
  assert.equal((await ask(d, '/healthz', { headers: { host: 'owner' } })).status, 200);
});

scene('who speaks no TLS is hung up on', async (s) => {
  const d = await open(s, new Pair(s.folder));
  for (const bytes of [
    'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    Buffer.from('16030100a5010000a10303', 'hex'),
    Buffer.alloc(5000, 7),
    '\r\n',
  ]) {
    const socket = net.connect(Number(d.address.split(':').pop()), '127.0.0.1');
    let text = '';
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', () => {});
    socket.end(bytes);
    await closed(socket);
    assert.doesNotMatch(text, /HTTP\/1\.1 200/);
    assert.equal((await ask(d, '/healthz')).status, 200);
  }
});

scene('a handshake that stalls is dropped like a head that does', async (s) => {
  const d = await open(s, new Pair(s.folder), { http: { head_timeout: 1 } });
  const port = Number(d.address.split(':').pop());
  const stalled = [Buffer.alloc(0), Buffer.from('16030100a5010000a10303', 'hex')].map((bytes) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes);
    return closed(socket);
  });
  const quiet = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  quiet.on('error', () => {});
  quiet.resume();
  await Promise.all([...stalled, closed(quiet)]);
  assert.equal((await ask(d, '/healthz')).status, 200);
});

scene('SIGHUP brings a new certificate; nothing is dropped', async (s) => {
  const pair = new Pair(s.folder, RSA);
  const d = await open(s, pair);
  const token = await tokenOf(d, 'report');
  const screen = await watch(s, d);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  assert.equal((await ask(d, '/healthz', { agent })).name, 'number 1');

  // Of another kind of key, and back: the old one is never shown again.
  for (const kind of [EC, RSA, EC]) {
    pair.renew(kind);
    process.kill(d.pid, 'SIGHUP');
    await until(async () => (await ask(d, '/healthz')).name === pair.name, `${pair.name} to be shown`);
    for (const sigalgs of ['ECDSA+SHA256', 'RSA-PSS+SHA256', 'RSA+SHA256']) {
      const answer = await ask(d, '/healthz', { sigalgs, maxVersion: 'TLSv1.2' }).catch(() => null);
      if (answer) assert.equal(answer.name, pair.name, sigalgs);
    }
  }
  assert.equal((await ask(d, '/healthz', { agent })).name, 'number 1', 'the old connection is kept');
  assert.equal((await post(d, token, JSON.stringify(activity()))).status, 200);
  await until(() => screen.views[0]?.totals.activities === 1, 'the old screen to show it');
  screen.fine();
  agent.destroy();
});

scene('files that change are read again by themselves', async (s) => {
  const pair = new Pair(s.folder);
  const d = await open(s, pair);
  pair.renew();
  await until(async () => (await ask(d, '/healthz')).name === 'number 2', 'number 2 to be shown');
  assert.match(d.log, /event=certificate_loaded expires=/);

  // Half of a pair, as while somebody is copying: the old one stays until both are there.
  const [certificate, key] = [fs.readFileSync(pair.certificate), fs.readFileSync(pair.key)];
  pair.renew();
  const fresh = fs.readFileSync(pair.key);
  fs.writeFileSync(pair.key, key);
  await until(() => /event=certificate_refused/.test(d.log), 'the mismatch to be told');
  assert.equal((await ask(d, '/healthz')).name, 'number 2');
  fs.writeFileSync(pair.key, fresh);
  await until(async () => (await ask(d, '/healthz')).name === 'number 3', 'number 3 to be shown');

  // By SIGHUP too, nothing changes unless all is good.
  fs.writeFileSync(pair.certificate, certificate.subarray(0, 300));
  process.kill(d.pid, 'SIGHUP');
  await until(() => /event=reload_refused.*tls_certificate/.test(d.log), 'the refusal');
  assert.equal((await ask(d, '/healthz')).name, 'number 3');
  assert.doesNotMatch(d.log, /PRIVATE KEY/);
});

scene('it does not start with half a pair, nor with one that cannot serve', async (s) => {
  const pair = new Pair(s.folder);
  const elsewhere = fs.mkdtempSync(path.join(s.folder, 'other-'));
  const other = new Pair(elsewhere);
  execFileSync('openssl', ['pkey', '-in', pair.key, '-aes128', '-passout', 'pass:x', '-out', `${pair.key}.locked`]);
  for (const [http, said] of [
    [{ tls_certificate: pair.certificate }, /http\.tls_key/],
    [{ tls_key: pair.key }, /http\.tls_certificate/],
    [{ tls_certificate: pair.certificate, tls_key: other.key }, /tls\.key: .*mismatch/],
    [{ tls_certificate: pair.certificate, tls_key: '/nowhere/key' }, /\/nowhere\/key: .*no such file/i],
    [{ tls_certificate: pair.key, tls_key: pair.key }, /tls\.key/],
    [{ tls_certificate: pair.certificate, tls_key: `${pair.key}.locked` }, /tls\.key\.locked/],
  ]) {
    const file = s.writeConfig({ http });
    const checked = await run(TALLYD, ['--check', '--config', file]);
    assert.equal(checked.code, 2, JSON.stringify(http));
    assert.match(checked.stderr, said);
    const started = await run(TALLYD, ['--config', file, '--listen', '127.0.0.1:0', '--state', `${s.folder}/x`]);
    assert.equal(started.code, 2);
    assert.match(started.stderr, said);
  }
  const good = await run(TALLYD, ['--check', '--config', s.writeConfig(pair.config)]);
  assert.equal(good.code, 0, good.stderr);
});

scene('over TLS the cookie is Secure', async (s) => {
  const d = await open(s, new Pair(s.folder));
  await d.ctl('token', 'add', 'v', '--role', 'view');
  const link = JSON.parse((await d.ctl('--json', 'token', 'link', 'v')).stdout);
  const body = JSON.stringify({ code: link.code });
  const answer = await ask(d, '/api/v1/session', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      origin: `https://${d.address}`,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['set-cookie'][0], /; Secure(;|$)/);
});
