// A trend as bars, each a way into its own day or month. For who can't see them the same figures
// stand in a table.

import { axisLabel, compact, count } from '../format.js';
import { el, svg } from '../dom.js';

const HEIGHT = 176;
const EDGE = { left: 4, right: 4, top: 30, bottom: 32 };
const DIGIT = 11;  // px that a character of the scale needs, where bars have no room for figures
const LABEL = 70;  // px that a label below needs
const ROOMY = 46;  // px from which a bar has room for its figure

/** Where the scale has lines: at the greatest of 1, 2, 5 × 10ⁿ up to MOST (from 1 on), and at twice
 * that if there is room. */
export function levels(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  const step = power * [5, 2, 1].find((n) => n * power <= most);
  return [step, 2 * step].filter((n) => n <= most);
}

// Is the label of point I of COUNT written? All if there is room, else every so many days from the
// last one back; of months the quarters' first, so that January tells the year.
function isSaid(date, i, count, pitch) {
  if (pitch >= LABEL || date.length === 7) return pitch >= ROOMY || date.slice(5) % 3 === 1;
  return (count - 1 - i) % Math.ceil(LABEL / pitch) === 0;
}

// The ground line, and the MARKED levels with their figures left of START.
function rules(marked, start, width, y) {
  const line = (x1, n) => svg('line', { class: 'rule', x1, x2: width, y1: y(n), y2: y(n) });
  return [line(0, 0), ...marked.flatMap((n) => [
    line(start - 4, n), svg('text', { class: 'scale', x: start - 12, y: y(n) + 6 }, compact(n))])];
}

function bar(point, box, chosen, href) {
  const mark = svg('rect', { class: 'column', x: box.x, width: box.width, y: box.y,
                             height: Math.max(0, box.foot - box.y), rx: Math.min(4, box.width / 4) });
  const touch = svg('rect', { class: 'touch', x: box.left, width: box.pitch, y: 0, height: box.foot });
  const label = box.figure && point.value
    ? svg('text', { class: 'value', x: box.middle, y: box.y - 8 }, compact(point.value)) : null;
  return svg('a', { href, tabindex: -1, class: point.date === chosen ? 'chosen' : null },
             svg('title', null, `${point.date}\u3000${count(point.value)}`), touch, mark, label);
}

/** Draws POINTS [{date, value}] into HOST, as wide as it is. HREF(date) is a bar's way; CHOSEN is
 * the date to mark; HEAD names both columns of the table. */
export function drawBars(host, points, { href, chosen, head }) {
  const width = host.clientWidth;
  if (!width) return;
  const most = Math.max(1, ...points.map(({ value }) => value));
  const foot = HEIGHT - EDGE.bottom;
  const y = (value) => foot - value / most * (foot - EDGE.top);
  const roomy = (width - EDGE.left - EDGE.right) / points.length >= ROOMY;
  const marked = roomy ? [] : levels(most);
  const start = roomy ? EDGE.left : 16 + DIGIT * Math.max(...marked.map((n) => compact(n).length));
  const pitch = (width - start - EDGE.right) / Math.max(1, points.length);
  const size = Math.min(34, pitch * 0.62);
  const parts = points.flatMap((point, i) => {
    const left = start + i * pitch;
    const middle = left + pitch / 2;
    const box = { left, pitch, middle, x: middle - size / 2, width: size, y: y(point.value), foot,
                  figure: roomy };
    return [bar(point, box, chosen, href(point.date)),
            isSaid(point.date, i, points.length, pitch)
              && svg('text', { class: 'axis', x: Math.min(middle, width - LABEL / 2 + 8), y: HEIGHT - 8 },
                     axisLabel(point.date))];
  }).filter(Boolean);
  const picture = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT,
                               'aria-hidden': 'true', class: 'drill-bars' },
                      ...rules(marked, start, width, y), ...parts);
  const rows = points.map(({ date, value }) => el('tr', null, el('th', { scope: 'row' }, date),
                                                  el('td', null, count(value))));
  const table = el('table', { class: 'drill-unseen' },
    el('thead', null, el('tr', null, ...head.map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', null, ...rows));
  host.replaceChildren(picture, table);
}
