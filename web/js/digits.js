// A number whose digits roll to their new values, each on its own and only if it changes. At rest
// the element holds nothing but the number's own characters. A roll is never cut short: what
// changes meanwhile is rolled to in one go afterwards.

import { el, animate } from './dom.js';

const DURATION = 700;
const STAGGER = 35; // ms a place, from the ones upwards
const EASE = 'cubic-bezier(.2, .7, .1, 1)';
const isDigit = (c) => c >= '0' && c <= '9';

const cell = (char) => el('span', { class: isDigit(char) ? 'digit' : 'mark' }, char);

// From OLD to NEW by way of the digits between, upwards or downwards.
function wayFrom(old, char, up) {
  const way = [old];
  for (let d = Number(old); d !== Number(char);) {
    d = (d + (up ? 1 : 9)) % 10;
    way.push(String(d));
  }
  return way;
}

function roll(node, old, char, up, delay) {
  const way = wayFrom(old, char, up);
  const strip = el('span', { class: 'strip' }, ...(up ? way : [...way].reverse())
    .map((c) => el('span', null, c)));
  const far = `translateY(${-100 * (way.length - 1) / way.length}%)`;
  const near = 'translateY(0)';
  const motion = animate(strip, { transform: up ? [near, far] : [far, near] },
                         { duration: DURATION, delay, easing: EASE, fill: 'both' });
  if (motion) node.replaceChildren(strip);
  return motion;
}

// Rolls every place whose digit changed, counted from the ones. Gives the motions.
function rollAll(cells, old, text, up) {
  const motions = [];
  for (let i = 1; i <= Math.min(text.length, old.length); i += 1) {
    const [from, to] = [old.at(-i), text.at(-i)];
    if (from !== to && isDigit(from) && isDigit(to)) {
      motions.push(roll(cells.at(-i), from, to, up, STAGGER * (i - 1)));
    }
  }
  return motions.filter(Boolean);
}

/** set(text, value) shows TEXT, rolling if VALUE moved from one number to another. */
export function rolling(host) {
  let shown = { text: null, value: null };
  let next = null;
  let busy = false;

  function settle(text) {
    busy = false;
    host.replaceChildren(...[...text].map(cell));
    if (next) set(next.text, next.value);
  }

  function set(text, value) {
    next = busy ? { text, value } : null;
    if (busy || text === shown.text) return;
    const before = shown;
    shown = { text, value };
    const cells = [...text].map(cell);
    host.replaceChildren(...cells);
    if (typeof before.value !== 'number' || typeof value !== 'number') return;
    const motions = rollAll(cells, before.text, text, value >= before.value);
    if (!motions.length) return;
    busy = true;
    motions.at(-1).onfinish = () => settle(text);
  }
  return set;
}
