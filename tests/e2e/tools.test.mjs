// What is pure of the tools and exports: hours and choices of themes, what is told, tables as CSV.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { csv } from '../../web/js/export/csv.js';
import { axisLabel, compact, longDate, shortTime, writeIn } from '../../web/js/format.js';
import { nextChoice, themeAt } from '../../web/js/tools/hours.js';
import { teller } from '../../web/js/tools/summary.js';

describe('tools', () => {
  test('a theme holds from its hour to the next one\'s, over midnight too', () => {
    const hours = { '18:30': 'hall', '08:00': 'office' };
    const at = ['00:00', '07:59', '08:00', '18:29', '18:30', '23:59'];
    assert.deepEqual(at.map((time) => themeAt(hours, time)),
                     ['hall', 'hall', 'office', 'office', 'hall', 'hall']);
    assert.equal(themeAt({}, '12:00'), 'hall');
    assert.equal(themeAt(undefined, '12:00'), 'hall');
  });

  test('choices go round by way of the hours, and the first one changes what is seen', () => {
    for (const [scheduled, other] of [['hall', 'office'], ['office', 'hall']]) {
      assert.equal(nextChoice(null, scheduled), other);
      assert.equal(nextChoice(other, scheduled), scheduled);
      assert.equal(nextChoice(scheduled, scheduled), null);
    }
  });

  const state = (activities, residents, today) => ({
    views: { 'all|': { totals: { activities, residents, venues: 120, problems_solved: 450 } },
             'today|': { totals: { activities: today, residents: 0, venues: 120, problems_solved: 0 } } } });

  test('figures that moved are told together, and once a minute at most', () => {
    const tell = teller();
    assert.equal(tell(state(300, 10000, 0), 0), null, 'what is there at first can be read');
    assert.equal(tell(state(310, 10000, 10), 1000), null);
    assert.equal(tell(state(324, 10900, 24), 61_000),
                 '共享活动 324 场，今日新增 24；辐射居民 10,900 人次');
    assert.equal(tell(state(325, 10900, 25), 62_000), null);
    assert.equal(tell(state(325, 10900, 25), 121_000), '共享活动 325 场，今日新增 25');
    assert.equal(tell(state(325, 10900, 25), 300_000), null, 'nothing moved');
    assert.equal(tell(state(326, 10900, 26), 301_000), '共享活动 326 场，今日新增 26');
    assert.equal(tell({ views: {} }, 999_000), null);
  });

  test('a table is CSV that opens as it is meant, and runs nothing', () => {
    const head = ['名称', 'n'];
    const rows = [['a,b', 1], ['say "x"', -2], ['=1+1', '+3'], ['-x', '@y'], ['\tz', null], ['two\nlines', undefined]];
    assert.equal(csv({ head, rows }, '数据截至 …'), '\uFEFF名称,n\r\n"a,b",1\r\n"say ""x""",-2\r\n'
      + '\'=1+1,\'+3\r\n\'-x,\'@y\r\n\'\tz,\r\n"two\nlines",\r\n\r\n数据截至 …\r\n');
  });

  test('English numbers and days', () => {
    writeIn('en');
    assert.deepEqual([99999, 123456, 1234567, -123456].map((n) => compact(n)),
                     ['99,999', '123.4k', '1.2M', '-123.4k']);
    assert.equal(compact(12000, 10000), '12k');
    assert.equal(longDate(Date.UTC(2026, 10, 24), 0, 'Sun Mon Tue'.split(' ')).date, '24 Nov 2026');
    assert.deepEqual(['2026-11-24', '2026-11', '2026-01'].map(axisLabel), ['24 Nov', 'Nov', '2026']);
    const now = Date.UTC(2026, 10, 24, 12);
    assert.equal(shortTime('2026-11-02T08:00:00Z', now, 0), '2 Nov');
    assert.equal(shortTime('2022-09-20T08:00:00Z', now, 0), '9/2022');
    writeIn('zh');
    assert.equal(compact(123456), '12.3万');
  });
});
