// A time in a form: now, unless it is changed. Written as a clock on the alliance's walls has it.

import { el, say } from '../dom.js';
import { clock, dayKey, parseInstant } from '../format.js';
import { t } from '../i18n.js';
import { button } from './ui.js';

const wall = (ms, zone) => `${dayKey(ms, zone)}T${clock(ms, zone).slice(0, 5)}`;
const instant = (text, zone) => Date.parse(`${text}:00Z`) - zone * 60000;

export const iso = (ms) => new Date(ms).toISOString();

/** A time that must be told. {node, value() in ms or NaN, set(ms)} */
export function moment(app, name) {
  const node = el('input', { type: 'datetime-local', 'aria-label': name });
  return { node, value: () => instant(node.value.slice(0, 16), app.zone()),
           set: (ms) => { node.value = wall(ms, app.zone()); } };
}

/** A time that is now until somebody says otherwise. {node, value(), set(text or null)} */
export function momentOrNow(app, name) {
  const input = moment(app, name);
  const word = el('span', { class: 'now' }, t('m.now'));
  let fixed = false;
  const change = button('', () => set(fixed ? null : iso(app.now())), 'quiet');
  function set(text) {
    fixed = text !== null;
    if (fixed) input.set(parseInstant(text)?.ms ?? app.now());
    input.node.hidden = !fixed;
    word.hidden = fixed;
    say(change, t(fixed ? 'm.now' : 'm.change'));
  }
  set(null);
  return { node: el('div', { class: 'moment' }, word, input.node, change), set,
           value: () => (fixed ? input.value() : app.now()) };
}
