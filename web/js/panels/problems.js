// Problems of residents from raised over claimed to solved, how many are solved and how fast, and
// the newest that still wait. The rate and the time are of the problems that were entered one by
// one: an opening balance knows neither when nor where.

import { el, frame, put, say } from '../dom.js';
import { count, NONE, parseInstant, signed } from '../format.js';
import { t } from '../i18n.js';
import { holds, problemFigures, since, span } from '../figures.js';
import { changeToday, FEED_SIZE, serverNow, totals } from '../model.js';
import { calm, fittingList, isBroad, scaleTo, style } from './rows.js';

const USUAL = { width: 520, height: 430 };
const BROAD = 900; // px: from here on the list stands beside the figures
const LOW = 300;   // px: less leaves out the rate's bar
const SLIM = 430;  // px: less has smaller rates
const MOST = 30;   // rows that any place has room for

// ---- raised, claimed, solved ----

function mountStep(name, metric) {
  const figure = el('b', null, NONE);
  const note = el('small');
  const node = el('a', { class: `step step-${name}`, href: `#metric=${metric}` },
                  el('span', null, t(`problems.${name}`)), figure, note);
  return { node, show(n, text) {
    say(figure, count(n));
    say(note, text);
    put(node, 'aria-label', `${t(`problems.${name}`)} ${count(n)} ${t('problems.unit')} ${text}`);
  } };
}

// An opening balance is what the figure holds beyond the problems that are listed. That is to be
// told only where both are of the same moment, and kept until they are again.
function openings() {
  let known = { epoch: null, n: undefined };
  return (state, figures) => {
    if (known.epoch !== state.epoch) known = { epoch: state.epoch, n: undefined };
    const all = totals(state, 'all')?.problems_solved;
    const agree = figures && holds(state.problems.rev, state, ['problem', 'void', 'opening'], FEED_SIZE);
    if (agree && all !== undefined) known.n = Math.max(0, all - figures.solved);
    return known.n;
  };
}

function createLoop() {
  const raised = mountStep('raised', 'problems_raised');
  const claimed = mountStep('claimed', 'problems_raised');
  const solved = mountStep('solved', 'problems_solved');
  const opening = openings();
  return {
    node: el('div', { class: 'loop' }, raised.node, claimed.node, solved.node),
    show(state, figures) {
      const all = totals(state, 'all');
      const before = opening(state, figures);
      const today = (metric) => t('problems.today', { n: signed(changeToday(state, metric)) });
      raised.show(all?.problems_raised, today('problems_raised'));
      claimed.show(figures?.claimed, figures ? t('problems.doing', { n: count(figures.inHand) }) : '');
      solved.show(all?.problems_solved, before > 0 ? t('problems.opening', { n: count(before) })
        : today('problems_solved'));
    },
  };
}

// ---- how many, how fast ----

function mountRate(name, ...more) {
  const figure = el('b', null, NONE);
  const of = el('small');
  const node = el('p', { class: `rate rate-${name}` },
                  el('span', null, t(`problems.${name}`)), figure, of, ...more);
  return { node, show(text, what) {
    say(figure, text);
    say(of, what);
  } };
}

function createRates() {
  const fill = el('i');
  const rate = mountRate('rate', el('i', { class: 'track', 'aria-hidden': 'true' }, fill));
  const time = mountRate('median');
  return {
    node: el('div', { class: 'rates' }, rate.node, time.node),
    show(figures) {
      const share = figures?.rate;
      rate.show(share === undefined ? NONE : `${share}%`,
                figures ? t('problems.of', { n: count(figures.listed) }) : '');
      style(fill, 'width', `${share ?? 0}%`);
      const took = figures?.median === undefined ? null : span(figures.median);
      const of = figures?.timed === null ? t('problems.by.year')
        : t('problems.by', { n: count(figures?.timed) });
      time.show(took ? t(`problems.took.${took.unit}`, { n: took.n }) : NONE, took ? of : '');
    },
  };
}

// ---- the newest that wait ----

function agoText(ms) {
  const { unit, n } = since(ms);
  return unit === 'minutes' && n === 0 ? t('problems.now') : t(`problems.ago.${unit}`, { n });
}

function mountRow({ problem, title, community, status }, ago, catalogue) {
  const place = catalogue?.byId.community.get(community)?.name ?? community;
  return el('li', null,
    el('p', { class: 'what' }, el('bdi', null, title ?? problem)),
    el('p', { class: 'who' }, el('em', { class: `tag tag-${status}` }, t(`problems.is.${status}`)),
       place ? el('a', { href: `#community=${community}` }, place) : null, el('time', null, ago)));
}

function createOpen(inFlow) {
  const sentence = el('p');
  const list = fittingList({ name: 'open-problems', row: 53, flow: 5, inFlow, empty: calm(sentence) });
  let named = null;

  function show(figures, catalogue, now) {
    if (catalogue !== named) list.forget();
    named = catalogue;
    say(sentence, t(figures?.listed ? 'problems.empty' : 'problems.none'));
    const open = figures?.open.slice(0, MOST).map((problem) => ({
      problem, ago: agoText(now - (parseInstant(problem.raised)?.ms ?? now)) }));
    list.show(open ?? null, ({ problem, ago }) => `${problem.problem}|${problem.status}|${ago}`,
              ({ problem, ago }) => mountRow(problem, ago, catalogue));
  }
  return { node: list.node, fit: list.fit, show };
}

function tableOf(state) {
  return {
    head: ['problem', 'title', 'community', 'status', 'raised', 'claimed', 'solved'],
    rows: (state.problems?.problems ?? []).map((one) => [
      one.problem, one.title, one.community, t(`problems.is.${one.status}`), one.raised,
      one.claimed ?? '', one.solved ?? '']),
  };
}

function mount(host, { spec, kind }) {
  const waiting = el('b', null, NONE);
  const aside = el('span', { class: 'aside' }, t('problems.open.before'), waiting,
                   t('problems.open.after'));
  const loop = createLoop();
  const rates = createRates();
  const open = createOpen(kind === 'flow');
  host.append(...frame(spec.title ?? t('problems.title'), aside,
    el('div', { class: 'panel-parts' }, el('div', { class: 'sums' }, loop.node, rates.node), open.node)));
  let figures = null;
  let known = null;

  return {
    update({ state }) {
      if (state.problems !== known) {
        known = state.problems;
        figures = problemFigures(state.problems);
        rates.show(figures);
        say(waiting, count(figures?.waiting));
      }
      loop.show(state, figures);
    },
    tick: ({ state, now }) => open.show(figures, state.catalogue, serverNow(state, now)),
    resize(box) {
      if (kind === 'flow') return;
      host.toggleAttribute('data-low', box.height < LOW);
      host.toggleAttribute('data-slim', box.width < SLIM);
      host.toggleAttribute('data-broad', isBroad(box, BROAD));
      open.fit(scaleTo(host, box, USUAL));
    },
    table: tableOf,
  };
}

export default { needs: [['all'], ['today']], sources: ['problems'], mount };
