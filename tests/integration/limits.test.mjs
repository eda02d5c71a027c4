// How much one address, token or device may take, and for how long one that guesses is refused
// unheard. The daemon believes this machine to be a proxy, so that each client can have an address
// of its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { event, scene, until } from './harness.mjs';
import { Person, audit, codeFor, phone, signedIn } from './person.mjs';
import { Line, getText } from './raw.mjs';

const PROXY = { trusted_proxies: ['127.0.0.1'] };
const from = (address) => ({ 'x-forwarded-for': address });
const activity = () => event('activity', { title: 't', community: 'm1' });

/** A daemon whose settings can be changed while it runs. */
function settings(s, config) {
  const file = s.writeConfig(config);
  return {
    file,
    async change(d, next) {
      fs.writeFileSync(file, fs.readFileSync(s.writeConfig(next)));
      const reloads = () => d.log.split('event=reloaded').length;
      const before = reloads();
      process.kill(d.pid, 'SIGHUP');
      await until(() => reloads() > before, 'the settings to be read again');
    },
  };
}

/** Sends until one is refused for coming too often; gives that answer and how many were taken. */
async function exhaust(send, most) {
  for (let taken = 0; taken < most; taken += 1) {
    const answer = await send();
    if (answer.status === 429) return { taken, answer };
    assert.ok(answer.status < 500, answer.text);
  }
  return assert.fail(`all of ${most} were taken`);
}

/** 429, in words for programs and people, with the time to wait. */
function isTooMany(answer, most) {
  assert.equal(answer.status, 429, answer.text);
  assert.equal(answer.json.error.code, 'too_many');
  assert.ok(answer.json.error.message);
  const wait = Number(answer.headers['retry-after']);
  assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= most, `Retry-After: ${wait}`);
  return wait;
}

scene('an address has its burst, then its rate; others are not touched', async (s) => {
  const d = await s.daemon({ config: { http: PROXY, limits: { address_per_second: 1 } } });
  const get = (address, target = '/api/v1/totals') => d.get(target, { headers: from(address) });
  const { taken, answer } = await exhaust(() => get('192.0.2.1'), 200);
  assert.ok(taken >= 10, `${taken} at once`);
  const wait = isTooMany(answer, 1);
  // Whatever is asked for, also pages, paths that aren't there, and screens.
  await exhaust(() => get('192.0.2.1', '/'), 200);
  await exhaust(() => get('192.0.2.1', '/nothing'), 200);
  await exhaust(() => get('192.0.2.1', '/healthz'), 200);
  await assert.rejects(
    (async () => {
      for (let i = 0; i < 30; i += 1) await s.screen(d, { headers: from('192.0.2.1') });
    })(),
    { status: 429 },
  );
  assert.equal((await get('192.0.2.2')).status, 200);
  assert.equal((await d.get('/readyz')).status, 200, 'loopback is exempt');
  await pause(wait * 1000);
  assert.equal((await get('192.0.2.1')).status, 200, 'who has waited as told is served');
  assert.match((await d.get('/metrics')).text, /^tallyd_requests_limited_total [1-9]/m);
});

scene("a subscriber's IPv6 addresses are one; IPv4 ones are their own", async (s) => {
  const d = await s.daemon({ config: { http: PROXY, limits: { address_per_second: 1 } } });
  const get = (address) => d.get('/healthz', { headers: from(address) });
  let n = 0;
  await exhaust(() => get(`2001:db8:7:7::${(n += 1).toString(16)}`), 200);
  assert.equal((await get('2001:db8:7:8::1')).status, 200);
  for (let i = 1; i < 60; i += 1) assert.equal((await get(`192.0.2.${i}`)).status, 200);
});

scene('loopback is exempt unless asked for; 0 is any number', async (s) => {
  const d = await s.daemon({ config: { limits: { address_per_second: 1, lockout_tries: 1 } } });
  for (let i = 0; i < 60; i += 1) assert.equal((await d.get('/healthz')).status, 200);
  for (let i = 0; i < 5; i += 1) assert.equal((await d.post([], { token: 'nobody' })).status, 401);

  const own = await s.daemon({ config: { limits: { address_per_second: 1, loopback: true } } });
  await exhaust(() => own.get('/healthz'), 200);
  const none = await s.daemon({
    config: { limits: { address_per_second: 0, lockout_tries: 0, loopback: true } },
  });
  for (let i = 0; i < 60; i += 1) assert.equal((await none.get('/healthz')).status, 200);
  for (let i = 0; i < 30; i += 1) assert.equal((await none.post([], { token: 'nobody' })).status, 401);
});

scene("a reporter's own token is what limits it, wherever it is", async (s) => {
  const d = await s.daemon({
    config: { http: PROXY, limits: { address_per_second: 1, token_events_per_second: 5 } },
  });
  const [one, other] = [await d.token('report'), await d.token('report')];
  const phone = await signedIn(d, 'report');
  const crowded = from('192.0.2.1');
  await exhaust(() => d.get('/healthz', { headers: crowded }), 200);
  const post = (token, n) =>
    d.post(
      Array.from({ length: n }, () => activity()),
      { token, headers: crowded },
    );
  assert.equal((await post(one, 1)).status, 200, 'the crowd at its address is none of its doing');
  assert.equal((await phone.post('/events', activity(), crowded)).status, 200, 'nor of a session');
  const { answer } = await exhaust(() => post(one, 5), 200);
  isTooMany(answer, 2);
  assert.equal((await post(other, 1)).status, 200);
  // A batch larger than what may be sent in a second isn't refused for ever.
  assert.equal((await post(await d.token('report'), 50)).status, 200);
  // The owner has no such limit.
  const file = `${s.folder}/many.csv`;
  fs.writeFileSync(
    file,
    `id,kind,at,title,community\n${Array.from({ length: 300 }, (_, i) => `i${i},activity,2024-05-01T00:00:00+08:00,t,m1`).join('\n')}\n`,
  );
  const imported = await d.ctl('import', file);
  assert.equal(imported.code, 0, imported.stdout + imported.stderr);
});

scene('who guesses tokens is refused unheard; who has one is always heard', async (s) => {
  const d = await s.daemon({ config: { http: PROXY } });
  const token = await d.token('report', { name: 'clinic' });
  const person = await signedIn(d, 'report');
  const [link, other] = [await codeFor(d, 'clinic'), await codeFor(d, 'clinic')];
  const guess = (address) => d.post([activity()], { token: 'tt_guess', headers: from(address) });
  for (let i = 0; i < 10; i += 1) assert.equal((await guess('192.0.2.1')).status, 401, `guess ${i}`);
  isTooMany(await guess('192.0.2.1'), 600);
  const read = { token: 'tt_guess', headers: from('192.0.2.1') };
  isTooMany(await d.get('/api/v1/totals', read), 600);

  // Good ones are looked up first, from there as well.
  assert.equal((await d.post([activity()], { token, headers: from('192.0.2.1') })).status, 200);
  assert.equal((await person.post('/events', activity(), from('192.0.2.1'))).status, 200);
  assert.equal((await d.get('/api/v1/totals', { headers: from('192.0.2.1') })).status, 200);
  // So are one-time codes, for a whole street may come from one address; a used one is a guess.
  const sign = (code, address) => new Person(d).post('/session', { code }, from(address));
  assert.equal((await sign(link.code, '192.0.2.1')).status, 200);
  isTooMany(await sign(link.code, '192.0.2.1'), 600);
  assert.equal((await guess('192.0.2.2')).status, 401);
  assert.equal((await sign(other.code, '192.0.2.2')).status, 200);
  await until(() => /event=locked_out peer=192\.0\.2\.1/.test(d.log), 'the log to tell of it');
  const told = (await audit(d)).filter((entry) => entry.peer === '192.0.2.1');
  assert.ok(told.some((entry) => entry.outcome === 'locked_out'));
});

scene('so is who guesses codes, and at screens', async (s) => {
  const d = await s.daemon({ config: { http: PROXY, access: { viewers: 'token' } } });
  const code = `tc_${'0'.repeat(32)}`;
  const sign = () => new Person(d).post('/session', { code }, from('192.0.2.1'));
  for (let i = 0; i < 10; i += 1) assert.equal((await sign()).status, 403, `guess ${i}`);
  isTooMany(await sign(), 600);
  const open = (address, token) =>
    s.screen(d, { headers: { ...from(address), authorization: `Bearer ${token}` } });
  await assert.rejects(open('192.0.2.1', 'tt_guess'), { status: 429 });
  for (let i = 0; i < 10; i += 1) await assert.rejects(open('192.0.2.3', 'tt_guess'), { status: 401 });
  await assert.rejects(open('192.0.2.3', 'tt_guess'), { status: 429 });
  await open('192.0.2.3', await d.token('view'));
});

scene('a session that has ended is no guess', async (s) => {
  const d = await s.daemon({ config: { http: PROXY, access: { viewers: 'token' } } });
  const person = await signedIn(d, 'view');
  const { cookie } = person;
  await person.post('/session/end');
  person.cookie = cookie;
  for (let i = 0; i < 30; i += 1)
    assert.equal((await person.request('GET', '/session', undefined, from('192.0.2.1'))).status, 401);
  const bad = await d.post([], { token: 'nobody', headers: from('192.0.2.1') });
  assert.equal(bad.status, 401, 'the address is not locked');
});

scene('posts without a token have a limit of their own', async (s) => {
  const d = await s.daemon({
    config: { http: PROXY, limits: { address_open_per_minute: 4, lockout_tries: 0 } },
  });
  const sign = (address) =>
    new Person(d).post('/session', { code: `tc_${'0'.repeat(32)}` }, from(address));
  const raise = (address) =>
    new Person(d).post('/raise', { title: '楼道灯坏了', community: 'm1', device: phone() }, from(address));
  const { taken, answer } = await exhaust(() => sign('192.0.2.1'), 50);
  assert.ok(taken >= 4, `${taken} at once`);
  isTooMany(answer, 15);
  isTooMany(await raise('192.0.2.1'), 15);
  assert.equal((await raise('192.0.2.2')).status, 202);
  assert.equal((await d.get('/', { headers: from('192.0.2.1') })).status, 200);
});

scene('so has a device, from wherever it sends', async (s) => {
  const d = await s.daemon({ config: { http: PROXY, limits: { device_per_hour: 3 } } });
  const mine = phone();
  let n = 0;
  const raise = (device) => {
    n += 1;
    const body = { title: `路灯${n}不亮`, community: 'm1', device };
    return new Person(d).post('/raise', body, from(`192.0.2.${n}`));
  };
  const { taken, answer } = await exhaust(() => raise(mine), 20);
  assert.equal(taken, 3);
  isTooMany(answer, 1200);
  assert.equal((await raise(phone())).status, 202);
});

scene('an address has so many connections, and room again when one ends', async (s) => {
  const d = await s.daemon({ config: { limits: { connections_per_address: 4, loopback: true } } });
  d.agent.destroy();
  const lines = [];
  const served = async () => {
    const line = new Line(d.address);
    lines.push(line);
    await line.write(getText(d.address, '/healthz')).catch(() => {});
    return (await line.answers(1))[0]?.status === 200;
  };
  await until(async () => {
    if (lines.filter((line) => !line.isClosed).length >= 4) return true;
    await served();
    return false;
  }, 'four connections to be open');
  assert.equal(await served(), false, 'a fifth is hung up on');
  lines.find((line) => !line.isClosed).end();
  await until(served, 'a new one to be taken');
  await until(() => /event=address_has_too_many_connections/.test(d.log), 'the log to tell of it');
  // The owner comes in by another door.
  assert.equal((await d.ctl('token', 'list')).code, 0);
  for (const line of lines) line.end();
});

scene('limits change while it runs', async (s) => {
  const config = (address_per_second, connections_per_address = 0) => ({
    limits: { address_per_second, connections_per_address, loopback: true },
  });
  const file = settings(s, config(1));
  const d = await s.daemon({ configFile: file.file });
  await exhaust(() => d.get('/healthz'), 200);
  await file.change(d, config(0));
  for (let i = 0; i < 60; i += 1) assert.equal((await d.get('/healthz')).status, 200);
  await file.change(d, config(0, 1));
  const held = new Line(d.address);
  await held.connected;
  const second = new Line(d.address);
  await second.closed;
  held.end();
});
