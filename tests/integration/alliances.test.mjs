// Several alliances on one daemon: nothing of one is ever seen in another, whatever happens to the
// daemon, and the plain paths are the first one's.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { TALLYCTL, TALLYD, cleanEnv, clockAt, event, figures, run, scene, until } from './harness.mjs';
import { Member, listed } from './alliances.mjs';
import { Screen } from './screen.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });

async function two(s, config = {}, options = {}) {
  const d = await s.daemon({ ...options, config: { ...config, alliances: listed(s, ['west', 'east']) } });
  return { d, west: new Member(d, 'west'), east: new Member(d, 'east') };
}

async function screenOf(s, d, at, options) {
  const screen = new Screen(`ws://${d.address}${at}`, options);
  s.screens.push(screen);
  await screen.opened;
  await screen.type('snapshot');
  return screen;
}

scene('what one counts, the other never shows', async (s) => {
  const { d, west, east } = await two(s);
  const plain = await screenOf(s, d, '/ws');
  const first = await screenOf(s, d, '/a/west/ws');
  const second = await screenOf(s, d, '/a/east/ws');

  const same = activity({ id: 'same', residents: 5 });
  await east.count(same, activity({ residents: 1 }), event('plan', { plan: 'walk', title: '徒步', unit: 'u1', starts: '2030-01-01T09:00:00+08:00' }),
                   event('problem', { problem: 'lamp', status: 'raised', title: '路灯', community: 'm1' }));
  await second.shows(east.rev);
  await west.count({ ...same, residents: 7, title: 'of the west' });
  await Promise.all([plain.shows(west.rev), first.shows(west.rev)]);

  assert.deepEqual((await west.totals()).totals, figures({ activities: 1, residents: 7 }));
  assert.deepEqual((await east.totals()).totals, figures({ activities: 2, residents: 6, problems_raised: 1 }));
  assert.deepEqual((await d.api('/totals')).totals, (await west.totals()).totals, 'the plain path is the first one');
  for (const screen of [plain, first]) {
    assert.equal(screen.views[0].totals.residents, 7);
    assert.deepEqual(screen.events.map(({ id }) => id).concat(screen.messages.flatMap((m) => m.events ?? []).map(({ id }) => id)).filter((id) => id !== 'same'), []);
    screen.fine();
  }
  assert.equal(second.views[0].totals.residents, 6);
  assert.ok(!second.messages.some((m) => JSON.stringify(m).includes('of the west')));
  second.fine();

  assert.deepEqual((await west.api('/events')).events.map(({ id }) => id), ['same']);
  assert.equal((await west.api('/events/same')).event.residents, 7);
  assert.equal((await east.api('/events/same')).event.residents, 5);
  assert.deepEqual((await west.api('/plans?from=2029-01-01&to=2031-01-01')).plans, []);
  assert.deepEqual((await west.api('/problems')).problems, []);
  assert.equal((await east.api('/problems')).problems.length, 1);
  const exported = await west.request('GET', '/export?format=json');
  assert.ok(!exported.text.includes('徒步') && exported.text.includes('of the west'));
  assert.equal((await east.api('/catalogue')).alliance.id, 'east');
  assert.equal((await d.api('/catalogue')).alliance.id, 'west');
});

scene('tokens, sessions, links and the audit are each one alliance\'s', async (s) => {
  const { d, west, east } = await two(s, { access: { viewers: 'token' } });
  const [ours, theirs] = [await west.token('report', 'clinic'), await east.token('report', 'clinic')];
  const admin = await east.token('admin', 'east-admin');
  assert.notEqual(ours, theirs);
  assert.equal((await west.post([activity()], theirs)).status, 401);
  assert.equal((await east.post([activity()], ours)).status, 401);
  assert.equal((await d.get('/api/v1/totals', { token: theirs })).status, 401);
  assert.equal((await west.request('GET', '/admin/tokens', { token: admin })).status, 401);
  await assert.rejects(screenOf(s, d, '/a/west/ws', { headers: { authorization: `Bearer ${theirs}` } }), { status: 401 });
  await (await screenOf(s, d, '/a/east/ws', { headers: { authorization: `Bearer ${theirs}` } })).fine();

  // One browser signs in to both, and stays in the one when it leaves the other.
  const link = async (member) => JSON.parse((await member.ctl('--json', 'token', 'link', 'clinic')).stdout);
  const [one, other] = [await link(west), await link(east)];
  assert.match(one.path, /^\/m\/#in=tc_/);
  assert.match(other.path, /^\/a\/east\/m\/#in=tc_/);
  const origin = d.url;
  const jar = {};
  const post = async (member, target, body) => {
    const answer = await member.request('POST', target, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin, cookie: Object.entries(jar).map((pair) => pair.join('=')).join('; ') },
    });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar[name] = value;
    }
    return answer;
  };
  assert.equal((await post(west, '/session', { code: other.code })).status, 403, 'a link of another alliance');
  assert.equal((await post(west, '/session', { code: one.code })).status, 200);
  assert.equal((await post(east, '/session', { code: other.code })).status, 200);
  assert.deepEqual(Object.keys(jar).sort(), ['tally', 'tally-east']);
  assert.equal((await post(west, '/events', activity())).status, 200);
  assert.equal((await post(east, '/events', activity())).status, 200);
  assert.equal((await post(east, '/session/end', {})).status, 200);
  assert.equal((await post(east, '/events', activity())).status, 401);
  assert.equal((await post(west, '/events', activity())).status, 200);
  jar['tally-east'] = jar.tally;
  assert.equal((await post(east, '/events', activity())).status, 401, 'a session of another alliance');

  const lines = (state) => fs.readdirSync(path.join(state, 'audit')).map((name) => fs.readFileSync(path.join(state, 'audit', name), 'utf8')).join('');
  assert.ok(lines(path.join(d.state, 'a', 'east')).includes('east-admin'));
  assert.ok(!lines(d.state).includes('east-admin'));
  const told = await east.api('/admin/audit', { token: admin });
  assert.ok(told.entries.some(({ act }) => act === 'session_ended'));
});

scene('codes for residents lead to their own alliance and are good nowhere else', async (s) => {
  const { west, east } = await two(s);
  const [here, there] = [activity({ id: 'fair' }), activity({ id: 'fair' })];
  await west.count(here);
  await east.count(there);
  const { code, path: at } = await east.api('/activities/fair/code', { token: east.admin });
  assert.equal(at, `/a/east/m/#c=${code}`);
  const own = await west.api('/activities/fair/code', { token: west.admin });
  assert.equal(own.path, `/m/#c=${own.code}`);
  const checkIn = (member) => member.request('POST', '/checkins', {
    body: JSON.stringify({ code, device: 'a-phone-of-somebody' }), headers: { 'content-type': 'application/json' } });
  assert.equal((await checkIn(west)).status, 403);
  assert.equal((await checkIn(east)).status, 200);
  await until(async () => (await east.api('/totals')).totals.residents === 3, 'the resident to be counted');
  assert.equal((await west.totals()).totals.residents, 2);
});

scene('an id that isn\'t listed is 404 and says so; a page without its slash is sent on', async (s) => {
  const { d } = await two(s);
  for (const at of ['/api/v1/alliances/north/totals', '/api/v1/alliances/north', '/api/v1/alliances/', '/a/north/', '/a/north/m/', '/a/', '/a/eas/', '/a/eastern/']) {
    const answer = await d.get(at);
    assert.equal(answer.status, 404, at);
    assert.equal(answer.json.error.code, 'no_such_alliance', at);
    assert.match(answer.json.error.message, /no alliance of this id/);
  }
  const zh = await d.get('/a/north/', { headers: { 'accept-language': 'zh-CN' } });
  assert.equal(zh.json.error.message, '此处没有该 id 的联盟');
  for (const at of ['/a/north/ws', '/a/ws', '/a/east/m/ws', '/api/v1/alliances/east/ws'])
    await assert.rejects(screenOf(s, d, at), { status: 404 }, at);
  // What there is once stands on its plain path alone, and so does an alliance's interface on its own.
  for (const at of ['/a/east/healthz', '/a/east/metrics', '/a/east/api/v1/totals', '/api/v1/alliances/east/healthz', '/api/v1/alliances/east',
                    '/api/v1/alliances/east/index.html', '/owner/v1/alliances/east/tokens', '/api/v1/alliances/east/alliances/east/totals']) {
    assert.equal((await d.get(at)).json.error.code, 'not_found', at);
  }
  assert.equal((await d.request('POST', '/api/v1/alliances/east/totals', { body: '' })).status, 405);
  for (const [at, to] of [['/a/east', '/a/east/'], ['/a/east/m', '/a/east/m/'], ['/a/west/admin', '/a/west/admin/']]) {
    const answer = await d.get(at);
    assert.equal(answer.status, 308, at);
    assert.equal(answer.headers.location, to);
  }
  for (const page of ['', 'm/', 'admin/', 'check.html']) {
    const [plain, own] = [await d.get(`/${page}`), await d.get(`/a/east/${page}`)];
    assert.equal(own.status, 200);
    assert.equal(own.text, plain.text);
  }
});

scene('each has a screen of its own', async (s) => {
  const layout = path.join(s.folder, 'layout.json');
  fs.writeFileSync(layout, '{"title": "东区"}');
  const alliances = listed(s, ['west', 'east'], (id) => (id === 'east' ? { screen: layout } : {}));
  const d = await s.daemon({ config: { alliances } });
  assert.deepEqual(await d.api('/screen'), {});
  assert.deepEqual(await new Member(d, 'east').api('/screen'), { title: '东区' });
});

scene('kill -9 and a restart keep what each has', async (s) => {
  const { d, west, east } = await two(s);
  await west.count(activity());
  await east.count(activity(), activity());
  const [before, beside] = [await west.totals(), await east.totals()];
  await d.kill();
  await d.restart();
  assert.deepEqual((await west.totals()).totals, before.totals);
  assert.deepEqual((await east.totals()).totals, beside.totals);
  assert.equal((await east.totals()).epoch, beside.epoch);
  await east.count(activity());
  await d.stop();
  await d.restart();
  assert.deepEqual((await west.totals()).totals, before.totals);
  assert.equal((await east.totals()).totals.activities, 3);
  assert.equal(fs.readFileSync(path.join(d.state, 'alliance'), 'utf8'), 'west\n');
  assert.equal(fs.readFileSync(path.join(d.state, 'a', 'east', 'alliance'), 'utf8'), 'east\n');
  assert.equal(fs.statSync(path.join(d.state, 'a')).mode & 0o077, 0);

  // What the plain paths and the state folder are can't go over to another unnoticed.
  await d.stop();
  const config = s.writeConfig({ alliances: listed(s, ['east', 'west']) });
  const turned = await run(TALLYD, ['--listen', '127.0.0.1:0', '--state', d.state, '--config', config]);
  assert.equal(turned.code, 2);
  assert.match(turned.stderr, /keeps the events of \\?"west/);
});

scene('one whose store is away keeps the others from nothing', async (s) => {
  const store = await s.redis();
  const alliances = listed(s, ['west', 'east'], (id) => (id === 'east' ? { redis: store.url } : {}));
  const d = await s.daemon({ config: { alliances } });
  const [west, east] = [new Member(d, 'west'), new Member(d, 'east')];
  await east.count(activity());
  await west.count(activity());
  const [here, there] = [await screenOf(s, d, '/ws'), await screenOf(s, d, '/a/east/ws')];
  await store.kill();
  await there.next((m) => m.type === 'status' && m.store === 'down', 'a status that tells of the store');
  const late = activity();
  const queued = await east.post([late]);
  assert.equal(queued.status, 202, queued.text);
  await west.count(activity());
  await here.shows(west.rev);
  assert.ok(!here.messages.some((m) => m.type === 'status' && m.store === 'down'));
  const ready = await d.get('/readyz');
  assert.equal(ready.status, 503);
  assert.match(ready.json.reason, /^east: /);
  assert.match(d.log, /event=store_down reason=.* alliance=east$/m);
  assert.equal(ready.json.queued, 1);
  await store.start();
  await until(async () => (await east.api('/totals')).totals.activities === 2, 'what was queued to be counted');
  assert.equal((await west.totals()).totals.activities, 2);
  await until(async () => (await d.get('/readyz')).status === 200, 'both to be ready');
  assert.ok((await store.cli('KEYS', 'tally:*')).split('\n').every((key) => !key || key.startsWith('tally:{east}:')));
});

scene('tallyctl --alliance means one of them, by the address and by the socket', async (s) => {
  const { d, west, east } = await two(s);
  await west.count(activity());
  await east.count(activity(), activity());
  const byAddress = (...args) => run(TALLYCTL, ['--url', d.url, ...args], { env: { TALLYCTL_TOKEN: east.admin } });
  for (const ask of [(...args) => byAddress('--alliance', 'east', ...args), (...args) => east.ctl(...args)]) {
    const { code, stdout, stderr } = await ask('--json', 'totals');
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).totals.activities, 2);
  }
  assert.equal(JSON.parse((await d.ctl('--json', 'totals')).stdout).totals.activities, 1);
  assert.deepEqual(JSON.parse((await east.ctl('--json', 'token', 'list')).stdout).tokens.map(({ name }) => name), ['t-admin']);
  const verified = await east.ctl('--json', 'verify');
  assert.equal(verified.code, 0, verified.stderr);
  assert.equal(JSON.parse(verified.stdout).events, 2);
  assert.equal((await east.api('/recount')).recount.events, 2);
  assert.equal((await west.api('/recount')).recount, null);
  assert.equal((await east.ctl('repair')).code, 0);
  const status = JSON.parse((await east.ctl('--json', 'status')).stdout);
  assert.equal(status.rev, (await east.totals()).rev);
  assert.equal(status.store.kind, 'private');
  const watch = spawn(TALLYCTL, ['--url', d.url, '--alliance', 'east', '--json', 'watch'], { env: cleanEnv() });
  const [line] = await once(watch.stdout.setEncoding('utf8'), 'data');
  watch.kill();
  assert.equal(JSON.parse(line.split('\n')[0]).views[0].totals.activities, 2);

  const file = path.join(s.folder, 'east.zst');
  assert.equal((await east.ctl('backup', file)).code, 0);
  const wrong = await d.ctl('restore', file);
  assert.equal(wrong.code, 1, 'a backup of another alliance');
  const unknown = await d.ctl('--alliance', 'north', 'totals');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no alliance of this id/);
  assert.equal((await d.ctl('--alliance', '../x', 'totals')).code, 2);

  const other = await s.daemon({ config: { alliances: listed(s, ['west', 'east']) } });
  const restored = await other.ctl('--alliance', 'east', 'restore', file);
  assert.equal(restored.code, 0, restored.stderr);
  await until(async () => (await new Member(other, 'east').api('/totals')).totals.activities === 2, 'the restored totals');
  assert.equal((await other.api('/totals')).totals.activities, 0);
});

scene('the faults of each file are told with its line, and a reload takes all or nothing', async (s) => {
  const { d, west, east } = await two(s);
  await east.count(activity());
  const file = path.join(s.folder, 'east.json');
  const good = fs.readFileSync(file, 'utf8');
  const check = () => run(TALLYD, ['--check', '--config', d.config], { env: cleanEnv() });
  assert.equal((await check()).code, 0);

  const hup = async (word) => {
    const from = d.log.length;
    process.kill(d.pid, 'SIGHUP');
    await until(() => d.log.slice(from).includes(word), `${word} in the log`);
    return d.log.slice(from);
  };
  fs.writeFileSync(file, good.replace('"circle": "c1"', '"circle": "c9"'));
  const faulty = await check();
  assert.equal(faulty.code, 2);
  assert.match(faulty.stderr, /east\.json:\d+: communities\[0\]\.circle: /);
  assert.match(await hup('event=reload_refused'), /file=\S*east\.json line=\d+ field=communities/);
  assert.equal((await east.api('/catalogue')).communities[0].circle, 'c1');

  fs.writeFileSync(file, good.replace('"id": "east"', '"id": "south"'));
  assert.match((await check()).stderr, /east\.json:\d+: alliance\.id: found "south"; allowed: "east"/);

  fs.writeFileSync(file, good.replace('单位一', '改名'));
  await hup('event=reloaded');
  assert.equal((await east.api('/catalogue')).units[0].name, '改名');
  assert.equal((await west.api('/catalogue')).units[0].name, '单位一');

  const before = fs.readFileSync(d.config, 'utf8');
  fs.writeFileSync(d.config, JSON.stringify({ ...JSON.parse(before), alliances: listed(s, ['west']) }));
  assert.match(await hup('event=reload_refused'), /field=alliances reason="can't change while running/);
  assert.equal((await east.totals()).totals.activities, 1);
});

scene('/metrics tells whose each figure is where there are several', async (s) => {
  const { d, west, east } = await two(s);
  await west.count(activity());
  await east.count(activity(), activity());
  await east.count(activity());
  const { text } = await d.get('/metrics');
  assert.match(text, /^tallyd_revision\{alliance="west"\} 1$/m);
  assert.match(text, new RegExp(`^tallyd_revision\\{alliance="east"\\} ${east.rev}$`, 'm'));
  assert.match(text, /^tallyd_store_info\{alliance="east",kind="private"\} 1$/m);
  assert.equal(text.match(/^# HELP tallyd_revision /gm).length, 1);
  const alone = await s.daemon();
  assert.match((await alone.get('/metrics')).text, /^tallyd_revision 0$/m);
});

scene('each is recounted once a day, one after the other', async (s) => {
  const store = await s.redis();
  const { west, east } = await two(s, { recount: { at: '03:30' } }, { redis: store.url, env: clockAt('2024-06-01 03:29:50') });
  await west.count(activity());
  await east.count(activity(), activity());
  for (const [member, events] of [[west, 1], [east, 2]]) {
    const recount = await until(async () => (await member.api('/recount')).recount, `the recount of ${member.id}`);
    assert.equal(recount.events, events);
  }
});

scene('the nightly backup writes one of each, and says so if it could not', async (s) => {
  const { d, west, east } = await two(s);
  await west.count(activity());
  await east.count(activity(), activity());
  const to = path.join(s.folder, 'backups');
  const backUp = (keep) => run('sh', [path.join(process.env.SOURCE, 'packaging', 'backup'), d.state, to, keep],
                               { env: { PATH: `${path.dirname(TALLYCTL)}:${process.env.PATH}` } });
  fs.mkdirSync(path.join(to, 'a', 'east'), { recursive: true });
  for (const folder of ['', 'a/east']) for (const day of ['01', '02']) fs.writeFileSync(path.join(to, folder, `tally-1999-01-${day}.zst`), '');
  const made = await backUp('2');
  assert.equal(made.code, 0, made.stderr);
  for (const folder of [to, path.join(to, 'a', 'east')]) {
    const files = fs.readdirSync(folder).filter((name) => name.startsWith('tally-'));
    assert.deepEqual([files.length, files[0]], [2, 'tally-1999-01-02.zst'], folder);
    assert.ok(fs.statSync(path.join(folder, files[1])).size > 100);
  }
  fs.mkdirSync(path.join(d.state, 'a', 'gone'));
  const late = await backUp('2');
  assert.equal(late.code, 1);
  assert.match(late.stderr, /no alliance of this id/);
});

scene('fifty alliances, each by itself, through a kill and a restart', async (s) => {
  const ids = Array.from({ length: 50 }, (_, i) => `street-${i + 1}`);
  const d = await s.daemon({ config: { alliances: listed(s, ids) } });
  const members = ids.map((id) => new Member(d, id));
  for (const member of members) member.admin = await member.token('admin');
  const screens = await Promise.all(ids.map((id) => screenOf(s, d, `/a/${id}/ws`)));
  const eachHas = async (round) => {
    for (const [i, member] of members.entries()) {
      const { totals } = await member.totals();
      assert.deepEqual(totals, figures({ activities: round, residents: round * (i + 1) }), member.id);
    }
  };
  const sendRound = (round) => Promise.all(members.map((member, i) => member.count(activity({ id: `r${round}`, residents: i + 1 }))));
  await sendRound(1);
  await eachHas(1);
  await Promise.all(screens.map((screen, i) => screen.shows(members[i].rev)));
  for (const [i, screen] of screens.entries()) {
    assert.equal(screen.views[0].totals.residents, i + 1);
    screen.fine();
  }
  await d.kill();
  await d.restart();
  await eachHas(1);
  await sendRound(2);
  await eachHas(2);
  for (const member of members.slice(0, 2)) {
    assert.equal((await member.post([activity({ id: 'r2', residents: 99 })])).json.results[0].status, 'conflict');
    assert.equal((await member.ctl('verify')).code, 0);
  }
  await d.stop();
  await d.restart();
  await eachHas(2);
}, { timeout: 280_000 });
