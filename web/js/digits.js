// A number whose digits roll to their new values, each on its own and only if it changes. At rest
// the element holds nothing but the number's own characters. A roll is never cut short: what
// changes meanwhile is rolled to in one go afterwards.

import { el, animate } from './dom.js';

const DURATION = 700;
const STAGGER = 35; // ms a place, from the ones upwards
const EASE = 'cubic-bezier(.2, .7, .1, 1)';
const isDigit = (c) => c >= '0' && c <= '9';

const cell = (char) => el('span', { class: isDigit(char) ? 'digit' : 'mark' }, char);

// From OLD up to CHAR by way of the digits between.
function wayFrom(old, char) {
  const way = [old];
  for (let d = Number(old); d !== Number(char);) {
    d = (d + 1) % 10;
    way.push(String(d));
  }
  return way;
}

function roll(node, old, char, delay) {
  const way = wayFrom(old, char);
  const strip = el('span', { class: 'strip' }, ...way.map((c) => el('span', null, c)));
  const far = `translateY(${-100 * (way.length - 1) / way.length}%)`;
  const motion = animate(strip, { transform: ['translateY(0)', far] },
                         { duration: DURATION, delay, easing: EASE, fill: 'both' });
  if (motion) node.replaceChildren(strip);
  return motion;
}

// Rolls every place whose digit changed, counted from the ones. Gives the motions.
function rollAll(cells, old, text) {
  const motions = [];
  for (let i = 1; i <= Math.min(text.length, old.length); i += 1) {
    const [from, to] = [old.at(-i), text.at(-i)];
    if (from !== to && isDigit(from) && isDigit(to)) {
      motions.push(roll(cells.at(-i), from, to, STAGGER * (i - 1)));
    }
  }
  return motions.filter(Boolean);
}

// Writes TEXT into the cells of HOST, touching only those that differ. Gives the cells.
function write(host, text) {
  const cells = [...host.children];
  const chars = [...text];
  if (cells.length !== chars.length) {
    host.replaceChildren(...chars.map(cell));
    return [...host.children];
  }
  return chars.map((char, i) => {
    if (cells[i].textContent === char && !cells[i].firstElementChild) return cells[i];
    const fresh = cell(char);
    cells[i].replaceWith(fresh);
    return fresh;
  });
}

/** set(text, value) shows TEXT, rolling if VALUE rose from one number to another. A figure that
 * falls (a correction, a restored store) is simply the new one: nothing ever counts down. */
export function rolling(host) {
  let shown = { text: null, value: null };
  let next = null;
  let busy = false;

  function settle(text) {
    busy = false;
    write(host, text);
    if (next) set(next.text, next.value);
  }

  function set(text, value) {
    next = busy ? { text, value } : null;
    if (busy || text === shown.text) return;
    const before = shown;
    shown = { text, value };
    const cells = write(host, text);
    if (typeof before.value !== 'number' || !(value > before.value)) return;
    const motions = rollAll(cells, before.text, text);
    if (!motions.length) return;
    busy = true;
    motions.at(-1).onfinish = () => settle(text);
  }
  return set;
}
