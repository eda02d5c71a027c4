// A list that shows as many whole rows as its place has room for, and never half of one. Rows share
// the place evenly; fewer than fit stay at the top; without any a calm sentence stands there.

import { el } from '../dom.js';

const SMALL = 150; // px: less has no room for the mark over a calm sentence

/** ROW: a row's least height on the stage. FLOW: how many there are in one scrolling column.
 * EMPTY: the node for when there is nothing. */
export function fittingList({ name, row, flow, inFlow, empty }) {
  const list = el('ul', { class: `rows ${name}` });
  const node = el('div', { class: 'list-place' }, list, empty);
  let room = inFlow ? flow : 0;
  let wanted = { items: null, keyOf: String, make: String };
  let shown = null;

  function draw() {
    const items = (wanted.items ?? []).slice(0, room);
    list.hidden = !items.length;
    empty.hidden = !wanted.items || wanted.items.length > 0 || room < 1;
    const keys = items.map(wanted.keyOf).join('\n');
    if (keys === shown) return;
    shown = keys;
    list.replaceChildren(...items.map(wanted.make));
  }

  return {
    node,
    /** Shows ITEMS (null while unknown): MAKE gives a row, KEYOF all that its looks depend on. */
    show(items, keyOf, make) {
      wanted = { items, keyOf, make };
      draw();
    },
    /** To be called when the place has changed; SCALE of the text in it. */
    fit(scale = 1) {
      if (inFlow) return;
      const height = node.clientHeight;
      room = Math.floor((height + 2) / (row * scale));
      empty.toggleAttribute('data-small', height < SMALL);
      list.style.gridTemplateRows = `repeat(${Math.max(1, room)}, minmax(0, 1fr))`;
      draw();
    },
    /** Draws anew with what hasn't changed by its key, for a new catalogue. */
    forget() { shown = null; },
  };
}

/** What stands where there is nothing to show: the alliance's mark and a calm sentence. */
export const calm = (sentence, more) => el('div', { class: 'calm' }, el('i', { 'aria-hidden': 'true' }),
  sentence instanceof Node ? sentence : el('p', null, sentence),
  more ? el('p', { class: 'more' }, more) : null);

/** How much larger than usual the text in a box may be, so that a great box isn't an empty one. */
export function scaleTo(host, box, usual, most = 1.6) {
  const fit = Math.min(box.width / usual.width, box.height / usual.height);
  const scale = Math.round(100 * Math.min(most, Math.max(1, fit))) / 100;
  host.style.setProperty('--k', scale);
  return scale;
}

/** Sets one of a node's styles, only where it differs. */
export function style(node, name, value) {
  if (node.style[name] !== value) node.style[name] = value;
}

/** How much of a track is filled: none of nothing, and of little enough to be seen. */
export const filled = (n, most) => `${most > 0 && n > 0 ? Math.round(Math.max(6, 100 * n / most)) : 0}%`;

/** Whether a box is broad enough for two parts side by side rather than one above the other. */
export const isBroad = ({ width, height }, least, ratio = 0.7) =>
  width >= least && height < width * ratio;
