// What the pages make of the server's messages, without a page: the model, the formats and the
// socket's keeper, which gets a socket made of paper here.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as format from '../../web/js/format.js';
import { backoff, Feed } from '../../web/js/feed.js';
import * as model from '../../web/js/model.js';

const T0 = Date.parse('2026-11-24T13:05:09+08:00');

const CATALOGUE = {
  alliance: { id: 'chengxiang', name: '城厢街道党建联盟' },
  circles: [{ id: 'c1', name: '第一联盟圈' }, { id: 'c2', name: '第二联盟圈' }],
  communities: [{ id: 's01', name: '社区01', circle: 'c1' },
                { id: 's06', name: '社区06', circle: 'c2' }],
  units: [{ id: 'u1', name: '区商务局' }],
  categories: [{ id: 'wenhua', name: '文化利民' }, { id: 'fazhan', name: '发展提质' }],
  projects: [
    { id: 'p1', name: '初心书厢', category: 'wenhua', units: [], round: '1', status: 'done' },
    { id: 'p2', name: '相守有礼', category: 'fazhan', units: ['u1'], round: '2', status: 'running' },
    { id: 'p3', name: '吴越相韵', category: 'fazhan', units: [], round: '2', status: 'preparing' },
  ],
};

const snapshot = (more) => ({
  type: 'snapshot', epoch: 'e1', rev: 7, as_of: '2026-11-24T13:05:09.000+08:00', received: T0,
  views: [
    { range: 'all', totals: { activities: 300, residents: 10000, venues: 120 }, groups: [] },
    { range: 'today', by: 'circle', totals: { activities: 2, residents: 80, venues: 120 },
      groups: [{ id: 'c1', name: '第一联盟圈', activities: 2, residents: 80 },
               { id: 'c2', name: '第二联盟圈', activities: 0, residents: 0 }] },
  ],
  events: [{ id: 'a1', kind: 'activity', title: '读书会', community: 's01' }],
  ...more,
});

const delta = (more) => ({
  type: 'delta', epoch: 'e1', rev: 8, prev: 7, received: T0 + 1000,
  views: [{ totals: { activities: 301 } },
          { totals: { activities: 3 }, groups: [{ id: 'c2', activities: 1 }] }],
  events: [{ id: 'a2', kind: 'activity', title: '义诊', community: 's06' }],
  ...more,
});

const after = (...messages) => messages.reduce(model.reduce, model.initial());

describe('model', () => {
  test('knows nothing, and no zero, before the first snapshot', () => {
    const state = model.initial();
    assert.equal(model.totals(state, 'all'), null);
    assert.equal(model.changeToday(state, 'activities'), null);
    assert.equal(model.trendOf(state, 'day'), null);
    assert.equal(model.condition(state, T0), 'loading');
  });

  test('a snapshot replaces all, a delta only what changed', () => {
    const state = after(snapshot(), delta());
    assert.deepEqual(model.totals(state, 'all'),
                     { activities: 301, residents: 10000, venues: 120 });
    assert.equal(model.group(state, 'today', 'circle', 'c2').activities, 1);
    assert.equal(model.group(state, 'today', 'circle', 'c1').activities, 2);
    assert.equal(model.group(state, 'today', 'circle', 'c2').residents, 0);
    assert.equal(state.rev, 8);
    const again = model.reduce(state, snapshot({ rev: 9, views: [
      { range: 'all', totals: { activities: 5 }, groups: [] }] }));
    assert.deepEqual(model.totals(again, 'all'), { activities: 5 });
    // What another source brings stays within an epoch, and no longer.
    assert.equal(model.totals(again, 'today', 'circle').activities, 3);
    const other = model.reduce(state, snapshot({ epoch: 'e2', views: [
      { range: 'all', totals: { activities: 5 }, groups: [] }] }));
    assert.equal(model.totals(other, 'today', 'circle'), null);
  });

  test('a delta may name its views instead of keeping their order', () => {
    const state = after(snapshot(), delta({
      views: [{ range: 'today', by: 'circle', totals: { activities: 9 } }] }));
    assert.equal(model.totals(state, 'today', 'circle').activities, 9);
    assert.equal(model.totals(state, 'all').activities, 300);
  });

  test('a delta of another revision or history changes nothing', () => {
    const state = after(snapshot());
    assert.equal(model.reduce(state, delta({ prev: 6 })), state);
    assert.equal(model.reduce(state, delta({ epoch: 'e2' })), state);
  });

  test('is never changed in place', () => {
    const state = after(snapshot());
    const frozen = JSON.stringify(state);
    model.reduce(state, delta());
    assert.equal(JSON.stringify(state), frozen);
  });

  test('unknown messages, even of tricky names, change nothing', () => {
    const state = after(snapshot());
    for (const type of ['error', 'toString', '__proto__', undefined]) {
      assert.equal(model.reduce(state, { type }), state);
    }
  });

  describe('of a district', () => {
    const away = { id: 's06', state: 'away', as_of: '2026-11-24T09:12:00+08:00', units: 40, projects: 6,
                   screen: 'http://10.0.0.2/' };
    const live = { ...away, id: 's01', state: 'live', as_of: '2026-11-24T13:05:09+08:00', units: 34 };
    const unknown = { ...away, id: 's07', state: 'unknown', as_of: null, units: 0, projects: 0 };
    const status = (seconds, more) => ({ type: 'status', store: 'up', queued: 0,
      as_of: new Date(T0 + seconds * 1000).toISOString(), now: new Date(T0 + seconds * 1000).toISOString(),
      received: T0 + seconds * 1000, ...more });

    test('an ordinary alliance has no members, and loses none', () => {
      const state = after(snapshot(), status(1));
      assert.equal(state.members, null);
      assert.equal(model.district(state), null);
      assert.equal(model.isCounted(state), true);
    });

    test('its members are those of the last snapshot or status, and a delta keeps them', () => {
      const state = after(snapshot({ members: [live, away, unknown] }), delta());
      assert.deepEqual(state.members, [live, away, unknown]);
      const next = model.reduce(state, status(2, { members: [live, { ...away, state: 'live' }, unknown] }));
      assert.equal(model.memberOf(next, 's06').state, 'live');
      assert.equal(next.members[0], state.members[0], 'what is the same is held once');
      assert.equal(model.reduce(next, snapshot({ rev: 9 })).members, null);
    });

    test('units and projects are those of the members that were ever reached', () => {
      const sums = model.district(after(snapshot({ members: [live, away, unknown] })));
      assert.deepEqual(sums, { all: 3, live: 1, away: 1, unknown: 1, units: 74, projects: 12,
                               oldest: Date.parse(away.as_of) });
    });

    test('members none of which was ever reached make no zeros', () => {
      const state = after(snapshot({ members: [unknown] }));
      assert.equal(model.district(state).units, undefined);
      assert.equal(model.isCounted(state), false);
    });

    test('nobody is called live while the district itself is gone', () => {
      const state = after(snapshot({ members: [live, away, unknown] }),
                          { type: 'connection', link: 'lost', received: T0 });
      assert.deepEqual(['s01', 's06', 's07', 's99'].map((id) => model.memberOf(state, id).state),
                       ['unsure', 'away', 'unknown', 'unknown']);
    });

    test('its figures are as old as the live member that is furthest behind', () => {
      const state = after(snapshot({ members: [live] }), status(10, { members: [live] }), delta({ received: T0 + 30000 }));
      assert.equal(state.asOf, T0 + 10000, 'a delta proves the way from one member only');
      const back = model.reduce(state, status(31, { as_of: new Date(T0 + 5000).toISOString(), members: [live] }));
      assert.equal(back.asOf, T0 + 5000);
      assert.equal(model.condition(back, T0 + 31000), 'live');
      assert.equal(model.condition(back, T0 + 46000), 'stale');
    });

    test('with all members away nothing is called live', () => {
      const state = after(snapshot({ members: [away] }), status(1, { as_of: null, members: [away] }),
                          status(90, { as_of: null, members: [away] }));
      assert.equal(model.condition(state, T0 + 2000), 'stale');
      assert.equal(model.condition(model.reduce(state, { type: 'connection', link: 'lost', received: T0 + 91000 }),
                                   T0 + 92000), 'reconnecting');
    });
  });

  test('the feed is the newest twenty, each once, newest first', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ id: `b${30 - i}`, kind: 'plan' }));
    const state = after(snapshot(), delta({ events: [many[0], ...many, { id: 'a1' }] }));
    assert.equal(state.feed.length, model.FEED_SIZE);
    assert.deepEqual(state.feed.slice(0, 2).map(({ id }) => id), ['b30', 'b29']);
    const repeated = after(snapshot(), delta({ events: [{ id: 'a1', kind: 'activity' }] }));
    assert.deepEqual(repeated.feed.map(({ id }) => id), ['a1']);
  });

  test('arrivals are what is new, and none across a new history', () => {
    const before = after(snapshot());
    const now = model.reduce(before, delta());
    assert.deepEqual(model.arrivals(before, now).map(({ id }) => id), ['a2']);
    assert.deepEqual(model.arrivals(now, now), []);
    const restored = model.reduce(now, snapshot({ epoch: 'e2', events: [{ id: 'z' }] }));
    assert.deepEqual(model.arrivals(now, restored), []);
  });

  test('a lost connection keeps the figures and stops being live', () => {
    const state = after(snapshot(), { type: 'connection', link: 'lost', received: T0 + 5000 });
    assert.equal(model.totals(state, 'all').activities, 300);
    assert.equal(model.condition(state, T0 + 6000), 'reconnecting');
    assert.equal(model.condition(state, T0 + 5000 + model.OFFLINE_AFTER), 'offline');
    const open = model.reduce(state, { type: 'connection', link: 'open', received: T0 + 7000 });
    assert.equal(model.condition(open, T0 + 7000), 'reconnecting');
    const back = model.reduce(open, snapshot({ received: T0 + 8000 }));
    assert.equal(model.condition(back, T0 + 8000), 'live');
  });

  test('losing it again does not start the time anew', () => {
    const lost = { type: 'connection', link: 'lost' };
    const state = after(snapshot(), { ...lost, received: T0 }, { ...lost, received: T0 + 50000 });
    assert.equal(model.condition(state, T0 + model.OFFLINE_AFTER), 'offline');
  });

  test('the store away is said, with what waits and the time of the figures', () => {
    const state = after(snapshot(), {
      type: 'status', store: 'down', queued: 12, as_of: '2026-11-24T13:05:10.000+08:00',
      now: '2026-11-24T13:06:00.000+08:00', version: '0.1.0', received: T0 });
    assert.equal(model.condition(state, T0), 'paused');
    const cut = model.reduce(state, { type: 'connection', link: 'lost', received: T0 });
    assert.equal(model.condition(cut, T0), 'reconnecting');
    assert.equal(state.queued, 12);
    assert.equal(format.clock(state.asOf, state.zone), '13:05:10');
  });

  test('the server says what time it is', () => {
    const state = after(snapshot(), {
      type: 'status', store: 'up', now: '2026-11-24T13:05:39.000+08:00', received: T0 });
    assert.equal(model.serverNow(state, T0 + 500), T0 + 30500);
    const next = model.reduce(state, delta());
    assert.equal(next.asOf, T0 + 31000);
  });

  test('venues change against yesterday, flows by today', () => {
    const views = [{ range: 'today', totals: { activities: 2, venues: 122 }, groups: [] }];
    const state = after(snapshot({ views }));
    assert.equal(model.changeToday(state, 'activities'), 2);
    assert.equal(model.changeToday(state, 'venues'), null);
    const known = model.reduce(state, { type: 'before', day: '2026-11-23', totals: { venues: 120 } });
    assert.equal(model.changeToday(known, 'venues'), 2);
  });

  test('a trend ends in the live figure of its own day only', () => {
    const trend = (metric, date) => ({ type: 'trend', step: 'day', metric, points: [
      { date: '2026-11-22', value: 4 }, { date, value: 1 }] });
    const views = [{ range: 'today', totals: { activities: 3, residents: 90 }, groups: [] }];
    const state = after(snapshot({ views }), trend('activities', '2026-11-24'),
                        trend('residents', '2026-11-24'));
    assert.deepEqual(model.trendOf(state, 'day'), {
      dates: ['2026-11-22', '2026-11-24'], activities: [4, 3], residents: [4, 90] });
    const old = after(snapshot({ views }), trend('activities', '2026-11-23'),
                      trend('residents', '2026-11-23'));
    assert.deepEqual(model.trendOf(old, 'day').activities, [4, 1]);
  });

  test('an event is placed by its community, its activity or not at all', () => {
    const state = after({ type: 'catalogue', catalogue: CATALOGUE }, snapshot());
    assert.equal(model.circleOf(state, { community: 's06' }), 'c2');
    assert.equal(model.circleOf(state, { kind: 'reach', activity: 'a1' }), 'c1');
    assert.equal(model.circleOf(state, { unit: 'u1' }), null);
  });

  test('the same catalogue again is nothing new', () => {
    const state = after({ type: 'catalogue', catalogue: CATALOGUE });
    const again = { type: 'catalogue', catalogue: structuredClone(CATALOGUE) };
    assert.equal(model.reduce(state, again), state);
  });

  test('projects are counted by round, category and status', () => {
    const found = model.rounds(after({ type: 'catalogue', catalogue: CATALOGUE }));
    assert.deepEqual(found.map(({ round }) => round), ['1', '2']);
    assert.deepEqual(found[1].categories, [
      { id: 'fazhan', name: '发展提质', projects: 2, preparing: 1, running: 1, done: 0 }]);
  });
});

describe('format', () => {
  test('numbers', () => {
    assert.equal(format.count(0), '0');
    assert.equal(format.count(1234567), '1,234,567');
    for (const none of [undefined, null, NaN, '7']) assert.equal(format.count(none), '—');
    assert.equal(format.compact(99999), '99,999');
    assert.equal(format.compact(123999), '12.3万');
    assert.equal(format.compact(1000000), '100万');
    assert.equal(format.compact(undefined), '—');
    assert.deepEqual([3, 0, -1200, undefined].map((n) => format.signed(n)), ['+3', '0', '−1,200', '—']);
    assert.equal(format.signed(250000, format.compact), '+25万');
  });

  test('instants keep the zone they are told in', () => {
    const east = format.parseInstant('2026-11-24T00:30:00.123+08:00');
    assert.deepEqual(east, { ms: Date.parse('2026-11-23T16:30:00.123Z'), zone: 480 });
    assert.equal(format.dayKey(east.ms, east.zone), '2026-11-24');
    assert.equal(format.monthKey(east.ms, east.zone), '2026-11');
    assert.equal(format.clock(east.ms, east.zone), '00:30:00');
    assert.equal(format.parseInstant('2026-11-24T00:30:00-05:30').zone, -330);
    assert.equal(format.parseInstant('2026-11-24T00:30:00Z').zone, 0);
    for (const no of ['', null, undefined, 'now', '2026-11-24', '2026-13-24T00:30:00Z']) {
      assert.equal(format.parseInstant(no), null);
    }
  });

  test('days and months', () => {
    assert.equal(format.addDays('2026-03-01', -1), '2026-02-28');
    assert.equal(format.addDays('2028-02-28', 1), '2028-02-29');
    assert.equal(format.addMonths('2026-11', -11), '2025-12');
    assert.equal(format.addMonths('2026-12', 1), '2027-01');
    assert.deepEqual(format.longDate(T0, 480, ['日', '一', '二', '三', '四', '五', '六']),
                     { date: '2026年11月24日', weekday: '二' });
  });

  test("a feed line's time says as much as it must", () => {
    assert.equal(format.shortTime('2026-11-24T09:05:00+08:00', T0, 480), '09:05');
    assert.equal(format.shortTime('2026-11-23T09:05:00+08:00', T0, 480), '11-23');
    assert.equal(format.shortTime('2022-09-20T00:00:00+08:00', T0, 480), '2022.9');
    assert.equal(format.shortTime('soon', T0, 480), '—');
  });

  test('axis labels and ages', () => {
    assert.deepEqual(['2026-11-04', '2026-11', '2026-01'].map(format.axisLabel),
                     ['11-4', '11月', '2026年']);
    assert.deepEqual(format.age(59999), { unit: 'seconds', n: 59 });
    assert.deepEqual(format.age(60000), { unit: 'minutes', n: 1 });
    assert.deepEqual(format.age(7200000), { unit: 'hours', n: 2 });
  });
});

describe('feed', () => {
  class PaperSocket extends EventTarget {
    sent = [];
    readyState = 0;
    open() { this.readyState = 1; this.dispatchEvent(new Event('open')); }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    say(message) {
      const event = new Event('message');
      event.data = JSON.stringify(message);
      this.dispatchEvent(event);
    }
  }

  const VIEWS = [{ range: 'all' }, { range: 'today', by: 'circle' }];

  // A feed that retries at once, what it said, and the sockets it opened.
  function begin(t, limits, now = () => T0) {
    const sockets = [];
    const said = [];
    const feed = new Feed({ url: 'ws://test/ws', views: VIEWS, now, random: () => 0, limits,
                            open: () => { sockets.push(new PaperSocket()); return sockets.at(-1); } });
    for (const type of ['snapshot', 'delta', 'status', 'connection']) {
      feed.addEventListener(type, ({ detail }) => said.push(detail));
    }
    feed.start();
    t.after(() => feed.stop());
    return { feed, sockets, said, types: () => said.map((m) => m.link ?? m.type) };
  }

  test('asks for its views and leaves out the snapshot that comes unasked', (t) => {
    const { sockets: [socket], types } = begin(t);
    socket.open();
    assert.deepEqual(socket.sent, [{ views: VIEWS }]);
    socket.say(snapshot({ views: [{ range: 'all', totals: {}, groups: [] }] }));
    socket.say(delta());
    assert.deepEqual(types(), ['open']);
    socket.say(snapshot());
    socket.say(delta());
    assert.deepEqual(types(), ['open', 'snapshot', 'delta']);
  });

  test('a missing step makes it ask again, and wait for the answer', (t) => {
    const { sockets: [socket], types } = begin(t);
    socket.open();
    socket.say(snapshot());
    socket.say(delta({ prev: 9, rev: 10 }));
    socket.say(delta({ prev: 10, rev: 11 }));
    assert.equal(socket.sent.length, 2);
    socket.say(snapshot({ rev: 11 }));
    socket.say(delta({ prev: 11, rev: 12 }));
    assert.deepEqual(types(), ['open', 'snapshot', 'snapshot', 'delta']);
  });

  test('another history in a delta makes it ask again', (t) => {
    const { sockets: [socket] } = begin(t);
    socket.open();
    socket.say(snapshot());
    socket.say(delta({ epoch: 'e2' }));
    assert.equal(socket.sent.length, 2);
  });

  test('a closed socket is opened again; the old one is no longer heard', (t) => {
    const { feed, sockets, types } = begin(t);
    sockets[0].open();
    sockets[0].say(snapshot());
    sockets[0].dispatchEvent(new Event('close'));
    assert.equal(types().at(-1), 'lost');
    feed.hurry();
    assert.equal(sockets.length, 2);
    sockets[0].say(delta());
    assert.equal(types().at(-1), 'lost');
    sockets[1].open();
    sockets[1].say(snapshot());
    assert.equal(types().at(-1), 'snapshot');
  });

  test('an older revision of the same history is not believed at once', (t) => {
    const { feed, sockets, types } = begin(t);
    sockets[0].open();
    sockets[0].say(snapshot());
    for (const expected of ['lost', 'lost', 'snapshot']) {
      sockets.at(-1).dispatchEvent(new Event('close'));
      feed.hurry();
      sockets.at(-1).open();
      sockets.at(-1).say(snapshot({ rev: 3 }));
      assert.equal(types().at(-1), expected);
    }
  });

  test('what is not JSON ends the connection', (t) => {
    const { sockets: [socket], types } = begin(t);
    socket.open();
    const event = new Event('message');
    event.data = '{';
    socket.dispatchEvent(event);
    assert.equal(types().at(-1), 'lost');
  });

  test('silence, or no answer to what it asked, ends the connection', async (t) => {
    for (const limits of [{ silence: 5, answer: 1, patience: 60000 }, { silence: 60000, patience: 5 }]) {
      const { feed, sockets: [socket], said } = begin(t, limits);
      socket.open();
      await new Promise((resolve) => { feed.addEventListener('connection', resolve); });
      assert.equal(said.at(-1).link, 'lost');
      feed.stop();
    }
  });

  test('a server that is silent is asked; any word will do, and none ends it from the last one on', async (t) => {
    let now = T0;
    const limits = { silence: 5, answer: 2000, patience: 60000 };
    const { sockets: [socket], said, types } = begin(t, limits, () => now);
    socket.open();
    socket.say(snapshot());
    t.mock.timers.enable({ apis: ['setTimeout'] });
    now += 5;
    socket.say(delta()); // the last sign of life before it hangs
    t.mock.timers.tick(5);
    assert.deepEqual(socket.sent, [{ views: VIEWS }, { views: VIEWS }]);
    t.mock.timers.tick(1999);
    socket.say({ type: 'status', store: 'up', queued: 0 });
    t.mock.timers.tick(5);
    assert.equal(socket.sent.length, 3, 'it spoke, so it is asked anew');
    now += 9000;
    t.mock.timers.tick(1999);
    assert.equal(types().at(-1), 'status');
    t.mock.timers.tick(1);
    assert.equal(types().at(-1), 'lost');
    assert.equal(said.at(-1).since, T0 + 5);
    assert.equal(model.reduce({ ...model.initial(), link: 'live' }, said.at(-1)).lostAt, T0 + 5);
  });

  test('a server whose store is away may keep it waiting', async (t) => {
    const { sockets: [socket], types } = begin(t, { silence: 60000, patience: 5 });
    socket.open();
    socket.say({ type: 'status', store: 'down', queued: 0 });
    const { feed: other } = begin(t, { silence: 6, answer: 1, patience: 60000 });
    await new Promise((resolve) => { other.addEventListener('connection', resolve); });
    assert.deepEqual(types(), ['open', 'status']);
  });

  test('waits between half a second and fifteen, ever longer', () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      assert.equal(backoff(attempt, 0), 500);
      assert.ok(backoff(attempt, 1) <= 15000);
      assert.ok(backoff(attempt + 1, 0.5) >= backoff(attempt, 0.5));
    }
    assert.equal(backoff(0, 1), 1000);
    assert.equal(backoff(4, 1), 15000);
  });
});
