// A table that is a table where there is room, and a list of cards on a phone: each cell bears its
// column's name.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { parseInstant, clock, dayKey } from '../format.js';
import { calm } from '../m/ui.js';

/** COLUMNS: [[name, cell(row)]]; a cell is text, a node or null. EMPTY is said of no rows. */
export function table(caption, columns, rows, empty) {
  if (!rows.length) return calm(empty);
  const cell = (name, content) => el('td', { 'data-name': name }, content ?? '—');
  return el('table', null, el('caption', null, caption),
    el('thead', null, el('tr', null, ...columns.map(([name]) => el('th', { scope: 'col' }, name)))),
    el('tbody', null, ...rows.map((row) => el('tr', null, ...columns.map(([name, of]) => cell(name, of(row)))))));
}

/** "2026-11-24 13:05", as the server's walls have it; null of none. */
export function written(at) {
  const when = parseInstant(at);
  return when ? `${dayKey(when.ms, when.zone)} ${clock(when.ms, when.zone).slice(0, 5)}` : null;
}

/** A part that shows what it waits for: LOAD() gives nodes. */
export function loading(title, load) {
  const body = el('div', null, calm(t('m.waiting')));
  const node = el('section', { class: 'card' }, el('h2', null, title), body);
  async function again() {
    const nodes = await load(again);
    if (nodes) body.replaceChildren(...nodes);
  }
  again();
  return node;
}
