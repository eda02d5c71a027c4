// How a stage is divided, seams and all, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, divide } from '../../web/js/place.js';

const spans = (parts) => parts.map(({ at, size }) => [Math.round(at), Math.round(at + size)]);

test('a stretch is divided by weight, with gaps inside only', () => {
  assert.deepEqual(spans(divide(0, 100, [1, 1, 2])), [[0, 25], [25, 50], [50, 100]]);
  assert.deepEqual(spans(divide(10, 110, [1, 1], 10)), [[10, 55], [65, 110]]);
  assert.deepEqual(spans(divide(0, 100, [1])), [[0, 100]]);
});

test('borders move onto seams, those that need to move least', () => {
  assert.deepEqual(spans(divide(0, 90, [1, 1, 1], 0, [32])), [[0, 32], [32, 61], [61, 90]]);
  assert.deepEqual(spans(divide(0, 100, [1, 2, 1], 0, [20, 80])), [[0, 20], [20, 80], [80, 100]]);
  const [left, right] = divide(0, 100, [1, 3], 0, [50]);
  assert.equal(left.at + left.size, 50);
  assert.equal(right.at, 50);
});

test('no part lies across a seam, however many there are', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const weights = Array.from({ length: 1 + (seed % 6) }, (_, i) => 1 + ((seed * (i + 3)) % 7));
    const seams = [0.21, 0.47, 0.83].slice(0, 1 + (seed % 3)).map((s) => s * 3000);
    for (const { at, size } of divide(0, 3000, weights, 20, seams)) {
      assert.ok(size > 0);
      for (const seam of seams) {
        assert.ok(seam <= at || seam >= at + size, `${seed}: ${at} + ${size} lies across ${seam}`);
      }
    }
  }
});

test('seams outside a stretch don\'t matter', () => {
  assert.deepEqual(divide(0, 100, [1, 1], 4, [-5, 0, 100, 300]), divide(0, 100, [1, 1], 4));
});

test('a scene fills its stage: nothing overlaps, nothing sticks out', () => {
  const scene = { top: [{ panel: 'a', height: 160 }],
                  columns: [{ width: 2, panels: [{ panel: 'b', size: 1 }, { panel: 'c', size: 3 }] },
                            { width: 5, panels: [{ panel: 'd', size: 1 }] }] };
  for (const width of [1350, 1920, 2560, 4320]) {
    const { head, foot, panels } = arrange(scene, { width, height: 1080 });
    const boxes = [...head, foot, ...panels.map(({ box }) => box)];
    for (const [i, a] of boxes.entries()) {
      assert.ok(a.left >= 0 && a.top >= 0 && a.left + a.width <= width && a.top + a.height <= 1080);
      for (const b of boxes.slice(i + 1)) {
        assert.ok(a.left + a.width <= b.left + 0.01 || b.left + b.width <= a.left + 0.01
                  || a.top + a.height <= b.top + 0.01 || b.top + b.height <= a.top + 0.01);
      }
    }
  }
});
