// The page about one event: what it says, who by, when it happened and at which revision it was
// counted, what it counts, and what took it back or what it takes back.

import { el } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { ask } from './ask.js';
import { addressOf, DIMENSIONS } from './view.js';
import { gain, kindName, metricName, problemOf, titleOf, when } from './words.js';

const moment = (at, zone) => {
  const { day, time } = when(at, zone);
  return `${day} ${time}`.trim();
};

const eventLink = (view, event, text) =>
  el('a', { href: addressOf(view, { event }) }, el('bdi', null, text ?? event));

function placeLink(view, catalogue, by, id) {
  const thing = catalogue.byId[by].get(id);
  return thing ? el('a', { href: addressOf(view, { by, id, event: null }) }, el('bdi', null, thing.name))
    : el('bdi', null, id);
}

// The event's own fields by what they are; those that aren't named here are told elsewhere.
const fields = {
  reason: (event) => event.reason,
  residents: (event) => count(event.residents),
  resident: () => t('drill.field.resident.text'),
  name: (event) => event.name,
  venue: (event) => event.venue,
  problem: (event) => event.problem,
  plan: (event) => event.plan,
  starts: (event, { zone }) => moment(event.starts, zone),
  cancelled: (event) => (event.cancelled ? t('feed.plan.off') : null),
  metrics: (event) => Object.entries(event.metrics).map(([metric, n]) => `${metricName(metric)} ${gain(metric, n)}`).join('　'),
};

function line(name, ...body) {
  const full = body.filter((part) => part !== null && part !== undefined && part !== '');
  return full.length ? el('div', null, el('dt', null, name), el('dd', null, ...full)) : null;
}

const text = (value) => (value === null || value === undefined ? null : el('bdi', null, value));

function fieldLines(event, about, view, state) {
  const { catalogue } = state;
  const places = DIMENSIONS.filter((by) => event[by] ?? about?.[by]).map((by) =>
    line(t(`drill.kind.${by}`), placeLink(view, catalogue, by, event[by] ?? about[by])));
  const own = Object.keys(fields).filter((name) => event[name] !== undefined)
    .map((name) => line(t(`drill.field.${name}`), text(fields[name](event, state))));
  return [...places, ...own];
}

// What it counts at present, each metric once with the day and the groups that it counts for.
function countedLine({ metric, n, day, ...groups }, view, state) {
  const ways = DIMENSIONS.filter((by) => groups[by])
    .map((by) => el('li', null, placeLink({ ...view, metric }, state.catalogue, by, groups[by])));
  return el('li', null, el('p', null, el('span', null, metricName(metric)), el('b', null, gain(metric, n)),
                           el('span', null, day ? t('drill.counted.day', { day }) : t('drill.counted.opening'))),
            el('ul', null, ...ways));
}

function verdictOf({ event, counted, void: taken }, view, zone) {
  if (taken) {
    return el('div', { class: 'drill-void' },
              el('p', null, el('b', null, t('drill.voided')), ' ', text(taken.reason)),
              el('p', null, moment(taken.at, zone), ' · ', eventLink(view, taken.id)));
  }
  if (counted.length || ['plan', 'void'].includes(event.kind)) return null;
  return el('p', { class: 'drill-uncounted' }, t(`drill.uncounted.${event.kind}`));
}

function render(node, answer, about, view, state) {
  const { event, rev, counted } = answer;
  const { zone } = state;
  const speaks = event.activity ?? event.of;
  node.replaceChildren(...[
    el('a', { class: 'drill-back', href: addressOf(view, { event: null }) }, t('drill.back')),
    el('p', { class: 'drill-kind' }, kindName(event)),
    el('p', { class: 'drill-name' }, el('bdi', null, titleOf(event, about))),
    verdictOf(answer, view, zone),
    el('dl', { class: 'drill-definition drill-fields' },
       line(t('drill.field.at'), moment(event.at, zone)),
       speaks ? line(t(event.of ? 'drill.field.of' : 'drill.field.activity'),
                     eventLink(view, speaks, about && titleOf(about))) : null,
       ...fieldLines(event, about, view, state),
       line(t('drill.field.rev'), t('drill.field.rev.text', { rev: count(rev) })),
       line(t('drill.field.id'), el('code', null, event.id))),
    counted.length ? el('section', { class: 'drill-section' }, el('h3', null, t('drill.counted')),
      el('ul', { class: 'drill-counted' }, ...counted.map((one) => countedLine(one, view, state)))) : null,
  ].filter(Boolean));
}

export function createOne() {
  const node = el('div', { class: 'drill-page drill-one' });
  let stop = new AbortController();
  let shown = '';

  async function load(view, state) {
    const { signal } = stop;
    const find = (id) => ask(`events/${encodeURIComponent(id)}`, signal);
    try {
      const answer = await find(view.event);
      const speaks = answer.event.activity ?? answer.event.of;
      const about = speaks ? (await find(speaks).catch(() => null))?.event : problemOf(answer.event, state);
      const now = JSON.stringify([answer, about]);
      if (signal.aborted || now === shown) return;
      shown = now;
      render(node, answer, about, view, state);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status !== 404) throw error;
      node.replaceChildren(el('a', { class: 'drill-back', href: addressOf(view, { event: null }) }, t('drill.back')),
                           el('p', { class: 'drill-uncounted' }, t('drill.unknown', { id: view.event })));
    }
  }

  return {
    node,
    show(view, state) {
      stop.abort();
      stop = new AbortController();
      shown = '';
      node.replaceChildren(el('p', { class: 'drill-note' }, t('drill.loading')));
      return load(view, state);
    },
    refresh: load,
    clear() {
      stop.abort();
      node.replaceChildren();
    },
  };
}
