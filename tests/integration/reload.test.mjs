// Settings changed while the daemon runs: each is either in force after SIGHUP, or named in the log
// as one that takes a restart, and then the old one goes on in every respect.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ALLIANCE, TALLYD, cleanEnv, event, run, scene, until } from './harness.mjs';
import { Person, codeFor } from './person.mjs';
import { Line } from './raw.mjs';

const activity = () => event('activity', { title: 't', community: 'm1', residents: 2 });

/** A daemon whose settings all come from its file, so that each can be changed there. */
async function open(s, settings = {}) {
  const state = path.join(s.folder, 'state');
  const base = { ...settings, http: { listen: '127.0.0.1:0', ...settings.http } };
  const file = s.writeConfig({ ...base, state: { dir: state, ...settings.state } });
  const d = await s.daemon({ args: ['--config', file], state, configFile: file });
  const write = (next) => {
    const whole = { ...base, ...next };
    for (const section of Object.keys(whole)) whole[section] = { ...base[section], ...next[section] };
    whole.state = { dir: state, ...next.state };
    fs.writeFileSync(file, fs.readFileSync(s.writeConfig(whole)));
  };
  return { d, file, write };
}

/** Has the daemon read its settings again; gives what it logged of that, up to WORD. */
async function hup(d, word = 'event=reloaded') {
  const from = d.log.length;
  process.kill(d.pid, 'SIGHUP');
  await until(() => d.log.slice(from).includes(word), `${word} in the log`);
  return d.log.slice(from);
}

scene('log.level is in force after SIGHUP, both ways', async (s) => {
  const { d, write } = await open(s);
  const from = d.log.length;
  write({ log: { level: 'error' }, access: { viewers: 'token' } });
  process.kill(d.pid, 'SIGHUP');
  await until(async () => (await d.get('/api/v1/totals')).status === 401, 'the settings to be read again');
  write({ log: { level: 'loud' } });
  await hup(d, 'event=reload_refused');
  assert.doesNotMatch(d.log.slice(from), /event=reloaded/, 'what is no error is told no more');
  write({ log: { level: 'info' } });
  await hup(d);
});

scene('who may look, from where, and how long a body may take change while running', async (s) => {
  const { d, write } = await open(s);
  const origin = 'https://screen.example';
  const screen = await s.screen(d);
  await screen.type('snapshot');
  await assert.rejects(s.screen(d, { headers: { origin } }), { status: 403 });
  await d.token('view', { name: 'wall' });
  const viewer = new Person(d);
  await viewer.signIn((await codeFor(d, 'wall')).code);
  const hours = async () => (Date.parse((await codeFor(d, 'wall')).expires) - Date.now()) / 3_600_000;
  assert.ok((await hours()) > 71);

  write({
    http: { origins: [origin], body_timeout: 1 },
    access: { viewers: 'token', code_hours: 2 },
  });
  const log = await hup(d);
  assert.doesNotMatch(log, /restart_needed/);
  assert.equal((await d.get('/api/v1/totals')).status, 401);
  assert.equal((await viewer.get('/totals')).status, 200);
  assert.equal(await screen.closed, 1008, 'a screen that nobody let in is shown out');
  const cookie = `tally=${viewer.cookie}`;
  const again = await s.screen(d, { headers: { origin, cookie } });
  await again.type('snapshot');
  assert.ok((await hours()) < 3);
  const stalled = new Line(d.address);
  await stalled.write(
    `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await d.admin()}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n[',
  );
  assert.equal((await stalled.answers(1, 60_000))[0]?.status, 408);

  write({});
  await hup(d);
  assert.equal((await d.get('/api/v1/totals')).status, 200);
  assert.equal(again.socket.readyState, 1, 'whom a token let in stays');
});

scene('a setting that takes a restart is named, and the old one goes on', async (s) => {
  const { d, file, write } = await open(s);
  const { stdout } = await run(TALLYD, ['--config', file, '--dump-config'], { env: cleanEnv() });
  const told = [];
  let section;
  let restart = false;
  for (const line of stdout.split('\n')) {
    section = /^ {4}"(\w+)": \{/.exec(line)?.[1] ?? section;
    if (/^ +\/\/ TALLYD_/.test(line)) restart = line.includes('takes a restart');
    const key = /^ {8}"(\w+)": /.exec(line)?.[1];
    if (key && restart) told.push(`${section}.${key}`);
  }
  const elsewhere = path.join(s.folder, 'elsewhere');
  write({
    http: { listen: '127.0.0.1:1', pages: s.folder, max_connections: 100 },
    redis: { url: 'redis://:hunter2@127.0.0.1:1/0', timeout: 100, server: 'no-redis' },
    state: { dir: elsewhere },
    journal: { max_mib: 64 },
    alliance: { time_zone: 'America/New_York' },
  });
  const named = (log) => [...log.matchAll(/event=restart_needed setting=(\S+)/g)].map((m) => m[1]).sort();
  const log = await hup(d);
  assert.ok(told.length > 5, `the annotated file tells of ${told}`);
  assert.deepEqual(named(log), told.sort());
  assert.doesNotMatch(log, /hunter2/);

  await d.count(activity());
  await d.token('view', { name: 'late' });
  assert.match(fs.readFileSync(path.join(d.state, 'credentials'), 'utf8'), /^late /m);
  assert.equal(fs.existsSync(elsewhere), false);
  assert.match((await d.api('/totals')).as_of, /\+08:00$/);

  // Told again as long as they differ, and no longer once they are put back.
  assert.deepEqual(named(await hup(d)), told);
  write({});
  assert.deepEqual(named(await hup(d)), []);
});

scene('HTTPS is not turned on by a reload: it is said, and links go on naming what there is', async (s) => {
  const { d, write } = await open(s);
  const [certificate, key] = ['tls.pem', 'tls.key'].map((name) => path.join(s.folder, name));
  const make = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x';
  execFileSync('openssl', [...make.split(' '), '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  write({ http: { tls_certificate: certificate, tls_key: key } });
  const log = await hup(d);
  assert.match(log, /event=restart_needed setting=http\.tls_certificate/);
  assert.match(log, /event=restart_needed setting=http\.tls_key/);
  assert.equal((await d.get('/healthz')).status, 200);
  await d.token('view', { name: 'wall' });
  const { link } = await codeFor(d, 'wall');
  assert.match(link, /^http:/);
});

scene('a file with one fault changes nothing of the rest, and the line is told', async (s) => {
  const { d, file, write } = await open(s);
  write({ access: { viewers: 'token' }, push: { max_hz: 0 } });
  const line = fs.readFileSync(file, 'utf8').split('\n').findIndex((l) => l.includes('max_hz')) + 1;
  const log = await hup(d, 'event=reload_refused');
  assert.match(log, new RegExp(`event=reload_refused file=${file} line=${line} field=push\\.max_hz`));
  assert.equal((await d.get('/api/v1/totals')).status, 200, 'viewers are open as before');
  // Nor does a bad catalogue that a good file names.
  const bad = path.join(s.folder, 'bad.json');
  fs.writeFileSync(bad, '{"alliance": 5}');
  write({ access: { viewers: 'token' }, alliance: { file: bad } });
  assert.match(await hup(d, 'event=reload_refused'), new RegExp(`file=${bad} line=1`));
  assert.equal((await d.get('/api/v1/totals')).status, 200);
  const good = path.join(s.folder, 'good.json');
  const units = [...ALLIANCE.units, { id: 'u-new', name: '新单位' }];
  fs.writeFileSync(good, JSON.stringify({ ...ALLIANCE, units }));
  write({ alliance: { file: good } });
  await hup(d);
  assert.deepEqual((await d.api('/catalogue')).units, units, 'another file is read');
});
