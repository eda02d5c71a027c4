// What is told of figures that moved: all that did, as one text, but not oftener than can be
// listened to. Pure.

import { count } from '../format.js';
import { t } from '../i18n.js';
import { changeToday, totals } from '../model.js';

const METRICS = ['activities', 'venues', 'residents', 'problems_solved'];
const PACE = 60000; // ms

function sentence(state, metric) {
  const change = changeToday(state, metric);
  return t(change > 0 ? 'say.figure.today' : 'say.figure', {
    name: t(`metric.${metric}`), n: count(totals(state, 'all')[metric]), unit: t(`unit.${metric}`),
    today: count(change) });
}

/** A teller: called with each state and the time, it gives what is to be said, or null. What is
 * there at the beginning can be read by whoever wants to; only changes are told. */
export function teller() {
  let said = null;
  let saidAt = -Infinity;
  return (state, now) => {
    const all = totals(state, 'all');
    if (!all || now - saidAt < PACE) return null;
    const moved = METRICS.filter((metric) => said && all[metric] !== said[metric]);
    if (said && !moved.length) return null;
    if (!said || moved.length) saidAt = now;
    said = all;
    return moved.map((metric) => sentence(state, metric)).join(t('say.and')) || null;
  };
}
