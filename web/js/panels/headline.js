// The six headline numbers, each with what today added to it.

import { el, put, say } from '../dom.js';
import { count, signed, NONE } from '../format.js';
import { t } from '../i18n.js';
import { rolling } from '../digits.js';
import { byStatus, changeToday, district, isCounted, totals } from '../model.js';
import { divide } from '../place.js';

const today = (metric) => (state) => {
  const change = isCounted(state) ? changeToday(state, metric) : null;
  return { label: t('head.today'), change };
};

// A district's members bear its units and projects.
function streets({ all, unknown }) {
  const key = unknown ? 'head.streets.part' : 'head.streets';
  return { label: t(key, { n: all - unknown, all }) };
}

function membership(state) {
  const members = district(state);
  if (members) return streets(members);
  const list = state.catalogue;
  return { label: list ? t('head.units', { circles: list.circles.length,
                                           communities: list.communities.length }) : '' };
}

function progress(state) {
  const members = district(state);
  if (members) return streets(members);
  return { label: state.catalogue ? t('head.projects', byStatus(state.catalogue.projects)) : '' };
}

function unique(state) {
  const n = totals(state, 'all')?.residents_unique;
  return n ? t('head.unique', { n: count(n) }) : ''; // opening balances know no persons
}

const figure = (metric) => (state) => (isCounted(state) ? totals(state, 'all')?.[metric] : undefined);
const listed = (name) => (state) => (
  state.members ? district(state)[name] : state.catalogue?.[name].length);

const numbers = [
  { metric: 'units', value: listed('units'), below: membership },
  { metric: 'projects', value: listed('projects'), below: progress },
  { metric: 'activities', value: figure('activities'), below: today('activities') },
  { metric: 'venues', value: figure('venues'), below: today('venues') },
  { metric: 'residents', value: figure('residents'), below: today('residents'), beside: unique },
  { metric: 'problems_solved', value: figure('problems_solved'), below: today('problems_solved') },
];

// What a screen reader says of a figure: its name, the value with its unit, what today changed.
function labelOf(metric, n, words, beside) {
  const text = t('change' in words ? 'say.figure.change' : 'say.figure', {
    name: t(`metric.${metric}`), n: count(n), unit: t(`unit.${metric}`), change: signed(words.change) });
  return [text, 'change' in words ? '' : words.label, beside].filter(Boolean).join(t('say.and'));
}

function mountNumber({ metric, value, below, beside }) {
  const digits = el('span', { class: 'digits', 'aria-hidden': 'true' }, NONE);
  const number = el('div', { class: 'number', 'data-metric': metric, role: 'img',
                             'aria-label': NONE }, digits);
  const label = el('span');
  const change = el('span', { class: 'change' });
  const extra = beside ? el('span', { class: 'beside' }) : null;
  const node = el('a', { class: `figure figure-${metric}`, href: `#metric=${metric}` },
    el('h2', null, t(`metric.${metric}`)),
    el('div', { class: 'amount' }, number,
       el('span', { class: 'unit' }, t(`unit.${metric}`))),
    el('div', { class: 'below' }, label, change, extra));
  const set = rolling(digits);

  function show(state) {
    const n = value(state);
    if (n !== undefined && number.dataset.value !== String(n)) {
      number.dataset.value = n;
      number.dataset.length = Math.min(12, count(n).length);
      number.setAttribute('aria-label', count(n));
      set(count(n), n);
    }
    const words = below(state);
    say(label, words.label);
    say(change, 'change' in words ? signed(words.change) : '');
    change.classList.toggle('moved', Boolean(words.change));
    if (extra) say(extra, beside(state));
    put(node, 'aria-label', labelOf(metric, n, words, extra?.textContent));
  }
  return { node, show };
}

const WEIGHTS = [1, 1, 1.12, 1.02, 1.55, 1.12];
const TIGHT = 1440; // px: less has no room for what a district adds up to

// In one row where there is room, else in two or three, each figure clear of the wall's seams.
function lay(host, { width, height, seams }) {
  const across = width >= 1300 && height < 240 ? 6 : width >= 560 ? 3 : 2;
  host.dataset.across = across;
  host.toggleAttribute('data-tight', across === 6 && width < TIGHT);
  host.dataset.size = width / across > 420 && height >= 180 ? 'large' : '';
  const weights = across === 6 ? WEIGHTS : Array(across).fill(1);
  host.style.gridTemplateColumns = divide(0, width, weights, 0, seams)
    .map(({ size }) => `${size.toFixed(1)}px`).join(' ');
}

function mount(host, { kind }) {
  const mounted = numbers.map(mountNumber);
  host.append(...mounted.map(({ node }) => node));
  return {
    update({ state }) {
      for (const { show } of mounted) show(state);
    },
    resize(box) {
      if (kind === 'flow') host.style.gridTemplateColumns = '';
      else lay(host, box);
    },
    table: (state) => ({
      head: ['metric', 'value', 'unit'],
      rows: numbers.map(({ metric, value }) => [t(`metric.${metric}`), value(state) ?? '',
                                                t(`unit.${metric}`)]),
    }),
  };
}

export default { bare: true, single: true, needs: [['all'], ['today']], mount };
