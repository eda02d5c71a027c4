// What the pages' forms are made of.

import { el, put, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';

const SURE = 4000; // ms in which a second tap confirms

/** Listeners that end together. */
export function createScope() {
  let ends = [];
  return {
    on(target, type, act) {
      target.addEventListener(type, act);
      ends.push(() => target.removeEventListener(type, act));
    },
    every(ms, act) {
      const timer = setInterval(act, ms);
      ends.push(() => clearInterval(timer));
    },
    end() {
      for (const end of ends) end();
      ends = [];
    },
  };
}

export function button(text, act, style = '') {
  const node = el('button', { type: 'button', class: `button ${style}`.trim() }, text);
  if (act) node.addEventListener('click', act);
  return node;
}

/** A button that takes two taps: the first says what the second will do. */
export function sure(text, confirm, act, style = '') {
  let timer = 0;
  const node = button(text, () => {
    if (!timer) {
      say(node, confirm);
      node.dataset.asks = '';
      timer = setTimeout(calm, SURE);
      return;
    }
    calm();
    act();
  }, style);
  function calm() {
    clearTimeout(timer);
    timer = 0;
    say(node, text);
    delete node.dataset.asks;
    node.dispatchEvent(new Event('calm', { bubbles: true }));
  }
  return node;
}

let named = 0;

/** A control with its name. */
export function field(name, control) {
  named += 1;
  control.id = `f${named}`;
  return el('div', { class: 'field' }, el('label', { class: 'name', for: control.id }, name), control);
}

/** The same for what isn't one control. */
export function fields(name, ...controls) {
  return el('div', { class: 'field steps', role: 'group', 'aria-label': name },
            el('span', { class: 'name', 'aria-hidden': 'true' }, name), ...controls);
}

const option = ({ id, name }) => el('option', { value: id }, name);

/** GROUPS: [{name, entries: [{id, name}]}]; one without a name stands free. EMPTY: the first line. */
export function fillSelect(node, groups, value, empty) {
  node.replaceChildren(...(empty === undefined ? [] : [option({ id: '', name: empty })]),
    ...groups.filter(({ entries }) => entries.length).flatMap(({ name, entries }) => (
      name ? [el('optgroup', { label: name }, ...entries.map(option))] : entries.map(option))));
  choose(node, value);
  return node;
}

/** Chooses VALUE if it is there, else the first line. */
export function choose(node, value) {
  node.value = value ?? '';
  if (node.selectedIndex < 0) node.selectedIndex = 0;
}

export const select = () => el('select');

export function textInput(attributes) {
  return el('input', { type: 'text', maxlength: 60, autocomplete: 'off', enterkeyhint: 'done', ...attributes });
}

/** A whole number by − and +, or typed. {node, value(), set(n)} */
export function stepper(name, most) {
  const input = el('input', { type: 'text', inputmode: 'numeric', pattern: '[0-9]*', maxlength: 6,
                              'aria-label': name, autocomplete: 'off', value: '0' });
  const value = () => Math.min(most, Math.max(0, Math.trunc(Number(input.value)) || 0));
  const set = (n) => { input.value = String(Math.min(most, Math.max(0, n))); };
  const step = (by) => {
    const node = button(by > 0 ? `+${by}` : `−${-by}`, () => set(value() + by), 'step');
    put(node, 'aria-label', t(by > 0 ? 'm.step.more' : 'm.step.less', { n: Math.abs(by) }));
    return node;
  };
  input.addEventListener('focus', () => input.select());
  input.addEventListener('change', () => set(value()));
  return { node: el('div', { class: 'stepper' }, step(-10), step(-1), input, step(1), step(10)), value, set };
}

/** One of several, side by side. CHOICES: [[id, text]]. {node, choose(id)} */
export function segments(label, choices, act) {
  const buttons = choices.map(([id, text]) => [id, button(text, () => pick(id), 'segment')]);
  const mark = (id) => buttons.forEach(([other, node]) => put(node, 'aria-pressed', String(other === id)));
  const pick = (id) => {
    mark(id);
    act(id);
  };
  return { node: el('div', { class: 'segments', role: 'group', 'aria-label': label },
                    ...buttons.map(([, node]) => node)), choose: pick };
}

export const card = (title, ...body) =>
  el('section', { class: 'card' }, title ? el('h2', null, title) : null, ...body);

export const calm = (text) => el('p', { class: 'calm' }, text);

/** Puts NODES in HOST only when KEY differs from last time: what isn't new keeps its focus. A button
 * that awaits its second tap isn't taken from under the finger: news waits until it is calm. */
export function redraw(host, key, nodes) {
  if (host.dataset.drawn === key) return;
  if (host.querySelector('[data-asks]')) {
    host.addEventListener('calm', () => redraw(host, key, nodes), { once: true });
    return;
  }
  host.dataset.drawn = key;
  host.replaceChildren(...nodes());
}

/** The same for a list of rows: a row whose key is as it was stays, open if it was opened. ROWS:
 * [[key, make]] */
export function redrawRows(host, rows) {
  const known = new Map([...host.children].map((node) => [node.dataset.row, node]));
  host.replaceChildren(...rows.map(([key, make]) => {
    const node = known.get(key) ?? make();
    node.dataset.row = key;
    return node;
  }));
}

export const people = (n) => t('m.people', { n: count(n) });
