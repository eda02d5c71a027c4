// The page about one figure: its ranges and metrics, the figure with its proof and its definition,
// the trend, the parts, and the events behind it; of a district the streets behind it.

import { el, say } from '../dom.js';
import { addDays, addMonths, count } from '../format.js';
import { t } from '../i18n.js';
import { district, memberOf } from '../model.js';
import { ask, askTotals, figuresOf, path } from './ask.js';
import { drawBars } from './bars.js';
import { definitionOf, learnOpening } from './definition.js';
import { createEvents } from './events.js';
import { createGroups, createRoster } from './groups.js';
import { createProving } from './proving.js';
import { createRanges } from './ranges.js';
import { createTabs } from './tabs.js';
import { createStreet, createStreets } from './streets.js';
import { addressOf, daysIn, isPeriod, LISTS, placeOf, samePlace } from './view.js';
import { metricName, rangeName, span, unitOf } from './words.js';

/** From when to when a range's trend goes, in which steps, and which of them is the range itself. */
export function trendOf(range, from, today) {
  const day = isPeriod(range) ? range : { today, month: today.slice(0, 7), year: today.slice(0, 4) }[range];
  if (range === 'week') return { step: 'day', from, to: addDays(from, 6), chosen: null };
  if (day?.length === 10) return { step: 'day', from: addDays(day, -13), to: day, chosen: day };
  if (day?.length === 7) {
    return { step: 'day', from: `${day}-01`, to: `${day}-${daysIn(day)}`, chosen: null };
  }
  if (day) return { step: 'month', from: `${day}-01-01`, to: `${day}-12-31`, chosen: null };
  return { step: 'month', from: `${addMonths(today.slice(0, 7), -23)}-01`, to: today, chosen: null };
}

// The dimensions whose totals a page needs: its own, and those of its parts.
function dimensionsOf(view, place) {
  if (place.streets) return [...new Set(['community', view.by, ...place.parts.map(({ by }) => by)].filter(Boolean))];
  if (view.metric === 'units') return ['unit'];
  if (view.metric === 'projects') return ['project'];
  return [...new Set([view.by, ...place.parts.map(({ by }) => by)].filter(Boolean))];
}

export function createFigure({ go, abouts }) {
  const ranges = createRanges();
  const tabs = createTabs(go);
  const proving = createProving();
  const events = createEvents(abouts);
  const street = createStreet();
  const number = el('b', { class: 'drill-number' });
  const unit = el('span', { class: 'drill-unit' });
  const label = el('p', { class: 'drill-label' });
  const about = el('div');
  const bars = el('div', { class: 'drill-trend' });
  const trendTitle = el('span');
  const trend = el('section', { class: 'drill-section' }, el('h3', null, trendTitle), bars);
  const groups = el('div');
  const panel = el('div', { id: 'drill-figure', role: 'tabpanel', tabindex: '-1' },
    label,
    el('div', { class: 'drill-headline' }, el('p', { class: 'drill-amount' }, number, unit),
       proving.button, street.link),
    street.line, proving.node, about, trend, groups, events.node);
  const node = el('div', { class: 'drill-page' }, ranges.bar, ranges.calendar, tabs.row, panel);
  const size = new ResizeObserver(() => drawn && drawTrend());

  let view = null;
  let place = null;
  let parts = null;    // groups or roster
  let streets = null;  // of a district's figure
  let latest = null;   // state
  let answers = null;  // of /totals, by dimension
  let told = '';       // the figures that list and trend were asked for
  let drawn = null;    // the trend that is drawn
  let today = '';
  let zone = null;
  let stop = new AbortController();

  // Of streets that were never reached there are no figures, and no zeros either.
  const isKnown = () => !place.streets
    || place.streets.some(({ id }) => memberOf(latest, id).state !== 'unknown');
  const whole = () => (answers && isKnown() ? figuresOf(answers, view) : null);
  const listed = () => (place.streets ? district(latest) : place.counts)[view.metric];

  function showFigures() {
    const list = LISTS.includes(view.metric);
    const figures = whole();
    const n = list ? listed() : figures?.[view.metric];
    say(number, count(n));
    number.dataset.value = n ?? '';
    say(unit, unitOf(view.metric));
    const any = answers && Object.values(answers)[0];
    say(label, [metricName(view.metric), rangeName(view.range), any && span(view.range, any.from, any.to)]
      .filter(Boolean).join(' · '));
    tabs.show(view, list && answers ? Object.values(answers)[0].totals : figures);
    if (answers) parts?.show(answers, figures, view.metric);
    streets?.show(answers, n);
  }

  function drawTrend() {
    const { points, plan } = drawn;
    drawBars(bars, points, { chosen: plan.chosen, head: [t('drill.date'), metricName(view.metric)],
                             href: (range) => addressOf(view, { range, event: null }) });
  }

  async function loadTrend({ signal }) {
    const from = Object.values(answers)[0].from;
    const plan = trendOf(view.range, from, today);
    const { points } = await ask(path('trend', { metric: view.metric, by: view.by, id: view.id,
                                                 step: plan.step, from: plan.from, to: plan.to }), signal);
    if (signal.aborted) return;
    say(trendTitle, t(`drill.trend.${plan.step}`, { from: plan.from, to: plan.to }));
    drawn = { plan, points: points.filter(({ date }) => date <= today.slice(0, date.length)) };
    drawTrend();
  }

  /** Asks for the figures, and where they aren't those that the list shows, for that too. */
  async function load(state) {
    const { signal } = stop;
    const dimensions = dimensionsOf(view, place);
    const found = await Promise.all(dimensions.map((by) => askTotals(view.range, by, signal)));
    if (signal.aborted) return;
    answers = Object.fromEntries(dimensions.map((by, i) => [by, found[i]]));
    showFigures();
    const now = JSON.stringify([answers[dimensions[0]].epoch, answers[dimensions[0]].from, whole()]);
    if (LISTS.includes(view.metric)) return;
    if (!place.streets && (events.failed() || (told !== '' && told !== now))) await events.refresh(state);
    if (signal.aborted || told === now) return;
    await loadTrend(stop);
    if (!signal.aborted) told = now;
  }

  // Once the opening balances' day is known, the definition says it.
  async function define(state) {
    zone = state.zone;
    about.replaceChildren(definitionOf(view, zone, place));
    const { signal } = stop;
    if (place.streets) return; // the events that tell it are the streets'
    if (await learnOpening(state.epoch, zone).catch(() => false) && !signal.aborted) {
      about.replaceChildren(definitionOf(view, zone, place));
    }
  }

  function build(next, state) {
    const same = samePlace(view, next) && !LISTS.includes(view.metric) && !LISTS.includes(next.metric);
    view = next;
    latest = state;
    place = { ...placeOf(view, state.catalogue, Boolean(state.members)),
              counts: { units: state.catalogue.units.length, projects: state.catalogue.projects.length } };
    if (!same) answers = null;
    const list = LISTS.includes(view.metric);
    parts = list && !place.streets ? createRoster(view, state.catalogue)
      : list || place.kind === 'street' ? null : createGroups(view, place);
    streets = place.streets && place.kind !== 'street' ? createStreets(view, place) : null;
    groups.replaceChildren(...[parts, streets].filter(Boolean).map(({ node }) => node));
  }

  return {
    node,
    asOf: () => Object.values(answers ?? {})[0] ?? null,
    async show(next, state, day) {
      stop.abort();
      stop = new AbortController();
      build(next, state);
      [today, told, drawn] = [day, '', null];
      const list = LISTS.includes(view.metric);
      ranges.show({ view, today });
      proving.show(view, state.zone);
      panel.setAttribute('aria-labelledby', list ? 'drill-title' : `drill-tab-${view.metric}`);
      const byEvents = !list && !place.streets;
      trend.hidden = list || !isKnown();
      for (const part of [proving.button, events.node]) part.hidden = !byEvents;
      bars.replaceChildren();
      size.observe(bars);
      showFigures();
      define(state);
      if (!byEvents) events.clear();
      await Promise.all([load(state), byEvents ? events.show(view, state) : null]);
    },
    /** Whether its streets are live, and from when they are if not. */
    look(state, now) {
      if (!place?.streets) return;
      latest = state;
      street.look(view, place, state, now);
      streets?.look(state, now);
      trend.hidden = LISTS.includes(view.metric) || !isKnown();
      showFigures();
    },
    refresh(state, day) {
      latest = state;
      if (day !== today) ranges.show({ view, today: day });
      today = day;
      return load(state);
    },
    next: (step) => tabs.next(view, step),
    pick: () => ranges.pick(),
    fold: () => ranges.fold(),
    clear() {
      stop.abort();
      size.disconnect();
      proving.stop();
      events.clear();
      for (const part of [groups, bars, about]) part.replaceChildren();
      [view, place, answers, drawn, told] = [null, null, null, null, ''];
    },
    table: () => (streets ?? events).table(),
  };
}
