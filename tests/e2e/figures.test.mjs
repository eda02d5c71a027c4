// What the panels compute: medians and rates, what is still to come, who takes part, and how a wall
// of tiles is hung.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as figures from '../../web/js/figures.js';

const HOUR = 3600000;
const at = (text) => Date.parse(text);
const NOW = at('2026-11-24T13:00:00+08:00');
const EAST = 480;

describe('numbers', () => {
  test('the median is the middle, or between the two middle ones', () => {
    assert.equal(figures.median([]), undefined);
    assert.equal(figures.median([7]), 7);
    assert.equal(figures.median([9, 1, 5]), 5);
    assert.equal(figures.median([10, 1, 2, 9]), 5.5);
    const given = [3, 1, 2];
    figures.median(given);
    assert.deepEqual(given, [3, 1, 2]);
  });

  test('a time taken is told in the unit that reads best', () => {
    assert.deepEqual(figures.span(0), { unit: 'moment', n: 1 });
    assert.deepEqual(figures.span(90 * 60000), { unit: 'hours', n: 1.5 });
    assert.deepEqual(figures.span(25 * 60000), { unit: 'minutes', n: 25 });
    assert.deepEqual(figures.span(47 * HOUR), { unit: 'hours', n: 47 });
    assert.deepEqual(figures.span(78 * HOUR), { unit: 'days', n: 3.3 });
  });

  test('a time since is whole, and never of the future', () => {
    assert.deepEqual(figures.since(-5000), { unit: 'minutes', n: 0 });
    assert.deepEqual(figures.since(59 * 60000 + 59999), { unit: 'minutes', n: 59 });
    assert.deepEqual(figures.since(23.9 * HOUR), { unit: 'hours', n: 23 });
    assert.deepEqual(figures.since(49 * HOUR), { unit: 'days', n: 2 });
  });

  test('100 % means all, and of nothing there is no rate', () => {
    assert.equal(figures.percent(999, 1000), 99);
    assert.equal(figures.percent(3, 3), 100);
    assert.equal(figures.percent(0, 0), undefined);
  });
});

describe('problems', () => {
  const list = [
    { problem: 'a', status: 'solved', raised: '2026-11-20T08:00:00+08:00',
      claimed: '2026-11-20T09:00:00+08:00', solved: '2026-11-20T18:00:00+08:00' },
    { problem: 'b', status: 'solved', raised: '2026-11-21T08:00:00+08:00', claimed: null,
      solved: '2026-11-21T00:30:00Z' },
    { problem: 'c', status: 'claimed', raised: '2026-11-22T08:00:00+08:00',
      claimed: '2026-11-22T09:00:00+08:00', solved: null },
    { problem: 'd', status: 'raised', raised: '2026-11-23T08:00:00+08:00', claimed: null, solved: null },
  ];

  const told = (problems, counts) => figures.problemFigures({ problems, counts });

  test('nothing is known without an answer', () => {
    assert.equal(figures.problemFigures(null), null);
    assert.equal(figures.problemFigures({}), null);
  });

  test('an empty list has neither a rate nor a time', () => {
    assert.deepEqual(told([]), {
      listed: 0, solved: 0, inHand: 0, waiting: 0, claimed: 0, rate: undefined, median: undefined,
      timed: 0, open: [] });
  });

  test('the rate and the median are of the list, the open ones newest first', () => {
    const { open, ...rest } = told(list);
    assert.deepEqual(rest, { listed: 4, solved: 2, inHand: 1, waiting: 2, claimed: 2, rate: 50,
                             median: (10 + 0.5) / 2 * HOUR, timed: 2 });
    assert.deepEqual(open.map(({ problem }) => problem), ['d', 'c']);
  });

  test('where the list is cut short, the counts tell of all, the median of a year', () => {
    const counts = { raised: 100, claimed: 200, solved: 700, median_hours: 30.5 };
    const { open, ...rest } = told(list, counts);
    assert.deepEqual(rest, { listed: 1000, solved: 700, inHand: 200, waiting: 300, claimed: 900,
                             rate: 70, median: 30.5 * HOUR, timed: null });
    assert.equal(told(list, { ...counts, median_hours: null }).median, undefined);
    assert.equal(told(list, { raised: 1, claimed: 1, solved: 2, median_hours: 9 }).timed, 2);
  });

  test('a solution before its problem, by a clock set wrong, tells no time', () => {
    assert.equal(told([{ ...list[0], solved: '2026-11-19T08:00:00+08:00' }]).timed, 0);
  });

  test('an answer holds until something of its kinds has come, as far as the feed tells', () => {
    const feed = [{ kind: 'activity', rev: 9 }, { kind: 'problem', rev: 7 }, { kind: 'plan', rev: 5 }];
    const holds = (rev, full = 20) => figures.holds(rev, { rev: 9, feed }, ['problem', 'void'], full);
    assert.deepEqual([6, 7, 8, 9, 10].map((rev) => holds(rev)), [false, true, true, true, false]);
    assert.equal(holds(8, 3), true);
    assert.equal(figures.holds(4, { rev: 9, feed: feed.slice(0, 1) }, ['problem'], 1), false);
  });
});

describe('venues', () => {
  const catalogue = { byId: { community: new Map([['s1', {}]]) } };
  const events = [
    { id: 'o', kind: 'opening', at: '2022-09-20T00:00:00+08:00', metrics: { venues: 120, activities: 3 } },
    { id: 'v1', kind: 'venue', at: '2026-11-01T00:00:00+08:00', community: 's1' },
    { id: 'v2', kind: 'venue', at: '2026-11-02T00:00:00+08:00', unit: 'u1' },
  ];

  test('named ones newest first, beside those of the opening and of no circle', () => {
    const told = figures.venueFigures(events, 122, catalogue);
    assert.deepEqual(told.named.map(({ id }) => id), ['v2', 'v1']);
    assert.equal(told.opening, 120);
    assert.equal(told.outside, 1);
  });

  test('what the list is too short for is the difference to the figure', () => {
    assert.equal(figures.venueFigures(events.slice(1), 50, catalogue).opening, 48);
    assert.equal(figures.venueFigures(events.slice(1), 1, catalogue).opening, 0);
    assert.equal(figures.venueFigures(events.slice(1), undefined, catalogue).opening, undefined);
    assert.equal(figures.venueFigures(null, 50, catalogue), null);
  });
});

describe('plans', () => {
  const plan = (id, starts, more) => ({ plan: id, starts, cancelled: false, activity: null, ...more });
  const plans = [
    plan('later', '2026-11-24T20:00:00+08:00'), plan('soon', '2026-11-24T05:30:00Z'),
    plan('going', '2026-11-24T12:00:00+08:00'), plan('over', '2026-11-24T10:00:00+08:00'),
    plan('held', '2026-11-24T14:00:00+08:00', { activity: 'a1' }),
    plan('off', '2026-11-24T15:00:00+08:00', { cancelled: true }),
    plan('offBefore', '2026-11-24T12:30:00+08:00', { cancelled: true }),
    plan('nextDay', '2026-11-25T00:30:00+08:00'),
  ];

  test('what is going on and comes, by its start; neither held nor over', () => {
    const coming = figures.agenda(plans, NOW, EAST);
    assert.deepEqual(coming.map((one) => one.plan), ['going', 'soon', 'off', 'later', 'nextDay']);
    assert.deepEqual(coming.map(({ begun }) => begun), [true, false, false, false, false]);
  });

  test("the day is that of the server's zone", () => {
    const [last] = figures.agenda(plans, NOW, EAST).slice(-1);
    assert.equal(last.day, '2026-11-25');
    assert.equal(figures.agenda(plans, NOW, 0).at(-1).day, '2026-11-24');
  });
});

describe('taking part', () => {
  const month = { u1: { activities: 2 }, u2: { activities: 0, residents: 0, problems_solved: 1 },
                  u3: { activities: 0, venues: 4 }, u4: { residents: 9 } };
  const today = { u1: { activities: 1 }, u2: { activities: 0 } };

  test('today, this month or not; a venue that stays shared is no doing', () => {
    const parts = ['u1', 'u2', 'u3', 'u4', 'u5'].map((id) => figures.partOf(id, month, today));
    assert.deepEqual(parts, ['today', 'month', 'none', 'month', 'none']);
    assert.deepEqual(figures.participation(parts), { all: 5, month: 3, today: 1 });
  });

  test('is unknown, and no zero, while the month is', () => {
    const parts = [figures.partOf('u1', undefined, today)];
    assert.deepEqual(figures.participation(parts), { all: 1, month: undefined, today: undefined });
  });

  test('communities stand under their circles in the order of the catalogue', () => {
    const circles = figures.byCircle({ circles: [{ id: 'c2' }, { id: 'c1' }],
      communities: [{ id: 's1', circle: 'c1' }, { id: 's2', circle: 'c2' }, { id: 's3', circle: 'c1' }] });
    assert.deepEqual(circles.map(({ communities }) => communities.map(({ id }) => id)),
                     [['s2'], ['s1', 's3']]);
  });

  test('a name loses what all of its kind end in, unless that is all of it', () => {
    assert.equal(figures.shortName('崇化社区', '社区'), '崇化');
    assert.equal(figures.shortName('社区', '社区'), '社区');
    assert.equal(figures.shortName('社区01', '社区'), '社区01');
  });
});

describe('a wall of tiles', () => {
  const names = (n, name = '成员单位') => Array.from({ length: n }, (_, i) => `${name}${i + 10}`);

  test('has a place for each, and writes names where they fit', () => {
    for (const [n, width, height] of [[42, 438, 320], [42, 1208, 600], [262, 800, 590], [1, 100, 100]]) {
      const { columns, rows } = figures.wallOf(names(n), width, height);
      assert.ok(columns * rows >= n && columns * (rows - 1) < n, `${n} in ${columns} × ${rows}`);
    }
    assert.equal(figures.wallOf(names(42), 1208, 600).mode, 'names');
    assert.ok(figures.wallOf(names(42), 1208, 600).size > 18);
  });

  test('writes letters where names do not fit, and none where letters do not', () => {
    assert.equal(figures.wallOf(names(262), 800, 590).mode, 'initials');
    assert.equal(figures.wallOf(names(262), 438, 170).mode, 'dots');
  });

  test('holds no text where there is no room at all', () => {
    assert.equal(figures.wallOf(names(42), 0, 0).mode, 'dots');
  });

  test('the first letters leave out what every office begins with', () => {
    assert.equal(figures.initials('区商务局', 2), '商务');
    assert.equal(figures.initials('区', 2), '区');
    assert.equal(figures.initials('𠮷田', 1), '𠮷');
    assert.equal(figures.initials('\u202e 反向', 1), '反');
  });
});

describe('tiles of a district\'s members', () => {
  const streets = (n) => Array.from({ length: n }, (_, i) => `第${i + 1}街道`);
  const holds = (n, width, height) => {
    const { level, columns, rows, scale } = figures.tilesFit(streets(n), width, height);
    assert.ok(columns * rows >= n, `${n} on ${width} × ${height}: ${columns} × ${rows}`);
    assert.ok(scale >= 1);
    return level;
  };

  test('few tell all of themselves, fifty on the same place less, and none is left out', () => {
    assert.equal(holds(1, 1270, 630), 'full');
    assert.equal(holds(7, 1270, 630), 'full');
    assert.equal(holds(20, 1270, 630), 'half');
    assert.equal(holds(50, 1270, 630), 'small');
    assert.equal(holds(50, 2280, 596), 'half');
    for (let n = 1; n <= 50; n += 1) holds(n, 900, 630);
  });

  test('where there is hardly room a name and a mark are left', () => {
    assert.equal(holds(50, 600, 300), 'bare');
    assert.equal(holds(50, 0, 0), 'bare');
  });

  test('one long name does not make all others small', () => {
    const level = (names) => figures.tilesFit(names, 1270, 630).level;
    assert.equal(level([...streets(49), '一个非常非常长的街道名字用于检验']), level(streets(50)));
  });
});

describe('rows of named tiles', () => {
  const circles = ['第一联盟圈', '第二联盟圈'];
  const short = ['第一', '第二'];
  const tiles = [['崇化', '回澜', '南市'], ['潘水', '高桥']];

  test('in much room all is large, whole and has its figure', () => {
    const fit = figures.groupsFit(circles, short, tiles, 900, 400);
    assert.deepEqual(fit, { whole: true, label: 149, scale: 1.5, numbered: true, bare: false });
  });

  test('in less the figures go, then the names of the rows are short, then none are written', () => {
    const narrow = figures.groupsFit(circles, short, tiles, 240, 400);
    assert.equal(narrow.whole, false);
    assert.equal(narrow.numbered, false);
    assert.equal(narrow.bare, false);
    assert.equal(figures.groupsFit(circles, short, tiles, 900, 60).bare, true);
  });

  test('one long name does not make all others small', () => {
    const many = Array.from({ length: 30 }, () => '崇化');
    const fit = (names) => figures.groupsFit(circles, short, [names], 3000, 400).scale;
    assert.equal(fit([...many, '一个非常非常长的名字用于检验']), fit([...many, '回澜']));
  });
});
