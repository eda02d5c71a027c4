// The categories of one round of projects: how far their projects are, and what they brought.
// Status is told by word and by the bar's pattern, not by colour alone.

import { el, frame, say } from '../dom.js';
import { compact, signed } from '../format.js';
import { t } from '../i18n.js';
import { group, rounds } from '../model.js';

const STATUSES = ['done', 'running', 'preparing'];

function mountRow(category) {
  const status = STATUSES.filter((s) => category[s] > 0)
    .map((s) => el('span', { class: `status status-${s}` }, t(`status.${s}`), ` ${category[s]}`));
  const bar = el('div', { class: 'bar', 'aria-hidden': 'true' });
  for (const s of STATUSES) {
    if (!category[s]) continue;
    const part = el('i', { class: `part part-${s}` });
    part.style.flexGrow = category[s];
    bar.append(part);
  }
  const activities = el('b');
  const today = el('span', { class: 'change' });
  const node = el('li', null,
    el('a', { class: 'name', href: `#category=${category.id}` }, category.name), el('span', { class: 'statuses' }, ...status),
    bar,
    el('span', { class: 'tally' }, activities,
       el('span', { class: 'unit' }, t('unit.activities')), today));

  function show(state) {
    const all = group(state, 'all', 'category', category.id);
    const now = group(state, 'today', 'category', category.id);
    say(activities, compact(all?.activities));
    say(today, signed(now?.activities));
    today.classList.toggle('moved', Boolean(now?.activities));
  }
  return { node, show };
}

// ROUND in screen.json is "new" (the latest round) or "first" (the one before it).
function mount(host, { spec }) {
  const which = spec.round === 'first' ? 'first' : 'new';
  const size = el('span', { class: 'aside' });
  const list = el('ul');
  host.append(...frame(spec.title ?? t(`round.${which}`), size, list));
  let known = null;
  let rows = [];
  let categories = [];

  function build(state) {
    known = state.catalogue;
    const all = rounds(state);
    const round = which === 'new' ? all.at(-1) : all.at(-2);
    categories = round?.categories ?? [];
    rows = categories.map(mountRow);
    list.replaceChildren(...rows.map(({ node }) => node));
    const projects = categories.reduce((sum, c) => sum + c.projects, 0);
    say(size, round ? t('round.size', { categories: categories.length, projects }) : '');
  }

  return {
    update({ state }) {
      if (state.catalogue !== known) build(state);
      for (const { show } of rows) show(state);
    },
    table: (state) => ({
      head: ['category', ...STATUSES, 'activities', 'today'],
      rows: categories.map((category) => [category.name, ...STATUSES.map((s) => category[s]),
        group(state, 'all', 'category', category.id)?.activities ?? '',
        group(state, 'today', 'category', category.id)?.activities ?? '']),
    }),
  };
}

export default { needs: [['all', 'category'], ['today', 'category']], mount };
