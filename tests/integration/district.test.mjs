// A district: the sum of its members, wherever they are counted; one that is away has its last
// figures and their age, never zeros.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { ALLIANCE, TALLYD, event, figures, run, scene, until } from './harness.mjs';
import { Member, listed } from './alliances.mjs';
import { freePort } from './redis.mjs';

const activity = (fields) => event('activity', { title: 't', community: 'm1', residents: 2, ...fields });

/** The files of a district with those members; gives its settings. */
function district(s, members) {
  const [file, catalogue] = [path.join(s.folder, `qu-${s.daemons.length}.json`), {
    alliance: { id: 'qu', name: '区' },
    circles: [{ id: 'k1', name: '东片' }, { id: 'k2', name: '西片' }],
    communities: members.map(({ id }, i) => ({ id, name: `街道 ${id}`, circle: `k${1 + (i % 2)}` })),
    units: [], categories: [], projects: [],
  }];
  fs.writeFileSync(file, JSON.stringify(catalogue));
  return { alliances: [{ id: 'qu', file, members }] };
}

const url = (d, id) => `http://${d.address}${id ? `/a/${id}/` : '/'}`;

/** Two streets on one daemon, a third on another with a store of its own. */
async function streets(s, config = {}) {
  const one = await s.daemon({ port: await freePort(), config: { ...config, alliances: listed(s, ['s01', 's02']) } });
  const store = await s.redis();
  const two = await s.daemon({ redis: store.url, config: { ...config, alliances: listed(s, ['s03']) } });
  return {
    one, two, store,
    s01: new Member(one, 's01'), s02: new Member(one, 's02'), s03: new Member(two, 's03'),
    members: [
      { id: 's01', url: url(one) },
      { id: 's02', url: url(one, 's02'), screen: 'http://streets.example/a/s02/' },
      { id: 's03', url: url(two) },
    ],
  };
}

/** What the screen was told last of the members, by their ids. */
function states(screen) {
  const members = screen.messages.findLast((message) => message.members)?.members ?? [];
  return Object.fromEntries(members.map(({ id, state }) => [id, state]));
}

const told = (screen, wanted) =>
  until(() => Object.entries(wanted).every(([id, state]) => states(screen)[id] === state),
        `the members to be ${JSON.stringify(wanted)}`);

const shown = (d, wanted, query = '') =>
  until(async () => {
    const { totals } = await d.api(`/totals${query}`);
    return Object.entries(wanted).every(([metric, n]) => totals[metric] === n);
  }, `/totals${query} to show ${JSON.stringify(wanted)}`);

scene('its totals are the sum, pushed live, in every range and group', async (s) => {
  const { s01, s02, s03, members } = await streets(s);
  await s01.count(activity({ residents: 5, at: '2025-03-04T10:00:00+08:00' }));
  const d = await s.daemon({ config: district(s, members) });
  const screen = await s.screen(d);
  screen.say({ views: [{ range: 'all', by: 'community' }, { range: 'today' }] });
  await until(() => screen.views.length === 2, 'the views');
  assert.equal(screen.views[0].totals.residents, 5);

  const at = new Date().toISOString();
  await s02.count(activity({ at }), event('venue', { venue: 'v', shared: true, name: '礼堂', community: 'm1' }));
  await s03.count(activity({ residents: 7, at }));
  await until(() => screen.views[0].totals.activities === 3, 'all to be pushed');
  screen.fine();
  const by = Object.fromEntries(screen.views[0].groups.map(({ id, ...figures }) => [id, figures]));
  assert.equal(by.s01.residents, 5);
  assert.deepEqual([by.s02.activities, by.s02.venues], [1, 1]);
  assert.equal(by.s03.residents, 7);
  assert.equal(screen.views[1].totals.activities, 2, 'of today');

  const { groups } = await d.api('/totals?by=circle');
  assert.deepEqual(groups.map(({ activities }) => activities), [2, 1]);
  assert.equal((await d.api('/totals?range=2025-03')).totals.residents, 5);
  const trend = await d.api('/trend?metric=residents&from=2025-01-01&to=2025-12-31&step=month');
  assert.deepEqual(trend.points, (await s01.api('/trend?metric=residents&from=2025-01-01&to=2025-12-31&step=month')).points);
});

scene('its feed is theirs, and each event says whose', async (s) => {
  const { s01, s03, members } = await streets(s);
  await s01.count(activity({ id: 'old', title: '读书会', at: '2025-03-04T10:00:00+08:00' }));
  const d = await s.daemon({ config: district(s, members) });
  const screen = await s.screen(d);
  await screen.type('snapshot');
  assert.deepEqual(screen.events.map(({ id, community, title }) => [id, community, title]), [['s01:old', 's01', '读书会']]);
  await s03.count(activity({ id: 'new', unit: 'u1' }));
  const delta = await screen.next((message) => message.events?.some(({ id }) => id === 's03:new'), 'the event');
  const fresh = delta.events.find(({ id }) => id === 's03:new');
  assert.equal(fresh.community, 's03');
  assert.ok(!('unit' in fresh), 'a unit of another catalogue');
});

scene('a member that is killed keeps its figures, and their age, over a restart of the district too', async (s) => {
  const { one, s01, s02, s03, members } = await streets(s);
  await s01.count(activity({ residents: 5 }));
  await s03.count(activity({ residents: 1 }));
  const d = await s.daemon({ config: district(s, members) });
  await shown(d, { residents: 6 });
  let screen = await s.screen(d);
  await told(screen, { s01: 'live', s02: 'live', s03: 'live' });
  const { epoch } = screen;

  await one.kill();
  await told(screen, { s01: 'away', s02: 'away', s03: 'live' });
  const before = screen.messages.findLast((message) => message.members).members;
  assert.ok(before.every(({ as_of: asOf }) => Date.parse(asOf) > Date.now() - 60_000));
  assert.equal(before[1].screen, 'http://streets.example/a/s02/');
  assert.deepEqual([before[0].units, before[0].projects], [ALLIANCE.units.length, ALLIANCE.projects.length]);
  await s03.count(activity({ residents: 2 }));
  await shown(d, { residents: 8 });
  screen.fine();

  await d.stop();
  await d.restart();
  screen = await s.screen(d);
  await told(screen, { s01: 'away', s03: 'live' });
  assert.equal(screen.epoch, epoch);
  assert.equal(screen.views[0].totals.residents, 8);
  const after = screen.messages.findLast((message) => message.members).members;
  assert.ok(Date.parse(after[0].as_of) <= Date.parse(before[0].as_of) + 20_000, 'its age goes on');

  await one.restart();
  await told(screen, { s01: 'live', s02: 'live' });
  await s02.count(activity({ residents: 10 }));
  await shown(d, { residents: 18 });
  assert.equal(screen.epoch, epoch);
  screen.fine();
});

scene('a daemon that is killed remembers too', async (s) => {
  const { one, s01, members } = await streets(s);
  await s01.count(activity({ residents: 5 }));
  const d = await s.daemon({ config: district(s, members) });
  await shown(d, { residents: 5 });
  await one.kill(); // what is known is written down as it leaves
  const screen = await s.screen(d);
  await told(screen, { s01: 'away' });
  await d.kill();
  await d.restart();
  await shown(d, { residents: 5 });
});

scene('what is kept of one is not mistaken for what lies beside another', async (s) => {
  const { one, s01, s02, members } = await streets(s);
  await s01.count(activity({ residents: 5 }));
  await s02.count(activity({ residents: 2 }));
  const d = await s.daemon({ config: district(s, [{ ...members[1], id: 's01.new' }, members[0]]) });
  await shown(d, { residents: 7 });
  await d.stop();
  await one.kill();
  await d.restart();
  await shown(d, { residents: 7 });
});

scene('a member that was never reached has no figures, and holds nobody up', async (s) => {
  const { two, s03, members } = await streets(s);
  await s03.count(activity());
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  const d = await s.daemon({ config: district(s, [members[2], { id: 's09', url: nobody }]) });
  const screen = await s.screen(d);
  await told(screen, { s03: 'live', s09: 'unknown' });
  const unknown = screen.messages.findLast((message) => message.members).members[1];
  assert.equal(unknown.as_of, null);
  assert.deepEqual((await d.api('/totals')).totals, figures({ activities: 1, residents: 2 }));
  await two.stop();
  await told(screen, { s03: 'away', s09: 'unknown' });
});

scene('a member may have a name, and one that leads nowhere holds nobody up', async (s) => {
  const { one, s01 } = await streets(s);
  const port = one.address.split(':').pop();
  const members = [{ id: 's01', url: `http://localhost:${port}/` },
                   ...['s02', 's03', 's04'].map((id) => ({ id, url: `http://${id}.invalid/` }))];
  const d = await s.daemon({ config: district(s, members) });
  const screen = await s.screen(d);
  await s01.count(activity());
  await shown(d, { activities: 1 });
  await told(screen, { s01: 'live', s02: 'unknown', s03: 'unknown', s04: 'unknown' });
  assert.match(d.log, /event=member id=s01 state=live/);
  assert.match(d.log, /event=member id=s02 state=unknown reason=/);
});

scene('members that are no tallyd, or not any more, end nobody', async (s) => {
  const { one, s01, members: [street] } = await streets(s);
  const answers = {
    closes: (socket) => socket.destroy(),
    resets: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    leads: (socket) => socket.once('data', () => socket.end('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/ws\r\nContent-Length: 0\r\n\r\n')),
    refuses: (socket) => socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')),
    babbles: (socket) => socket.once('data', () => socket.end('babble\r\n\r\n'.repeat(1000))),
    waits: () => {},
  };
  const calls = Object.fromEntries(Object.keys(answers).map((name) => [name, 0]));
  const servers = [];
  const members = [street];
  for (const [name, answer] of Object.entries(answers)) {
    const server = net.createServer((socket) => {
      calls[name] += 1;
      socket.on('error', () => {});
      answer(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    members.push({ id: name, url: `http://127.0.0.1:${server.address().port}/` });
  }
  members.push({ id: 'none', url: `http://${one.address}/a/none/` });
  try {
    const d = await s.daemon({ config: district(s, members) });
    await until(() => Object.entries(calls).every(([name, n]) => n > (name === 'waits' ? 1 : 3)), 'each to be tried again', 60_000);
    await s01.count(activity());
    await shown(d, { activities: 1 });
    const files = fs.readdirSync(`/proc/${d.pid}/fd`).length;
    const before = calls.leads;
    await until(() => calls.leads > before + 2, 'the one that leads elsewhere to be tried again', 60_000);
    assert.ok(fs.readdirSync(`/proc/${d.pid}/fd`).length < files + 4, 'connections pile up');
    await d.stop();
  } finally {
    for (const server of servers) server.close();
  }
});

scene('a street that is killed while the district connects ends nobody', async (s) => {
  const { one, two, s03, members } = await streets(s);
  process.kill(one.pid, 'SIGSTOP');
  const d = s.launch({ config: district(s, members) });
  await d.listening();
  await until(() => /event=member id=s03 state=live/.test(d.log), 'the other street');
  await one.kill();
  await until(() => /event=member id=s01 state=unknown reason=/.test(d.log), 'it to be given up');
  await s03.count(activity());
  await shown(d, { activities: 1 });
  assert.equal((await two.get('/healthz')).status, 200);
});

scene('members change with a restart, and a reload that tries is refused', async (s) => {
  const { s01, members } = await streets(s);
  await s01.count(activity());
  const config = district(s, members);
  const d = await s.daemon({ config });
  const write = (list) => s.writeConfig({ alliances: [{ ...config.alliances[0], members: list }] }, path.basename(d.config));
  for (const list of [members.slice(1), [...members].reverse(), [{ ...members[0], url: 'http://127.0.0.1:9/' }, ...members.slice(1)]]) {
    write(list);
    const told = d.log.length;
    process.kill(d.pid, 'SIGHUP');
    await until(() => /event=reload_refused .*field=alliances/.test(d.log.slice(told)), 'the refusal');
  }
  write(members);
  process.kill(d.pid, 'SIGHUP');
  await until(() => /event=reloaded/.test(d.log), 'the reload');
  await s01.count(activity());
  await shown(d, { activities: 2 });
});

scene('where none was ever reached nothing is shown, least of all zeros', async (s) => {
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  const d = s.launch({ config: district(s, [{ id: 's09', url: nobody }]) });
  await d.listening();
  await until(async () => /state=unknown|store_up/.test(d.log), 'the start');
  assert.equal((await d.get('/readyz')).status, 503);
  assert.equal((await d.get('/api/v1/totals')).status, 503);
});

scene('a store that hangs makes its member paused', async (s) => {
  const { store, s03, members } = await streets(s, { redis: { timeout: 500 } });
  await s03.count(activity());
  const d = await s.daemon({ config: district(s, members) });
  const screen = await s.screen(d);
  store.child.kill('SIGSTOP');
  await told(screen, { s01: 'live', s03: 'paused' });
  store.child.kill('SIGCONT');
  await told(screen, { s03: 'live' });
  assert.equal(screen.views[0].totals.activities, 1);
  screen.fine();
});

scene('a member whose history was emptied makes the district\'s another', async (s) => {
  const { store, s01, s03, members } = await streets(s);
  await s01.count(activity({ residents: 1 }));
  await s03.count(activity({ residents: 4 }));
  const d = await s.daemon({ config: district(s, members) });
  await shown(d, { residents: 5 });
  const screen = await s.screen(d);
  const { epoch } = screen;
  await store.cli('FLUSHALL');
  await screen.next((message) => message.type === 'snapshot' && message.epoch !== epoch, 'another epoch', 60_000);
  // The journal may bring back what had just been counted: it is as the member says.
  await until(async () => {
    const [{ totals }, { groups }] = [await s03.api('/totals'), await d.api('/totals?by=community')];
    return groups[0].residents === 1 && groups[2].residents === totals.residents;
  }, 'what the members say');
  const { totals, groups } = await d.api('/totals?by=circle');
  assert.equal(groups[0].residents, totals.residents, 'all of the first circle');
});

scene('a district is a member of a province like any other', async (s) => {
  const { s01, s03, members } = await streets(s);
  await s01.count(activity());
  const lower = await s.daemon({ config: district(s, members) });
  const upper = await s.daemon({ config: district(s, [{ id: 'qu', url: url(lower) }]) });
  const screen = await s.screen(upper);
  await told(screen, { qu: 'live' });
  const { members: [seen] } = screen.messages.findLast((message) => message.members);
  assert.equal(seen.units, members.length * ALLIANCE.units.length);
  await s03.count(activity({ id: 'new' }));
  await shown(upper, { activities: 2 });
  await until(() => screen.messages.some(({ events }) => events?.some(({ id }) => id === 'qu:s03:new')), 'its event');
  screen.fine();
});

scene('a district among its own members, by whatever way, is refused', async (s) => {
  const { s01, members: [street] } = await streets(s);
  await s01.count(activity());
  const ports = [await freePort(), await freePort()];
  const [first, second] = ports.map((port) => `http://127.0.0.1:${port}/`);
  const a = await s.daemon({ port: ports[0], config: district(s, [street, { id: 'me', url: first }, { id: 'b', url: second }]) });
  const b = s.launch({ port: ports[1], config: district(s, [{ id: 'a', url: first }]) });
  await b.listening();
  await until(() => /event=member id=me .*own/.test(a.log) && /event=member id=(a|b) .*own/.test(a.log + b.log), 'both to be told');
  await s01.count(activity());
  await shown(a, { activities: 2 });
  const { groups } = await a.api('/totals?by=community');
  assert.deepEqual(groups.map(({ activities }) => activities), [2, 0, 0]);
});

scene('two daemons of one district say the same', async (s) => {
  const { s01, s03, members } = await streets(s);
  await s01.count(activity());
  const [a, b] = [await s.daemon({ config: district(s, members) }), await s.daemon({ config: district(s, members) })];
  await s03.count(activity());
  await Promise.all([a, b].map((d) => shown(d, { activities: 2 })));
  const [one, other] = [await a.api('/totals?by=community'), await b.api('/totals?by=community')];
  assert.deepEqual([one.epoch, one.rev, one.totals, one.groups], [other.epoch, other.rev, other.totals, other.groups]);
});

scene('it counts nothing itself, and says so', async (s) => {
  const { members } = await streets(s);
  const d = await s.daemon({ config: district(s, members) });
  const token = await d.admin();
  const answer = await d.post([activity()], { token });
  assert.equal(answer.status, 403);
  assert.equal(answer.json.error.code, 'district');
  assert.deepEqual((await d.api('/totals')).totals, figures({}));
});

scene('members that ask for a token are given it', async (s) => {
  const { s01, one, members } = await streets(s, { access: { viewers: 'token' } });
  const token = await s01.token('view');
  const [first] = members;
  const without = s.launch({ config: district(s, [first]) });
  await without.listening();
  const d = await s.daemon({ config: district(s, [{ ...first, token }]) });
  await s01.count(activity());
  await shown(d, { activities: 1 });
  assert.equal((await without.get('/readyz')).status, 503, 'without a token it learns nothing');
  assert.ok(!d.log.includes(token) && !one.log.includes(token));
});

scene('by https as well, where the certificate is trusted', async (s) => {
  const [certificate, key] = ['tls.pem', 'tls.key'].map((name) => path.join(s.folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                           '-keyout', key, '-out', certificate, '-days', '30', '-subj', '/CN=street',
                           '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  const street = s.launch({ config: { http: { tls_certificate: certificate, tls_key: key }, alliances: listed(s, ['s01']) } });
  await street.listening();
  const members = [{ id: 's01', url: `https://${street.address}/` }];
  const d = await s.daemon({ config: district(s, members), env: { SSL_CERT_FILE: certificate } });
  assert.equal((await d.api('/totals')).totals.activities, 0);
  const wary = s.launch({ config: district(s, members) });
  await wary.listening();
  await until(() => /event=store_up/.test(wary.log), 'the start');
  assert.equal((await wary.get('/readyz')).status, 503, 'a certificate that nobody vouches for');
});

scene('settings that make no sense are refused with their place', async (s) => {
  const check = async (members, communities = [{ id: 's01', name: 'S', circle: 'k1' }]) => {
    const config = district(s, [{ id: 's01', url: 'http://h/' }]);
    const [{ file }] = config.alliances;
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), communities }));
    config.alliances[0].members = members;
    const { code, stderr, stdout } = await run(TALLYD, ['--check', '--config', s.writeConfig(config)]);
    return { code, text: stderr + stdout };
  };
  const good = await check([{ id: 's01', url: 'http://h/' }]);
  assert.equal(good.code, 0, good.text);
  for (const [members, said] of [
    [[], 'members: found []'],
    [[{ id: 's01' }], 'url: missing'],
    [[{ id: 's01', url: 'ws://h/' }], 'url: found "ws://h/"'],
    [[{ id: 's01', url: 'http://h/', tokens: '' }], 'tokens: unknown key'],
    [[{ id: 's01', url: 'http://h/' }, { id: 's01', url: 'http://i/' }], 'a second time'],
    [[{ id: 's02', url: 'http://h/' }], 'lacks "s02"'],
  ]) {
    const { code, text } = await check(members);
    assert.notEqual(code, 0);
    assert.ok(text.includes(said), `${said}: ${text}`);
  }
  const secret = await check([{ id: 's01', url: 'http://h/', token: 'a b' }]);
  assert.ok(!secret.text.includes('a b') && secret.text.includes('token'));
});
