// Who is behind a reverse proxy: only a trusted one is believed, and of the list that it sends only
// what proxies have added. The audit log tells which address a refused sign-in came from.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { event, scene, until } from './harness.mjs';
import { Person, audit, codeFor } from './person.mjs';

let serial = 0;

/** The address that a request with these headers is taken to come from. */
async function peerOf(d, headers) {
  const before = (await audit(d)).length;
  const answer = await d.post([event('activity', { title: 't', community: 'm1' })], {
    token: `tt_guess${(serial += 1)}`,
    headers,
  });
  assert.equal(answer.status, 401, answer.text);
  const fresh = await until(async () => {
    const entries = await audit(d);
    return entries.length > before && entries.at(-1);
  }, 'the refusal to be noted');
  assert.equal(fresh.outcome, 'bad_token');
  return fresh.peer;
}

const UNLOCKED = { lockout_tries: 0 };

scene("nobody's word is taken by default", async (s) => {
  const d = await s.daemon({ config: { limits: UNLOCKED } });
  assert.equal(await peerOf(d, {}), '127.0.0.1');
  assert.equal(await peerOf(d, { 'x-forwarded-for': '192.0.2.1' }), '127.0.0.1');
  assert.equal(await peerOf(d, { forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1' }), '127.0.0.1');
});

scene('of a trusted proxy the rightmost stranger counts', async (s) => {
  const d = await s.daemon({
    config: {
      http: { trusted_proxies: ['127.0.0.0/8', '10.1.0.0/16', '2001:db8:1::/48'] },
      limits: UNLOCKED,
    },
  });
  for (const [list, peer] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::7', '2001:db8::7'],
    ['6.6.6.6, 192.0.2.1', '192.0.2.1'],
    ['6.6.6.6, 192.0.2.1, 10.1.2.3', '192.0.2.1'],
    ['10.1.2.3, 192.0.2.1, 2001:db8:1::9, 10.1.2.3', '192.0.2.1'],
    ['192.0.2.1, 10.2.0.1', '10.2.0.1'],
    ['192.0.2.1, nonsense', '127.0.0.1'],
    ['<script>', '127.0.0.1'],
    [['192.0.2.1', '192.0.2.2'], '192.0.2.2'],
  ])
    assert.equal(await peerOf(d, { 'x-forwarded-for': list }), peer, String(list));
  assert.equal(await peerOf(d, {}), '127.0.0.1');
});

scene('a stranger who plays proxy is locked out for what it did itself', async (s) => {
  const d = await s.daemon({
    config: { http: { trusted_proxies: ['10.0.0.0/8'] }, limits: { loopback: true } },
  });
  const guess = (address) =>
    d.post([], { token: 'tt_guess', headers: { 'x-forwarded-for': address } });
  for (let i = 0; i < 10; i += 1) assert.equal((await guess(`192.0.2.${i}`)).status, 401);
  assert.equal((await guess('192.0.2.99')).status, 429);
});

scene('proxies change while it runs; the cookie is Secure by their word alone', async (s) => {
  const config = (trusted_proxies) => ({ http: { trusted_proxies }, limits: UNLOCKED });
  const file = s.writeConfig(config([]));
  const d = await s.daemon({ configFile: file });
  await d.token('view', { name: 'v' });
  const isSecure = async (proto) => {
    const person = new Person(d);
    const { code } = await codeFor(d, 'v');
    const answer = await person.post('/session', { code }, { 'x-forwarded-proto': proto });
    assert.equal(answer.status, 200, answer.text);
    return /; Secure(;|$)/.test(person.setCookie);
  };
  assert.equal(await isSecure('https'), false);
  fs.writeFileSync(file, fs.readFileSync(s.writeConfig(config(['127.0.0.1']))));
  process.kill(d.pid, 'SIGHUP');
  await until(() => /event=reloaded/.test(d.log), 'the settings to be read again');
  assert.equal(await isSecure('https'), true);
  assert.equal(await isSecure('HTTPS'), true);
  assert.equal(await isSecure('http'), false);
  assert.equal(await isSecure('httpsx'), false);
  assert.equal(await peerOf(d, { 'x-forwarded-for': '192.0.2.1' }), '192.0.2.1');
});
