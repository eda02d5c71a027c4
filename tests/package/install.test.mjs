// The package from its making to its purge, in a Debian of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../chaos/process.mjs';
import { Service, unit } from './manager.mjs';
import { Root } from './root.mjs';

const TOP = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const BUILD = process.env.TALLYD_PACKAGE_BUILD;
const STATE = '/var/lib/tallyd';
const BACKUPS = '/var/backups/tallyd';
const UNITS = ['tallyd.service', 'tallyd-backup.service', 'tallyd-backup.timer', 'tallyd-kiosk.service'];

const say = (program, ...args) =>
  execFileSync(program, args, { cwd: TOP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** The package's file, as `./dev package` makes it, or as a later version of the same. */
function make(version) {
  const folder = path.join(BUILD, version ?? 'own');
  const change = version ? ['-D', `CPACK_PACKAGE_VERSION=${version}`] : [];
  fs.rmSync(folder, { recursive: true, force: true });
  say('cpack', '--config', path.join(BUILD, 'CPackConfig.cmake'), '-B', folder, ...change);
  const [name] = fs.readdirSync(folder).filter((file) => file.endsWith('.deb'));
  assert.match(name, /^tallyd_[\d.]+_amd64\.deb$/);
  return path.join(folder, name);
}

let root;
let service;
let token;
let sent = 0;

before(() => {
  say('cmake', '--preset', 'package', '-B', BUILD);
  say('cmake', '--build', BUILD);
  root = new Root();
});

after(async () => {
  if (service?.child?.exitCode === null) service.child.kill('SIGKILL');
  service?.ear?.kill();
  root?.remove();
});

/** Sends event number N, which counts one activity. */
async function post(n) {
  const event = { id: `package:${n}`, kind: 'activity', at: '2026-05-01T09:00:00+08:00', title: '义诊', community: 's01', residents: 7 };
  const send = () =>
    fetch(`${service.url}/api/v1/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(event),
    });
  // While a package is made this process hears nothing: its connection may have ended meanwhile.
  const response = await send().catch(send);
  const answer = await response.json();
  assert.ok([200, 202].includes(response.status), JSON.stringify(answer));
  return answer.results[0].status;
}

const counted = async () => {
  const answer = await fetch(`${service.url}/api/v1/totals?range=2026-05-01`);
  return (await answer.json()).totals.activities;
};

const ready = () => until(async () => (await fetch(`${service.url}/readyz`)).status === 200, '/readyz');

test('lintian finds no error', () => {
  say('lintian', '--allow-root', '--fail-on', 'error', make());
});

test('installing it makes users, folders and files with the right owners', async () => {
  await root.install(make());
  assert.match(root.read('etc/passwd'), /^tallyd:/m);
  const stat = (name) => root.run('stat', '-c', '%U:%G %a', name).trim();
  assert.equal(stat(STATE), 'tallyd:tallyd 700');
  assert.equal(stat(BACKUPS), 'tallyd:tallyd 700');
  assert.equal(stat('/etc/tallyd/tallyd.json'), 'root:tallyd 640');
  assert.ok(root.holding('multi-user.target.wants/tallyd.service').length);
  assert.ok(root.holding('timers.target.wants/tallyd-backup.timer').length);
  assert.equal(root.holding('wants/tallyd-kiosk').length, 0);
  assert.equal(root.run('tallyd', '--check'), '');
});

test('systemd takes its units, and lets them do little', () => {
  const verdict = execFileSync('sh', ['-c', 'exec systemd-analyze --root="$0" --man=no verify "$@" 2>&1', root.folder, ...UNITS], {
    encoding: 'utf8',
  });
  assert.doesNotMatch(verdict, /tallyd/);
  for (const name of ['tallyd.service', 'tallyd-backup.service']) {
    say('systemd-analyze', 'security', '--no-pager', '--offline=true', '--threshold=12', root.path(`usr/lib/systemd/system/${name}`));
  }
});

/** Any port that is free: this Debian shares the machine's. */
function listenAnywhere() {
  const settings = root.read('etc/tallyd/tallyd.json');
  root.write('etc/tallyd/tallyd.json', settings.replace('"listen": "127.0.0.1:8080"', '"listen": "127.0.0.1:0"'));
}

test('the daemon starts by its unit, says that it is ready and alive, and counts', async () => {
  listenAnywhere();
  service = new Service(root, 'tallyd.service');
  await service.start();
  await service.hears('WATCHDOG=1');
  await ready();
  await service.hears('STATUS=store up');
  assert.match(await (await fetch(`${service.url}/`)).text(), /<html/);
  token = root.runAs('tallyd', 'tallyctl', '--state', STATE, 'token', 'add', 'test', '--role', 'report').trim();
  assert.equal(await post(++sent), 'counted');
  service.reload();
  await service.hears('RELOADING=1');
  await service.hears('READY=1');
});

test('the backup service writes a file, and keeps the newest thirty', () => {
  const { ExecStart, User } = unit(root, 'tallyd-backup.service');
  root.runAs(User, 'sh', '-c', `cd ${BACKUPS}; for day in $(seq 10 50); do touch tally-1999-01-$day.zst; done; touch mine`);
  root.runAs(User, ...ExecStart.split(' '));
  const files = fs.readdirSync(root.path(BACKUPS)).sort();
  assert.equal(files.length, 31);
  assert.ok(files.includes('mine') && files.includes('tally-1999-01-50.zst'));
  assert.ok(fs.statSync(root.path(path.join(BACKUPS, files.at(-1)))).size > 100);
});

test('an upgrade under traffic keeps settings, data and every event', async () => {
  let upgrading = true;
  const upgrade = root.install(make('99.1')).finally(() => {
    upgrading = false;
  });
  while (upgrading) await post(++sent);
  await upgrade;
  assert.equal(root.run('dpkg-query', '-W', '-f=${Version}', 'tallyd'), '99.1');
  assert.match(root.read('etc/tallyd/tallyd.json'), /127\.0\.0\.1:0"/);
  await service.stop();
  await service.start();
  await ready();
  assert.ok(sent > 2);
  for (let n = 1; n <= sent; n++) assert.equal(await post(n), 'duplicate');
  assert.equal(await counted(), sent);
});

const leftOf = () =>
  root
    .holding('tallyd')
    .filter((name) => ![STATE, BACKUPS].some((folder) => name === folder || name.startsWith(`${folder}/`)));

const purge = () => root.run('apt-get', '-y', '-qq', '-o', 'DPkg::Use-Pty=0', 'purge', 'tallyd');

test('a purge that nobody can be asked about leaves the data, and nothing else', async () => {
  await service.stop();
  purge();
  assert.deepEqual(leftOf(), []);
  assert.doesNotMatch(root.read('var/cache/debconf/config.dat'), /tallyd/);
  assert.ok(fs.readdirSync(root.path(BACKUPS)).includes('mine'));
});

test('installed again it has the same totals', async () => {
  await root.install(make());
  listenAnywhere();
  await service.start();
  await ready();
  assert.equal(await counted(), sent);
  await service.stop();
});

test('a purge that was answered with yes leaves nothing', () => {
  root.run('sh', '-c', 'echo tallyd tallyd/purge-data boolean true | debconf-set-selections');
  purge();
  assert.deepEqual(root.holding('tallyd'), []);
  assert.doesNotMatch(root.read('etc/passwd'), /tallyd/);
});
