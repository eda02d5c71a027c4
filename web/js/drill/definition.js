// What a figure means, in words: what is counted, by which day, whether opening balances are in it,
// and what a correction does.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { ask } from './ask.js';
import { ESTIMATE } from './contribution.js';
import { LISTS } from './view.js';
import { when } from './words.js';

const EARLY = 1000; // opening balances stand among the first events

let opening = null; // {epoch, day}: of the earliest opening balance, "" if there is none so early

/** Learns the day of the opening balances of a history, once. */
export async function learnOpening(epoch, zone) {
  if (opening?.epoch === epoch) return false;
  const { events } = await ask(`events?kind=opening&before=${EARLY}&limit=${EARLY}`);
  opening = { epoch, day: events.map(({ at }) => when(at, zone).day).sort()[0] ?? '' };
  return true;
}

function openingText({ range, metric }) {
  if (metric === ESTIMATE) return t('drill.opening.never');
  if (range !== 'all') return t(metric === 'venues' ? 'drill.opening.venues' : 'drill.opening.out');
  return opening?.day ? t('drill.opening.in', { day: opening.day }) : t('drill.opening.any');
}

const offset = (zone) => {
  const hours = (zone ?? 0) / 60;
  return `UTC${hours < 0 ? '−' : '+'}${Math.abs(hours)}`;
};

// A district's figure is its streets': what it is made of and what takes it back is theirs to tell.
function districtLines(view, zone, place, line) {
  if (LISTS.includes(view.metric)) return [line('what', t(`drill.what.streets.${view.metric}`))];
  const sum = place.kind !== 'street';
  const source = view.metric === ESTIMATE && sum ? 'estimate' : sum ? 'district' : 'street';
  return [line('what', t(`drill.what.${view.metric}`)),
          line('day', t(view.metric === 'venues' ? 'drill.by.state' : 'drill.by.day', { zone: offset(zone) })),
          line('opening', openingText(view)),
          line('source', t(`drill.source.${source}`))];
}

export function definitionOf(view, zone, place) {
  const line = (name, text) => el('div', null, el('dt', null, t(`drill.about.${name}`)), el('dd', null, text));
  if (place.streets) {
    return el('dl', { class: 'drill-definition' }, ...districtLines(view, zone, place, line));
  }
  const lines = LISTS.includes(view.metric)
    ? [line('what', t(`drill.what.${view.metric}`))]
    : [line('what', t(`drill.what.${view.metric}`)),
       line('day', t(view.metric === 'venues' ? 'drill.by.state' : 'drill.by.day', { zone: offset(zone) })),
       line('opening', openingText(view)),
       line('void', t(`drill.void.${view.metric === ESTIMATE ? 'estimate' : view.metric === 'venues' ? 'venues' : 'sum'}`))];
  return el('dl', { class: 'drill-definition' }, ...lines);
}
