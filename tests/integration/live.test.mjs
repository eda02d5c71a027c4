// /ws: what a screen is shown, when, and that it always adds up.
import assert from 'node:assert/strict';
import { event, figures, pick, scene, until } from './harness.mjs';
import { Generator } from './model.mjs';
import { Screen } from './screen.mjs';

const activity = (fields) =>
  event('activity', { title: '义诊', community: 'm1', unit: 'u1', residents: 3, ...fields });
const today = () => new Date().toISOString();

scene('a snapshot comes at once: all, without groups, with the newest events', async (s) => {
  const d = await s.daemon();
  const sent = Array.from({ length: 25 }, () => activity());
  for (const one of sent) await d.count(one);
  await d.totals();
  const screen = await s.screen(d);
  assert.equal(screen.socket.protocol, 'tally.v1');
  const first = await screen.next(() => true, 'message');
  assert.equal(first.type, 'snapshot');
  const shown = await d.totals();
  assert.deepEqual([first.epoch, first.rev], [shown.epoch, shown.rev]);
  assert.ok(Date.parse(first.as_of));
  assert.equal(first.views.length, 1);
  assert.equal(first.views[0].range, 'all');
  assert.ok(!first.views[0].by);
  assert.deepEqual(pick(first.views[0].totals), figures({ activities: 25, residents: 75 }));
  assert.deepEqual(first.views[0].groups, []);
  assert.deepEqual(new Set(first.events.map((e) => e.id)), new Set(sent.slice(-20).map((e) => e.id)));
});

scene('of many events counted at once, with known ones among them, the last twenty are shown', async (s) => {
  const d = await s.daemon();
  const known = [activity(), activity(), activity()];
  await d.count(...known);
  const screen = await s.screen(d);
  await screen.shows(d.lastRev);
  const fresh = Array.from({ length: 30 }, () => activity());
  await d.send(known[0], ...fresh.slice(0, 12), known[1], ...fresh.slice(12, 29), known[2], fresh[29]);
  const delta = await screen.type('delta');
  const { events } = await (await s.screen(d)).type('snapshot');
  for (const shown of [delta.events, events]) {
    const ids = shown.map((e) => e.id);
    assert.deepEqual(ids, fresh.slice(-20).reverse().map((e) => e.id));
    for (const e of shown) assert.equal(e.rev, (await d.api(`/events/${e.id}`)).rev, e.id);
  }
});

scene('an empty alliance is shown as zeros', async (s) => {
  const d = await s.daemon();
  const { views, events } = await (await s.screen(d)).type('snapshot');
  assert.deepEqual(pick(views[0].totals), figures());
  assert.deepEqual(events, []);
});

scene('views are answered by a snapshot in the order asked, up to 8', async (s) => {
  const d = await s.daemon();
  await d.count(activity({ at: today() }), activity({ project: 'p3' }));
  const screen = await s.screen(d);
  const asked = [
    { range: 'today', by: 'circle' },
    { range: 'all' },
    { range: '2024-03', by: 'project' },
    { range: 'week', by: 'unit' },
    { range: 'month', by: 'community' },
    { range: 'year', by: 'category' },
    { range: '2024' },
    { range: '2024-03-15', by: 'circle' },
  ];
  const snapshot = await screen.look(...asked);
  for (const [i, view] of asked.entries()) {
    const want = await d.totals(view);
    assert.equal(snapshot.views[i].range, view.range);
    assert.equal(snapshot.views[i].by ?? null, view.by ?? null);
    assert.deepEqual(pick(snapshot.views[i].totals), pick(want.totals));
    assert.deepEqual(
      snapshot.views[i].groups.map((g) => [g.id, pick(g)]),
      want.groups.map((g) => [g.id, pick(g)]),
    );
  }
  screen.say({ views: [...asked, { range: 'all' }] });
  await screen.type('error');
  assert.equal((await screen.look({ range: 'all' })).views.length, 1, 'after one bad message it goes on');
});

scene('a delta holds only what changed, as absolute figures, chained by revisions', async (s) => {
  const d = await s.daemon();
  await d.count(
    activity(),
    event('problem', { problem: 'q', status: 'raised', title: 't', community: 'm3' }),
  );
  const screen = await s.screen(d);
  const shown = await screen.look(
    { range: 'all', by: 'circle' },
    { range: '2024-03' },
    { range: '2023', by: 'unit' },
  );
  const solved = event('problem', { problem: 'q', status: 'solved' });
  await d.count(solved);
  const delta = await screen.type('delta');
  assert.deepEqual([delta.epoch, delta.prev], [shown.epoch, shown.rev]);
  assert.ok(delta.rev > delta.prev);
  assert.equal(delta.views.length, 3);
  assert.deepEqual(delta.views[0].totals, { problems_solved: 1 });
  assert.deepEqual(delta.views[0].groups, [{ id: 'c2', problems_solved: 1 }]);
  assert.deepEqual(delta.views[1].totals, { problems_solved: 1 });
  for (const part of ['totals', 'groups'])
    assert.equal(Object.keys(delta.views[2][part] ?? {}).length, 0, 'nothing changed in 2023');
  assert.deepEqual(
    delta.events.map((e) => e.id),
    [solved.id],
  );
  await d.count(activity({ residents: 7, community: 'm1' }));
  const second = await screen.type('delta');
  assert.equal(second.prev, delta.rev);
  assert.deepEqual(second.views[0].totals, { activities: 2, residents: 10 });
  assert.deepEqual(second.views[0].groups, [{ id: 'c1', activities: 2, residents: 10 }]);
  await d.count(event('plan', { plan: 'n', title: '预告', starts: today(), unit: 'u1' }));
  const third = await screen.type('delta');
  assert.equal(Object.keys(third.views[0].totals ?? {}).length, 0, 'a plan counts nothing, but is news');
  assert.equal(third.events.length, 1);
  screen.fine();
});

scene('a void lowers the figures of a delta', async (s) => {
  const d = await s.daemon();
  const [kept, gone] = [activity(), activity({ residents: 5 })];
  await d.count(kept, gone);
  const screen = await s.screen(d);
  await screen.shows(d.lastRev);
  await d.count(event('void', { of: gone.id, reason: 'x' }));
  const delta = await screen.type('delta');
  assert.deepEqual(delta.views[0].totals, { activities: 1, residents: 3 });
  screen.fine();
});

scene('duplicates, conflicts and refusals are no news', async (s) => {
  const d = await s.daemon();
  const first = activity();
  await d.count(first);
  const screen = await s.screen(d);
  await screen.shows(d.lastRev);
  const before = screen.messages.length;
  await d.send(first, { ...first, residents: 9 });
  await d.post([activity({ community: 'm99' })]);
  const last = activity();
  await d.count(last);
  await screen.shows(d.lastRev);
  const news = screen.messages.slice(before).filter((m) => m.type !== 'status');
  assert.deepEqual(
    news.flatMap((m) => m.events.map((e) => e.id)),
    [last.id],
  );
  screen.fine();
});

scene('status tells of the store, the clock and the version', async (s) => {
  const d = await s.daemon();
  const status = await (await s.screen(d)).type('status', 40_000);
  assert.deepEqual([status.store, status.queued], ['up', 0]);
  assert.ok(Math.abs(Date.parse(status.now) - Date.now()) < 60_000);
  assert.ok(Date.parse(status.as_of));
  assert.match(status.version, /^\d+\.\d+\.\d+/);
});

scene('the epoch stays over a restart of the daemon, and the screen goes on from there', async (s) => {
  const d = await s.daemon();
  await d.count(activity());
  const before = await (await s.screen(d)).type('snapshot');
  await d.stop();
  await d.restart();
  const after = await (await s.screen(d)).type('snapshot');
  assert.equal(after.epoch, before.epoch);
  assert.ok(after.rev >= before.rev);
  assert.deepEqual(pick(after.views[0].totals), figures({ activities: 1, residents: 3 }));
});

scene('a bad message gets an error, a second one close 1008', async (s) => {
  const d = await s.daemon();
  for (const bad of [
    'not JSON',
    '[]',
    '5',
    '{}',
    '{"views":5}',
    '{"views":[5]}',
    '{"views":[{"range":"never"}]}',
    '{"views":[{"range":"all","by":"street"}]}',
    '{"views":[{"range":"all"}],"views":[]}',
    '{"views":[{"range":"all","foo":1}]}',
    `{"views":[${'['.repeat(5_000)}`,
    `{"views":[{"range":"${'x'.repeat(20_000)}"}]}`,
  ]) {
    const screen = await s.screen(d);
    screen.say(bad);
    const error = await screen.type('error');
    assert.equal(error.type, 'error', bad.slice(0, 60));
    screen.say(bad);
    assert.equal(await screen.closed, 1008, bad.slice(0, 60));
  }
  assert.equal((await d.get('/healthz')).status, 200);
});

scene('an Origin must be this host or a listed one; none at all is accepted', async (s) => {
  const d = await s.daemon({
    config: { http: { origins: ['https://cockpit.example', 'http://wall.example:8080'] } },
  });
  const open = async (headers) => {
    const screen = d.screen({ headers });
    s.screens.push(screen);
    return screen.opened.then(
      () => 101,
      (error) => error.status,
    );
  };
  assert.equal(await open({}), 101);
  for (const origin of [`http://${d.address}`, 'https://cockpit.example', 'http://wall.example:8080'])
    assert.equal(await open({ origin }), 101, origin);
  for (const origin of [
    'https://evil.example',
    'http://cockpit.example',
    'https://cockpit.example.evil.example',
    'https://cockpit.example:444',
    'http://wall.example',
    'null',
    `http://${d.address}.evil.example`,
    `http://evil.example/${d.address}`,
    'http://127.0.0.1:1',
    'http://localhost',
  ]) {
    assert.equal(await open({ origin }), 403, origin);
  }
});

scene('the subprotocol may be left out; other paths have no WebSocket', async (s) => {
  const d = await s.daemon();
  const bare = await s.screen(d, { protocols: [] });
  await bare.type('snapshot');
  assert.equal(bare.socket.protocol, '');
  const listed = await s.screen(d, { protocols: ['other', 'tally.v1'] });
  await listed.type('snapshot');
  assert.equal(listed.socket.protocol, 'tally.v1');
  for (const path of ['/', '/wss', '/ws/', '/ws/x', '/api/v1/totals', '/api/v1/events', '/m/', '/WS']) {
    for (const protocols of [['tally.v1'], []]) {
      const screen = new Screen(`ws://${d.address}${path}`, { protocols });
      s.screens.push(screen);
      await assert.rejects(screen.opened, `${path} must refuse`);
    }
  }
  assert.equal((await d.get('/healthz')).status, 200);
});

scene('20 screens with all kinds of views agree with /totals after 500 random events', async (s) => {
  const d = await s.daemon();
  const makes = new Generator(7);
  const views = ['all', 'today', 'week', 'month', 'year', '2024', '2024-03', '2024-02-29'].flatMap(
    (range) => [
      { range },
      ...['circle', 'community', 'unit', 'project', 'category'].map((by) => ({ range, by })),
    ],
  );
  const screens = await Promise.all(Array.from({ length: 20 }, () => s.screen(d)));
  await Promise.all(
    screens.map((screen, i) =>
      screen.look(...Array.from({ length: 1 + (i % 8) }, (_, n) => views[(i * 5 + n * 7) % views.length])),
    ),
  );
  for (let sent = 0; sent < 500;) {
    const batch = makes.batch(1 + ((sent * 31) % 40));
    await d.send(batch);
    sent += batch.length;
  }
  await Promise.all(screens.map((screen) => screen.shows(d.lastRev)));
  for (const screen of screens) {
    screen.fine();
    for (const view of screen.views) {
      const want = await d.totals({ range: view.range, by: view.by ?? undefined });
      const where = `${view.range} by ${view.by}`;
      assert.deepEqual(pick(view.totals), pick(want.totals), where);
      assert.deepEqual(
        view.groups.map((g) => [g.id, pick(g)]),
        want.groups.map((g) => [g.id, pick(g)]),
        where,
      );
    }
  }
});

scene('two daemons on one store show the same revision and figures', async (s) => {
  const store = await s.redis();
  const [a, b] = [await s.daemon({ redis: store.url }), await s.daemon({ redis: store.url })];
  const [onA, onB] = [await s.screen(a), await s.screen(b)];
  b.adminToken = await a.admin();
  await until(async () => (await b.post([])).status !== 401, 'the other daemon to know the token');
  const makes = new Generator(11);
  for (let i = 0; i < 20; i += 1) {
    const [one, two] = [makes.plain(20), makes.plain(20)];
    await Promise.all([a.send(one), b.send(two), a.send(two), b.send(one)]);
  }
  const rev = Math.max(a.lastRev, b.lastRev);
  await Promise.all([onA.shows(rev), onB.shows(rev)]);
  const [left, right] = [await a.totals({ rev }), await b.totals({ rev })];
  assert.deepEqual([left.epoch, left.rev, left.totals], [right.epoch, right.rev, right.totals]);
  assert.equal(left.totals.activities, 800);
  assert.deepEqual(onA.views, onB.views);
  onA.fine();
  onB.fine();
});
