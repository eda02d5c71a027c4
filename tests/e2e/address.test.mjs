// The drill-down's address and arithmetic, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, isRange, placeOf, readView, screenAddress } from '../../web/js/drill/view.js';
import { adder, adds, agrees } from '../../web/js/drill/contribution.js';
import { reduce, initial } from '../../web/js/model.js';

const { catalogue } = reduce(initial(), { type: 'catalogue', catalogue: {
  alliance: { id: 'x', name: '联盟' },
  circles: [{ id: 'c1', name: '圈' }], communities: [{ id: 's1', name: '社区', circle: 'c1' }],
  units: [{ id: 'u1', name: '单位' }], categories: [{ id: 'k', name: '类' }],
  projects: [{ id: 'p1', name: '项目', category: 'k', units: ['u1', 'gone'] }],
} });
const read = (hash) => readView(hash, catalogue);

test('an address holds a view, and a view its address', () => {
  for (const address of ['#range=month&circle=c1&metric=residents', '#range=all&metric=activities',
    '#range=2025-02-28&project=p1&metric=venues', '#range=all&metric=units',
    '#range=week&unit=u1&metric=problems_solved&event=a.b%3Ac']) {
    assert.equal(addressOf(read(address)), address);
  }
  assert.deepEqual(read('#community=s1'),
                   { range: 'all', by: 'community', id: 's1', metric: 'activities', event: null });
});

test('what an address holds that is not known is passed over', () => {
  for (const address of ['', '#', '#a', '#circle=c9', '#range=ever', '#metric=money', '#event=a b',
    '#event=', '#%E0%A4%A', '#constructor=1&__proto__=2', '#metric=toString']) {
    assert.equal(read(address), null, address);
  }
  assert.equal(read('#circle=c9&unit=u1').by, 'unit');
  assert.equal(read('#circle=c1&metric=units').metric, 'activities');
});

test('ranges are those of the calendar', () => {
  for (const range of ['all', 'today', '2024', '2024-02', '2024-02-29', '2024-12-31']) {
    assert.equal(isRange(range), true, range);
  }
  for (const range of ['', 'day', '24', '0000', '2024-00', '2024-13', '2023-02-29', '2024-2-1', '2024-01-32']) {
    assert.equal(isRange(range), false, range);
  }
});

test('a place knows what it belongs to and what it is divided into', () => {
  const names = (list) => list.map(({ name }) => name);
  assert.deepEqual(names(placeOf(read('#community=s1'), catalogue).above), ['联盟', '圈']);
  assert.deepEqual(names(placeOf(read('#project=p1'), catalogue).above), ['联盟', '类']);
  assert.deepEqual(placeOf(read('#circle=c1'), catalogue).parts.map(({ by, list }) => [by, ...names(list)]),
                   [['community', '社区']]);
  assert.deepEqual(placeOf(read('#project=p1'), catalogue).beside.map(({ list }) => names(list)), [['单位']]);
});

test('an event adds what the contract says', () => {
  assert.equal(adds('activities', { kind: 'activity', residents: 9 }), 1);
  assert.equal(adds('residents', { kind: 'activity', residents: 9 }), 9);
  assert.equal(adds('residents', { kind: 'activity' }), 0);
  assert.equal(adds('residents', { kind: 'reach', residents: 4 }), 4);
  assert.equal(adds('residents', { kind: 'reach', resident: 'ab' }), 1);
  assert.equal(adds('venues', { kind: 'venue', shared: true }), 1);
  assert.equal(adds('problems_solved', { kind: 'opening', metrics: { problems_solved: 450 } }), 450);
  assert.equal(adds('venues', { kind: 'opening', metrics: { activities: 3 } }), 0);
});

test('persons are told apart, and an estimate need only be near', () => {
  const add = adder('residents_unique');
  add([{ resident: 'a' }, { resident: 'b' }]);
  assert.deepEqual(add([{ resident: 'a' }]), { n: 3, sum: 2 });
  assert.equal(agrees('residents', 100, 101), false);
  assert.equal(agrees('residents_unique', 1000, 1015), true);
  assert.equal(agrees('residents_unique', 1000, 1100), false);
});

test('a district is the sum of its streets, which have everything else to themselves', () => {
  const of = (hash) => placeOf(read(hash), catalogue, true);
  const ids = ({ streets }) => streets.map(({ id }) => id);
  assert.deepEqual(ids(of('#range=all')), ['s1']);
  assert.deepEqual(ids(of('#circle=c1')), ['s1']);
  assert.deepEqual(of('#range=all').parts.map(({ by }) => by), ['circle']);
  assert.equal(of('#community=s1').kind, 'street');
  assert.deepEqual(of('#unit=u1').beside, []);
  assert.equal(placeOf(read('#range=all'), catalogue).streets, undefined);
});

test('the same view of a street is the whole on its own screen', () => {
  const view = read('#range=month&community=s1&metric=residents');
  assert.equal(screenAddress('http://10.0.0.2/a/s1/', view), 'http://10.0.0.2/a/s1/#range=month&metric=residents');
  assert.equal(screenAddress('https://tally.example/#old', view), 'https://tally.example/#range=month&metric=residents');
  for (const wrong of [null, undefined, '', 'javascript:alert(1)', '/a/s1/']) {
    assert.equal(screenAddress(wrong, view), null, String(wrong));
  }
});
