// What comes: the next thing large, with a code by which whoever likes may sign in there, and what
// follows it.

import { apiPath, pagePath } from '../base.js';
import { el, frame, put, say, svg } from '../dom.js';
import { addDays, clock, dayKey, NONE } from '../format.js';
import { t, weekdays } from '../i18n.js';
import { agenda } from '../figures.js';
import { serverNow } from '../model.js';
import { qrOf } from '../qr.js';
import { calm, fittingList, isBroad, scaleTo } from './rows.js';

const USUAL = { width: 520, height: 430 };
const BROAD = 960;
const LOW = 340; // px: less has a smaller code, for a row below it
const FRESH = 30 * 60 * 1000; // ms that a signed address is shown

/** The address of a plan's check-in: the server signs it for some hours, so it is asked for again. */
async function addressOf(plan) {
  try {
    const response = await fetch(apiPath(`plans/${plan}/code`), { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(response.status);
    return location.origin + (await response.json()).path;
  } catch {
    return `${location.origin}${pagePath('/m/')}#plan=${plan}`; // tells of it, at least
  }
}

function dayWord(day, now, zone) {
  const today = dayKey(now, zone);
  if (day === today) return t('plans.today');
  if (day === addDays(today, 1)) return t('plans.tomorrow');
  const [, month, date] = day.split('-').map(Number);
  const weekday = weekdays()[new Date(`${day}T00:00Z`).getUTCDay()];
  return t('plans.day', { month, date, weekday });
}

const whereOf = ({ catalogue }, { community, unit }) =>
  catalogue?.byId.community.get(community)?.name ?? catalogue?.byId.unit.get(unit)?.name;

function placeOf(state, { community, unit, venue }) {
  const names = state.catalogue?.byId;
  const room = state.venues?.find((event) => event.venue === venue)?.name;
  return [names?.community.get(community)?.name, room ?? names?.unit.get(unit)?.name]
    .filter(Boolean).join(' · ');
}

const linkOf = ({ community, unit }) => (community ? `#community=${community}` : `#unit=${unit}`);

function mountNext() {
  const day = el('span');
  const time = el('b');
  const begun = el('em', { class: 'tag tag-begun' }, t('plans.begun'));
  const title = el('bdi');
  const link = el('a', { class: 'title' }, title);
  const place = el('p', { class: 'place' });
  // A blank keeps the place of the code until it is there.
  const code = el('figure', null, svg('svg', { viewBox: '0 0 1 1', 'aria-hidden': 'true' }),
                  el('figcaption', null, t('plans.sign')));
  const node = el('div', { class: 'next' },
    el('div', { class: 'words' }, el('p', { class: 'when' }, day, time, begun), link, place),
    code);
  let coded = '';

  async function draw(plan, due) {
    const label = t('plans.code', { title: plan.title ?? plan.plan });
    const drawn = await qrOf(await addressOf(plan.plan), label);
    if (coded !== due) return;
    code.querySelector('svg').replaceWith(drawn);
  }

  function show(state, plan, now) {
    say(day, dayWord(plan.day, now, state.zone));
    say(time, clock(plan.ms, state.zone).slice(0, 5));
    begun.hidden = !plan.begun;
    say(title, plan.title ?? plan.plan);
    put(link, 'href', linkOf(plan));
    say(place, placeOf(state, plan));
    const due = `${plan.plan}|${plan.title}|${Math.floor(now / FRESH)}`;
    if (coded === due) return;
    coded = due;
    draw(plan, due);
  }
  return { node, show };
}

function row(state, plan, now) {
  return el('li', plan.cancelled ? { class: 'cancelled' } : null,
    el('time', null, el('span', null, dayWord(plan.day, now, state.zone)),
       el('b', null, clock(plan.ms, state.zone).slice(0, 5))),
    el('a', { class: 'what', href: linkOf(plan) }, el('bdi', null, plan.title ?? plan.plan)),
    plan.cancelled ? el('em', { class: 'tag' }, t('plans.cancelled'))
      : el('span', { class: 'who' }, whereOf(state, plan) ?? ''));
}

function mount(host, { spec, kind }) {
  const many = el('b', null, NONE);
  const aside = el('span', { class: 'aside' }, t('plans.many.before'), many, t('plans.many.after'));
  const next = mountNext();
  const list = fittingList({ name: 'later', row: 48, flow: 4, inFlow: kind === 'flow',
                             empty: calm(t('plans.empty'), t('plans.empty.more')) });
  host.append(...frame(spec.title ?? t('plans.title'), aside,
                       el('div', { class: 'panel-parts' }, next.node, list.node)));
  let shown = {};
  let scale = 1;

  // What is on show depends on the list, the names in it, and the minute.
  function show(state, now) {
    const { plans, catalogue, venues } = state;
    const minute = Math.floor(now / 60000);
    if (plans === shown.plans && catalogue === shown.catalogue && venues === shown.venues
        && minute === shown.minute) return;
    if (catalogue !== shown.catalogue || venues !== shown.venues) list.forget();
    shown = { plans, catalogue, venues, minute };
    const coming = plans ? agenda(plans, now, state.zone) : [];
    const first = coming.find(({ cancelled }) => !cancelled);
    say(many, plans ? `${coming.filter(({ cancelled }) => !cancelled).length}` : NONE);
    const moved = next.node.hidden === Boolean(first);
    next.node.hidden = !first;
    if (first) next.show(state, first, now);
    list.node.hidden = Boolean(first) && coming.length < 2; // the next one alone has the whole place
    list.show(plans && coming.filter((plan) => plan !== first),
              (plan) => [plan.plan, plan.ms, plan.title, plan.cancelled,
                         dayWord(plan.day, now, state.zone)].join('|'),
              (plan) => row(state, plan, now));
    if (moved) list.fit(scale);
  }

  return {
    update() {},
    tick({ state, now }) { show(state, serverNow(state, now)); },
    resize(box) {
      if (kind === 'flow') return;
      host.toggleAttribute('data-broad', isBroad(box, BROAD));
      host.toggleAttribute('data-low', box.height < LOW);
      scale = scaleTo(host, box, USUAL);
      list.fit(scale);
    },
    table: (state) => ({
      head: ['plan', 'title', 'starts', 'community', 'unit', 'venue', 'cancelled', 'activity'],
      rows: (state.plans ?? []).map((one) => [one.plan, one.title, one.starts, one.community ?? '',
        one.unit ?? '', one.venue ?? '', one.cancelled ? t('plans.cancelled') : '', one.activity ?? '']),
    }),
  };
}

export default { sources: ['plans', 'venues'], mount };
