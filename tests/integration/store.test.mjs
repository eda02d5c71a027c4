// Which Redis a daemon uses, how it comes in, and what it refuses to run on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { childrenOf, event, everyKind, expectTotals, figures, isRunning, scene, until } from './harness.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });

/** All files below a folder. */
const filesOf = (folder) =>
  fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesOf(path.join(folder, entry.name))
        : entry.isFile()
          ? [path.join(folder, entry.name)]
          : [],
    );

scene("the private Redis is the daemon's child, listens on no port, and ends with it", async (s) => {
  const d = await s.daemon();
  const [child, ...others] = d.children();
  assert.deepEqual(others, []);
  assert.match(fs.readFileSync(`/proc/${child}/cmdline`, 'utf8'), /redis-server/);
  assert.equal(childrenOf(child).length, 0);
  const sockets = new Set(
    fs.readdirSync(`/proc/${child}/fd`).map((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${child}/fd/${fd}`))?.[1];
      } catch {
        return null;
      }
    }),
  );
  const listening = ['tcp', 'tcp6']
    .flatMap((name) => fs.readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === '0A' && sockets.has(row[9]));
  assert.deepEqual(listening, [], 'it listens on no TCP port');
  await d.stop();
  assert.ok(!isRunning(child));
});

scene('killed with SIGKILL, it takes its Redis along, and has the same totals afterwards', async (s) => {
  const d = await s.daemon();
  for (let round = 1; round <= 3; round += 1) {
    await d.count(Array.from({ length: 50 }, () => activity()));
    await d.kill();
    await d.restart();
    await expectTotals(d, 'all', { activities: 50 * round, residents: 100 * round });
  }
  const epoch = (await d.totals()).epoch;
  await d.stop();
  await d.restart();
  assert.equal((await d.totals()).epoch, epoch);
});

/** A folder with a redis-server, and a redis-check-aof that also notes each time that it is run. */
function watchedRedis(s) {
  const bin = path.join(s.folder, 'bin');
  const notes = path.join(bin, 'notes');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'redis-server'), '#!/bin/sh\nexec redis-server "$@"\n', { mode: 0o755 });
  fs.writeFileSync(
    path.join(bin, 'redis-check-aof'),
    `#!/bin/sh\necho checked >>'${notes}'\nexec redis-check-aof "$@"\n`,
    { mode: 0o755 },
  );
  const checks = () => (fs.existsSync(notes) ? fs.readFileSync(notes, 'utf8').split('\n').length - 1 : 0);
  return { server: path.join(bin, 'redis-server'), checks };
}

scene("its Redis' files are read through before a start, unless it ended in order", async (s) => {
  const { server, checks } = watchedRedis(s);
  const d = await s.daemon({ env: { TALLYD_REDIS_SERVER: server } });
  await d.count(activity());
  assert.equal(checks(), 0, 'there were no files');
  for (let round = 1; round <= 2; round += 1) {
    await d.stop();
    await d.restart();
    assert.equal(checks(), round - 1, 'after a stop');
    await d.count(activity());
    await d.kill();
    await d.restart();
    assert.equal(checks(), round, 'after a kill');
  }
  process.kill(d.children()[0], 'SIGKILL');
  await until(() => checks() === 3, 'a check after Redis was killed');
  await d.ready();
  await expectTotals(d, 'all', { activities: 3, residents: 6 });
});

scene('files that were torn after Redis had ended in order are mended all the same', async (s) => {
  const d = await s.daemon();
  await d.count(activity());
  await d.stop();
  const [file] = filesOf(d.state).filter((name) => /\.incr\.aof$/.test(name));
  fs.truncateSync(file, fs.statSync(file).size - 5);
  await d.restart();
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
  assert.match(d.logSinceStart(), /event=aof_torn/);
});

scene('ended while clients post, it forgets nothing that it said 200 to', async (s) => {
  const d = await s.daemon();
  const said = [];
  for (const end of ['stop', 'kill']) {
    const token = await d.admin();
    const before = said.length;
    const clients = Array.from({ length: 8 }, async () => {
      for (;;) {
        const one = activity();
        const answer = await d.post([one], { token }).catch(() => null);
        if (answer?.status !== 200 && answer?.status !== 202) return;
        said.push(one);
      }
    });
    await until(() => said.length > before + 100, 'some posts to be answered');
    await Promise.all([d[end](), ...clients]);
    await d.restart();
    const statuses = [];
    for (let i = 0; i < said.length; i += 500) statuses.push(...(await d.send(said.slice(i, i + 500))));
    assert.ok(
      statuses.every((status) => status === 'duplicate'),
      'each was counted before it was sent again',
    );
  }
});

scene('a Redis behind a TCP port, with a user, a password and a database', async (s) => {
  const store = await s.redis({
    tcp: true,
    login: ['--user', 'root', '--pass', 'r00t', '--no-auth-warning'],
    config: {
      user: [
        'default off',
        'root on >r00t ~* &* +@all',
        'tally on >p@ss/w:rd ~tally:* &* +@all',
        'plain on >plain ~* &* +@all',
      ],
    },
  });
  const d = await s.daemon({
    redis: `redis://tally:${encodeURIComponent('p@ss/w:rd')}@127.0.0.1:${store.port}/3`,
  });
  await d.count(activity());
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
  assert.equal(await store.cli('-n', '0', 'DBSIZE'), '0');
  const keys = (await store.cli('-n', '3', '--scan')).split('\n');
  assert.ok(keys.length > 0 && keys.every((key) => key.startsWith('tally:{probe}:')), keys.join());
  const said = d.logSinceStart();
  for (const secret of ['p@ss', 'p%40ss'])
    assert.ok(!said.includes(secret), 'the password is in no log line');
  const other = await s.daemon({ redis: `redis://plain:plain@127.0.0.1:${store.port}/0` });
  await expectTotals(other, 'all', {});
});

scene('a password without a user name, by requirepass', async (s) => {
  const store = await s.redis({
    tcp: true,
    login: ['-a', 'secret', '--no-auth-warning'],
    config: { requirepass: 'secret' },
  });
  const d = await s.daemon({ redis: `redis://:secret@127.0.0.1:${store.port}/0` });
  await d.count(activity());
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
});

/** A daemon that can't be ready says why, on /readyz and in its log, and still turns its loop. */
async function saysWhy(d, reason) {
  await d.listening();
  const answer = await until(async () => {
    const got = await d.get('/readyz');
    return got.status === 503 && reason.test(got.text) && got;
  }, `/readyz to say ${reason}`);
  assert.match(answer.text, reason);
  await until(() => reason.test(d.logSinceStart()), `the log to say ${reason}`);
  assert.equal((await d.get('/healthz')).status, 200);
}

scene('a wrong password is told, on /readyz and in the log', async (s) => {
  const store = await s.redis({
    tcp: true,
    login: ['-a', 'secret', '--no-auth-warning'],
    config: { requirepass: 'secret' },
  });
  await saysWhy(s.launch({ redis: `redis://:wrong@127.0.0.1:${store.port}/0` }), /WRONGPASS|password/i);
  await saysWhy(s.launch({ redis: `redis://127.0.0.1:${store.port}/0` }), /NOAUTH|password|authentication/i);
});

scene('a store that may evict is refused with the reason, until it may no more', async (s) => {
  const store = await s.redis({ config: { 'maxmemory-policy': 'allkeys-lru', maxmemory: '100mb' } });
  const d = s.launch({ redis: store.url });
  await saysWhy(d, /noeviction/);
  assert.match(d.log, /allkeys-lru/);
  await store.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await d.ready();
  await d.count(activity());
  await expectTotals(d, 'all', { activities: 1, residents: 2 });
});

scene("a key of another kind in the store's place is told", async (s) => {
  const store = await s.redis();
  await store.cli('SET', 'tally:{probe}:cells', 'mine');
  await saysWhy(s.launch({ redis: store.url }), /WRONGTYPE/);
});

scene('everything of an alliance has its prefix, and the events are a stream', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const held = activity();
  await d.count(...everyKind(held));
  const keys = await store.keys();
  assert.ok(
    keys.every((key) => key.startsWith('tally:{probe}:')),
    keys.join(),
  );
  assert.equal(await store.cli('TYPE', 'tally:{probe}:events'), 'stream');
  assert.equal(await store.cli('XLEN', 'tally:{probe}:events'), '6');
  for (const key of keys) assert.equal(await store.cli('TTL', key), '-1', `${key} is never forgotten`);
});

scene(
  'a resident is nowhere in clear: not in the store, the state folder, the log, nor any answer',
  async (s) => {
    const store = await s.redis();
    const d = await s.daemon({ redis: store.url });
    const canary = 'canary-330109199001011234';
    const screen = await s.screen(d);
    const held = activity();
    const reach = event('reach', { activity: held.id, resident: canary });
    await d.count(held, reach, event('void', { of: held.id, reason: 'x' }));
    await screen.shows(d.lastRev);
    await d.post([{ ...reach, resident: `${canary}2` }]);
    // Also when the store is away and the event waits on the disk.
    await store.kill('SIGTERM');
    const late = await d.post([event('reach', { activity: held.id, resident: canary })]);
    assert.equal(late.status, 202);
    const digits = canary.slice(7);
    const holds = (folder) => filesOf(folder).filter((file) => fs.readFileSync(file).includes(digits));
    assert.deepEqual(holds(d.state), []);
    await store.start();
    await until(async () => (await d.get('/readyz')).status === 200, 'the store to be back');
    assert.ok(!(await store.dump()).includes(digits));
    assert.deepEqual([...holds(store.folder), ...holds(d.state)], []);
    for (const target of ['/events', `/events/${reach.id}`, '/totals'])
      assert.ok(!JSON.stringify(await d.api(target)).includes(digits), target);
    assert.ok(!JSON.stringify(screen.messages).includes(digits));
    assert.ok(!d.log.includes(digits));
  },
);

scene("the example's opening balances are counted once, before /readyz says 200", async (s) => {
  const d = await s.daemon({ args: ['--listen', '127.0.0.1:0', '--state', path.join(s.folder, 'example')] });
  const want = figures({ activities: 300, venues: 120, residents: 10_000, problems_solved: 450 });
  const first = await d.api('/totals');
  assert.deepEqual(first.totals, want);
  const catalogue = await d.api('/catalogue');
  assert.deepEqual(
    [
      catalogue.alliance.id,
      catalogue.circles.length,
      catalogue.communities.length,
      catalogue.units.length,
      catalogue.projects.length,
      catalogue.categories.length,
    ],
    ['chengxiang', 7, 35, 42, 42, 8],
  );
  assert.equal(catalogue.projects.filter((p) => p.name === '厢伴管家').length, 2);
  const { events } = await d.api('/events');
  assert.deepEqual([events.length, events[0].kind, events[0].at.slice(0, 10)], [1, 'opening', '2022-09-20']);
});

scene("the example's opening balances stay counted once over restarts", async (s) => {
  const state = path.join(s.folder, 'example');
  const d = await s.daemon({ state, args: ['--listen', '127.0.0.1:0', '--state', state] });
  const before = await d.api('/totals');
  await d.stop();
  await d.restart();
  const after = await d.api('/totals');
  assert.deepEqual([after.epoch, after.rev, after.totals], [before.epoch, before.rev, before.totals]);
});

scene('a second daemon on the same state folder is refused, saying why', async (s) => {
  const d = await s.daemon();
  const second = s.launch({ state: d.state });
  await second.ended;
  assert.ok([1, 2].includes(second.exited), `it ended with ${second.exited}`);
  assert.ok(second.logSinceStart().includes(d.state), 'it names the folder');
  assert.equal((await d.get('/readyz')).status, 200);
  await d.count(activity());
  await d.stop();
  const third = await s.daemon({ state: d.state });
  third.adminToken = d.adminToken;
  await expectTotals(third, 'all', { activities: 1, residents: 2 });
});

scene('an address that is taken is refused, saying why', async (s) => {
  const d = await s.daemon();
  const state = path.join(s.folder, 'other');
  const second = s.launch({ args: ['--listen', d.address, '--state', state, '--config', d.config] });
  await second.ended;
  assert.ok([1, 2].includes(second.exited), `it ended with ${second.exited}`);
  assert.ok(second.logSinceStart().includes(d.address), 'it names the address');
});
