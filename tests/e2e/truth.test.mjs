// What keeps a screen honest, and what lets it run by itself, as far as it is pure: how old figures
// are, what is remembered, and when something may happen.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as model from '../../web/js/model.js';
import { packed, unpacked } from '../../web/js/unattended/memory.js';
import { driftAt } from '../../web/js/unattended/drift.js';
import { isQuiet } from '../../web/js/unattended/quiet.js';

const T0 = Date.parse('2026-11-24T13:05:09.000+08:00');
const at = (ms) => new Date(T0 + ms + 8 * 3600000).toISOString().replace('Z', '+08:00');

const snapshot = (fields) => ({ type: 'snapshot', epoch: 'e1', rev: 7, as_of: at(0), received: T0,
                                views: [{ range: 'all', totals: { activities: 300 }, groups: [] }],
                                events: [], ...fields });
const status = (seconds, fields) => ({ type: 'status', store: 'up', queued: 0, version: '1',
                                       as_of: at(seconds * 1000), now: at(seconds * 1000),
                                       received: T0 + seconds * 1000, ...fields });
const delta = (seconds, fields) => ({ type: 'delta', epoch: 'e1', prev: 7, rev: 8,
                                      received: T0 + seconds * 1000, events: [],
                                      views: [{ totals: { activities: 301 } }], ...fields });
const after = (...messages) => messages.reduce(model.reduce, model.initial());
const how = (state, seconds) => model.condition(state, T0 + seconds * 1000);

describe('truth', () => {
  test('figures that nothing proves any more are not live', () => {
    const state = after(snapshot(), status(0));
    assert.equal(how(state, 39), 'live');
    assert.equal(how(state, 41), 'stale');
    const repeated = model.reduce(state, status(45, { as_of: at(0) }));
    assert.equal(how(repeated, 45), 'stale');
    assert.equal(how(model.reduce(repeated, status(60)), 61), 'live');
  });

  test('a delta proves the way from the store, unless the server says that it lags', () => {
    const state = after(snapshot(), status(0), delta(30));
    assert.equal(state.asOf, T0 + 30000);
    assert.equal(how(state, 69), 'live');
    const little = model.reduce(state, status(31, { as_of: at(29000) }));
    assert.equal(little.asOf, T0 + 30000, 'an older proof takes nothing back');
    const lagging = after(snapshot(), status(50, { as_of: at(5000) }), delta(51));
    assert.equal(lagging.asOf, T0 + 5000);
    assert.equal(how(lagging, 51), 'stale');
  });

  test('a store that comes and goes without bringing anything is not back', () => {
    const held = { as_of: at(0) };
    const state = after(snapshot(), status(0), status(3, { ...held, store: 'down' }), status(4, held));
    assert.equal(how(state, 4), 'paused');
    assert.equal(how(model.reduce(state, status(5)), 5), 'live');
    assert.equal(how(model.reduce(state, delta(6)), 6), 'live');
  });

  test('what is polled proves nothing', () => {
    const state = after(snapshot(), status(0));
    const polled = model.reduce(state, { type: 'view', range: 'year', by: null, answer: {
      epoch: 'e1', rev: 9, as_of: at(90000), totals: { activities: 9 }, groups: [] } });
    assert.equal(model.totals(polled, 'year').activities, 9);
    assert.equal(how(polled, 90), 'stale');
  });

  test('a clock that is off is told, and the age is by the server\'s', () => {
    const fast = after(snapshot({ received: T0 + 3600000 }), status(0, { received: T0 + 3600000 }));
    assert.equal(model.condition(fast, T0 + 3610000), 'live');
    assert.equal(model.ageOf(fast, T0 + 3610000), 10000);
    assert.equal(model.clockOff(fast, T0 + 3610000, T0 + 3610000), -3600000);
    assert.equal(model.clockOff(fast, T0 + 3610000, T0 + 10000), 0, 'set right meanwhile');
  });

  test('until the server has told its time, nothing that looks old is live', () => {
    assert.equal(how(after(snapshot()), 1), 'live');
    assert.equal(how(after(snapshot({ as_of: at(-60000) })), 1), 'loading');
  });

  test('an answer without figures changes none', () => {
    const state = after(snapshot());
    const empty = model.reduce(state, snapshot({ rev: 8, views: [{ range: 'all', totals: {} }] }));
    assert.equal(model.totals(empty, 'all').activities, 300);
    const view = { type: 'view', range: 'year', by: null };
    const polled = model.reduce(state, { ...view, answer: { epoch: 'e1', rev: 9, totals: { activities: 9 } } });
    assert.equal(model.reduce(polled, { ...view, answer: { epoch: 'e1', rev: 10 } }), polled);
  });

  test('rows that come again are held once, and what is the same is no change', () => {
    const rows = (...names) => names.map((problem) => ({ problem, status: 'raised' }));
    const answer = (problems, counts) => ({ type: 'problems', rev: 1, problems, counts, received: 1 });
    const state = model.reduce(after(snapshot()), answer(rows('b', 'a'), { raised: 2 }));
    assert.equal(model.reduce(state, answer(rows('b', 'a'), { raised: 2 })), state);
    const next = model.reduce(state, answer(rows('c', 'b', 'a'), { raised: 3 }));
    assert.deepEqual(next.problems.problems, rows('c', 'b', 'a'));
    assert.equal(next.problems.problems[2], state.problems.problems[1]);
    assert.deepEqual(next.problems.counts, { raised: 3 });
    const shorter = model.reduce(next, answer(rows('c'), { raised: 1 }));
    assert.deepEqual(shorter.problems.problems, rows('c'));
    const emptied = model.reduce(shorter, { type: 'recount', recount: null });
    assert.equal(emptied.recount, null);
  });

  test('figures that fall with a new epoch are told as restored, to the newest event', () => {
    const state = after(snapshot());
    assert.equal(state.restored, null);
    const less = snapshot({ epoch: 'e2', views: [{ range: 'all', totals: { activities: 200 } }],
                            events: [{ id: 'a', at: at(-7200000) }, { id: 'b', at: at(-3600000) }] });
    assert.equal(model.reduce(state, less).restored.of, T0 - 3600000);
    const more = snapshot({ epoch: 'e2', views: [{ range: 'all', totals: { activities: 400 } }] });
    assert.equal(model.reduce(state, more).restored, null);
  });
});

describe('memory', () => {
  const catalogue = { type: 'catalogue', catalogue: { alliance: { id: 'x', name: '联盟' }, circles: [],
    communities: [], units: [{ id: 'u1', name: '一' }], categories: [], projects: [] } };
  const views = [{ range: 'all', totals: { activities: 300 }, groups: [] },
                 { range: 'today', totals: { activities: 3 }, groups: [] }];
  const full = () => after(catalogue, snapshot({ views, events: [{ id: 'a', kind: 'activity' }] }), status(0));
  const begin = (kept) => model.reduce(model.initial(), { type: 'remembered', kept });

  test('what was known is shown as old, until the server tells better', () => {
    const state = begin(unpacked(packed(full()), T0 + 60000));
    assert.equal(state.remembered, true);
    assert.equal(model.totals(state, 'all').activities, 300);
    assert.equal(model.totals(state, 'today').activities, 3);
    assert.equal(state.catalogue.byId.unit.get('u1').name, '一');
    assert.equal(state.feed.length, 1);
    assert.equal(state.asOf, T0);
    assert.equal(model.condition(state, T0 + 60000), 'loading');
    const told = model.reduce(state, status(60));
    assert.equal(told.asOf, T0, 'a status without figures makes old ones no newer');
    const live = model.reduce(told, snapshot({ rev: 9 }));
    assert.equal(live.remembered, false);
    assert.equal(model.totals(live, 'today'), null);
  });

  test('yesterday\'s day is not today\'s', () => {
    const state = begin(unpacked(packed(full()), T0 + 86400000));
    assert.equal(model.totals(state, 'all').activities, 300);
    assert.equal(model.totals(state, 'today'), null);
  });

  test('what is remembered never takes the place of what is known', () => {
    const state = full();
    assert.equal(model.reduce(state, { type: 'remembered', kept: unpacked(packed(state), T0) }), state);
  });

  test('is bounded, keeping the totals at the least', () => {
    const long = packed(full());
    const short = packed(full(), long.length - 1);
    assert.ok(short.length < long.length);
    assert.equal(begin(unpacked(packed(full(), 250), T0)).views['all|'].totals.activities, 300);
    assert.equal(packed(full(), 10), null);
    assert.equal(packed(model.initial()), null);
  });

  test('what can\'t be read is forgotten', () => {
    for (const text of ['', '{', 'null', '{"form":0}', '{"form":1,"views":{}}', '[]']) {
      assert.equal(unpacked(text, T0), null, text);
    }
  });
});

describe('unattended', () => {
  test('the picture drifts by whole pixels, never far, never in leaps', () => {
    for (const scale of [1, 2, 0.7115]) {
      let last = driftAt(0, scale);
      assert.deepEqual(last, { x: 0, y: 0 });
      for (let step = 1; step < 6000; step += 1) {
        const { x, y } = driftAt(step, scale);
        assert.ok(Math.abs(x) <= 6 + 1 / scale && Math.abs(y) <= 6, `${x} ${y}`);
        assert.ok(Math.abs(x * scale - Math.round(x * scale)) < 1e-6);
        assert.ok(Math.hypot(x - last.x, y - last.y) <= 2 / scale + 0.5);
        last = { x, y };
      }
    }
  });

  test('the quiet hour is an hour, later by the wall\'s own share, midnight or not', () => {
    assert.equal(isQuiet('03:40', '03:39', 0), false);
    assert.equal(isQuiet('03:40', '03:40', 0), true);
    assert.equal(isQuiet('03:40', '04:39', 0), true);
    assert.equal(isQuiet('03:40', '04:40', 0), false);
    assert.equal(isQuiet('03:40', '03:55', 16), false);
    assert.equal(isQuiet('23:50', '00:10', 15), true);
  });
});
