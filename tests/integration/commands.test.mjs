// The two programs as commands: flags, configuration from file, environment and flags, --check,
// SIGHUP, exit codes; and tallyctl's send and totals.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {
  ALLIANCE,
  ALLIANCE_FILE,
  TALLYCTL,
  TALLYD,
  event,
  expectTotals,
  figures,
  run,
  scene,
  until,
} from './harness.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });
const write = (s, name, text) => {
  const file = path.join(s.folder, name);
  fs.writeFileSync(file, text);
  return file;
};

scene('--version and --help say so and end with 0', async () => {
  for (const [program, name] of [
    [TALLYD, 'tallyd'],
    [TALLYCTL, 'tallyctl'],
  ]) {
    const version = await run(program, ['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+`));
    const help = await run(program, ['--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(name));
    assert.equal(help.stderr, '');
  }
  const { stdout } = await run(TALLYD, ['--help']);
  for (const flag of ['config', 'listen', 'redis', 'state', 'check', 'version', 'help'])
    assert.ok(stdout.includes(`--${flag}`), flag);
});

scene('bad usage ends with 2 and a word on stderr', async (s) => {
  const config = s.writeConfig({});
  for (const args of [
    ['--what'],
    ['--listen'],
    ['--listen', 'nowhere'],
    ['--listen', '127.0.0.1'],
    ['--listen', '127.0.0.1:65536'],
    ['--listen', '127.0.0.1:x'],
    ['--redis', 'http://x'],
    ['--redis', 'redis://'],
    ['--redis', 'unix://'],
    ['--config', path.join(s.folder, 'none.json')],
    ['extra'],
    ['-x'],
    ['--check=3'],
  ]) {
    const got = await run(TALLYD, [
      ...(args.includes('--config') ? [] : ['--config', config]),
      '--state',
      path.join(s.folder, 'x'),
      ...args,
    ]);
    assert.equal(got.code, 2, `${args}: ${got.stderr}`);
    assert.ok(got.stderr.length > 0);
    assert.equal(got.stdout, '');
  }
  for (const args of [
    [],
    ['what'],
    ['token'],
    ['token', 'add'],
    ['token', 'drop', 'x'],
    ['totals', '--what'],
    ['totals', 'extra'],
    ['--url'],
    ['verify', '--url', 'http://127.0.0.1:1'],
    ['--state', s.folder, '--url', 'http://127.0.0.1:1', 'totals'],
  ]) {
    const got = await run(TALLYCTL, args);
    assert.equal(got.code, 2, `${args}: ${got.code} ${got.stderr}`);
    assert.ok(got.stderr.length > 0);
  }
});

scene("a server that can't be reached ends tallyctl with 3", async (s) => {
  fs.mkdirSync(path.join(s.folder, 'empty'));
  for (const args of [
    ['--url', 'http://127.0.0.1:1', 'totals'],
    ['--state', path.join(s.folder, 'empty'), 'totals'],
    ['--state', path.join(s.folder, 'none'), 'token', 'list'],
    ['--state', path.join(s.folder, 'empty'), 'verify'],
  ]) {
    const got = await run(TALLYCTL, args);
    assert.equal(got.code, 3, `${args}: ${got.code} ${got.stderr}`);
    assert.ok(got.stderr.length > 0);
  }
});

scene('--check passes what is good, and starts nothing', async (s) => {
  const state = path.join(s.folder, 'state');
  const good = write(
    s,
    'good.json',
    `{
  // a comment
  "http": {"listen": "127.0.0.1:0"}, // another
  "redis": {"url": "redis://u:p@127.0.0.1:1/2"},
  "push": {"max_hz": 60},
  "alliance": {"file": ${JSON.stringify(ALLIANCE_FILE)}}
}
`,
  );
  const got = await run(TALLYD, ['--config', good, '--state', state, '--check']);
  assert.equal(got.code, 0, got.stderr);
  assert.ok(!fs.existsSync(state), 'it leaves no trace');
});

scene('--check tells all that is wrong with the configuration, by file, line and field', async (s) => {
  const bad = write(
    s,
    'bad.json',
    `{
  "http": {
    "listen": "nowhere",
    "port": 80
  },
  "push": {"max_hz": 61},
  // a comment keeps the count
  "access": {"viewers": "some"},
  "redis": {"timeout": "5"},
  "alliance": {"file": ${JSON.stringify(ALLIANCE_FILE)}, "time_zone": "Mars/Olympus"},
  "what": {}
}
`,
  );
  const got = await run(TALLYD, ['--config', bad, '--check']);
  assert.equal(got.code, 2);
  for (const [line, field] of [
    [3, 'http.listen'],
    [4, 'http.port'],
    [6, 'push.max_hz'],
    [8, 'access.viewers'],
    [9, 'redis.timeout'],
    [10, 'alliance.time_zone'],
    [11, 'what'],
  ]) {
    assert.ok(
      got.stderr.split('\n').some((text) => text.includes(`${bad}:${line}`) && text.includes(field)),
      `line ${line}, ${field}, in:\n${got.stderr}`,
    );
  }
});

scene('a configuration that is not JSON is told by its line', async (s) => {
  for (const [n, text, line] of [
    [0, '{\n  "http": {\n    "listen": 01\n  }\n}\n', 3],
    [1, '{\n\n"http": {}\n', 4],
    [2, '{"http": {},\n"http": {}}', 2],
    [3, '', 1],
    [4, '\n\n[]', 3],
  ]) {
    const file = write(s, `broken${n}.json`, text);
    const got = await run(TALLYD, ['--config', file, '--check']);
    assert.equal(got.code, 2, text);
    const lines = [...got.stderr.matchAll(/broken\d\.json:(\d+)/g)].map((m) => Number(m[1]));
    assert.ok(lines.length > 0, `${JSON.stringify(text)}: ${got.stderr}`);
    if (n === 0 || n === 2) assert.equal(lines[0], line, got.stderr);
  }
});

scene('--check tells all that is wrong with the catalogue', async (s) => {
  const file = write(
    s,
    'alliance.json',
    `{
  "alliance": {"id": "a", "name": "A"},
  "circles": [{"id": "c1", "name": "C"}, {"id": "c1", "name": "C"}],
  "communities": [
    {"id": "m1", "name": "M", "circle": "c9"},
    {"id": "bad id", "name": "M", "circle": "c1"}
  ],
  "units": [{"id": "u1"}],
  "categories": [{"id": "k1", "name": "K", "colour": "red"}],
  "projects": [
    {"id": "p1", "name": "P", "category": "k9", "units": ["u1"], "round": "1", "status": "done"},
    {"id": "p2", "name": "P", "category": "k1", "units": ["u9"], "round": "1", "status": "late"}
  ]
}
`,
  );
  const config = s.writeConfig({ alliance: { file } });
  const got = await run(TALLYD, ['--config', config, '--check']);
  assert.equal(got.code, 2);
  for (const line of [3, 5, 6, 8, 9, 11, 12])
    assert.ok(got.stderr.includes(`${file}:${line}`), `line ${line} in:\n${got.stderr}`);
  for (const field of ['circle', 'name', 'colour', 'category', 'units', 'status'])
    assert.ok(got.stderr.includes(field), `${field} in:\n${got.stderr}`);
  const started = s.launch({ configFile: config });
  await started.ended;
  assert.equal(started.exited, 2, 'the daemon does not start on it either');
});

scene('flags beat the environment, which beats the file', async (s) => {
  const file = s.writeConfig({
    http: { listen: '192.0.2.1:1' },
    redis: { url: 'redis://127.0.0.1:1/0' },
    state: { dir: '/nonexistent/x' },
  });
  const state = path.join(s.folder, 'a');
  const byEnvironment = await s.daemon({
    args: ['--config', file],
    env: { TALLYD_HTTP_LISTEN: '127.0.0.1:0', TALLYD_REDIS_URL: 'private', TALLYD_STATE_DIR: state },
  });
  assert.match(byEnvironment.address, /^127\.0\.0\.1:\d+$/);
  assert.equal(byEnvironment.children().length, 1, 'its Redis is private');
  const byFlag = await s.daemon({
    args: [
      '--config',
      file,
      '--listen',
      '127.0.0.1:0',
      '--redis',
      'private',
      '--state',
      path.join(s.folder, 'b'),
    ],
    env: {
      TALLYD_HTTP_LISTEN: '192.0.2.2:1',
      TALLYD_REDIS_URL: 'redis://127.0.0.1:2/0',
      TALLYD_STATE_DIR: state,
    },
  });
  assert.match(byFlag.address, /^127\.0\.0\.1:\d+$/);
  assert.equal(byFlag.children().length, 1, 'its Redis is private');
});

scene('a bad value in the environment ends with 2 and names it', async (s) => {
  const config = s.writeConfig({});
  for (const [name, value] of [
    ['TALLYD_PUSH_MAX_HZ', 'fast'],
    ['TALLYD_PUSH_MAX_HZ', '0'],
    ['TALLYD_PUSH_MAX_HZ', ''],
    ['TALLYD_PUSH_MAX_HZ', '10.5'],
    ['TALLYD_ALLIANCE_TIME_ZONE', '../etc/passwd'],
    ['TALLYD_LOG_LEVEL', 'loud'],
    ['TALLYD_REDIS_URL', 'ftp://x'],
  ]) {
    const got = await run(TALLYD, ['--config', config, '--check'], { env: { [name]: value } });
    assert.equal(got.code, 2, `${name}=${value}: ${got.stderr}`);
    assert.ok(
      got.stderr.includes(name) || got.stderr.includes(name.slice(7).toLowerCase().replace('_', '.')),
      got.stderr,
    );
  }
});

scene('SIGHUP reads the catalogue again; a bad file changes nothing and is logged', async (s) => {
  const file = write(s, 'alliance.json', JSON.stringify(ALLIANCE));
  const config = s.writeConfig({ alliance: { file } });
  const d = await s.daemon({ configFile: config });
  const fresh = activity({ unit: 'u-new', community: undefined });
  assert.equal((await d.post([fresh])).status, 422);
  fs.writeFileSync(file, '{"alliance": 5}');
  let logged = d.log.length;
  process.kill(d.pid, 'SIGHUP');
  await until(() => d.log.length > logged && d.log.slice(logged).includes(file), 'the bad file to be logged');
  await d.count(activity());
  assert.deepEqual(await d.api('/catalogue'), ALLIANCE);
  const wider = { ...ALLIANCE, units: [...ALLIANCE.units, { id: 'u-new', name: '新单位' }] };
  fs.writeFileSync(file, JSON.stringify(wider));
  logged = d.log.length;
  process.kill(d.pid, 'SIGHUP');
  await until(async () => (await d.post([fresh])).status === 200, 'the new catalogue to be known');
  assert.deepEqual(await d.api('/catalogue'), wider);
  const groups = (await d.totals({ by: 'unit' })).groups;
  assert.deepEqual(groups.at(-1), {
    id: 'u-new',
    name: '新单位',
    ...figures({ activities: 1, residents: 2 }),
  });
  fs.writeFileSync(config, '{"push": {"max_hz": 0}}');
  logged = d.log.length;
  process.kill(d.pid, 'SIGHUP');
  await until(() => d.log.slice(logged).includes('push.max_hz'), 'the bad configuration to be logged');
  assert.equal((await d.get('/readyz')).status, 200);
});

scene('a state folder stays with the alliance whose events it keeps', async (s) => {
  const file = write(s, 'alliance.json', JSON.stringify(ALLIANCE));
  const d = await s.daemon({ configFile: s.writeConfig({ alliance: { file } }) });
  await d.count(activity());
  const { totals } = await d.totals();
  await d.stop();
  const { id } = ALLIANCE.alliance;
  fs.writeFileSync(file, JSON.stringify({ ...ALLIANCE, alliance: { id: 'other', name: '另一个联盟' } }));
  d.launch();
  await d.ended;
  assert.equal(d.exited, 2);
  assert.match(d.log, new RegExp(`alliance.id: found .*other.* keeps the events of .*${id}`));
  fs.writeFileSync(file, JSON.stringify(ALLIANCE));
  await d.restart();
  assert.deepEqual((await d.totals()).totals, totals);
});

scene('tallyctl send and totals, by URL with a token file', async (s) => {
  const d = await s.daemon();
  const token = write(s, 'token', `${await d.token('report')}\n`);
  const ctl = (args, input) => run(TALLYCTL, ['--url', d.url, '--token-file', token, ...args], { input });
  const [one, two, three] = [activity(), activity(), activity()];
  for (const [input, code] of [
    [JSON.stringify(one), 0],
    [JSON.stringify([one, two]), 0],
    [`${JSON.stringify(two)}\n${JSON.stringify(three)}\n`, 0],
    [JSON.stringify({ ...one, residents: -1 }), 1],
    ['{', 1],
  ]) {
    const got = await ctl(['send'], input);
    assert.equal(got.code, code, `${input}: ${got.stdout}${got.stderr}`);
    if (code) assert.ok(got.stderr.length > 0);
  }
  const file = write(
    s,
    'events.ndjson',
    Array.from({ length: 2_500 }, () => JSON.stringify(activity())).join('\n'),
  );
  const sent = await ctl(['send', file]);
  assert.equal(sent.code, 0, sent.stderr);
  await until(async () => (await d.api('/totals')).totals.activities === 2_503, 'all to be counted');
  const totals = await ctl(['totals', '--json']);
  assert.deepEqual(JSON.parse(totals.stdout).totals, figures({ activities: 2_503, residents: 5_006 }));
  const shown = await ctl(['totals', '--range', '2024-03', '--by', 'circle']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /2[,. ]?503/);
  const wrong = await run(TALLYCTL, ['--url', d.url, '--token-file', write(s, 'wrong', 'nobody\n'), 'send'], {
    input: JSON.stringify(one),
  });
  assert.equal(wrong.code, 1, wrong.stderr);
});

scene("tallyctl by the owner's socket needs no token", async (s) => {
  const d = await s.daemon();
  for (const senseless of [['totals', '--by', 'street'], ['totals', '--range', '2026-02-30'], ['export', '--range', 'x']])
    assert.equal((await d.ctl(...senseless)).code, 2, senseless.join(' '));
  const totals = JSON.parse((await d.ctl('totals', '--json')).stdout);
  assert.deepEqual(totals.totals, figures());
  const sent = await run(TALLYCTL, ['--state', d.state, 'send'], {
    input: JSON.stringify(event('opening', { metrics: { activities: 5 } })),
  });
  assert.equal(sent.code, 0, sent.stderr);
  await until(async () => (await d.api('/totals')).totals.activities === 5, 'the opening to be counted');
  assert.equal((await d.ctl('verify')).code, 0);
  await expectTotals(d, '2024', {});
});
