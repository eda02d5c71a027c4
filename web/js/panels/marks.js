// How true figures are: the marks that stand beside a word for it, and how a district's members
// tell theirs.

import { el, put, say, svg } from '../dom.js';
import { age, dayKey, moment, parseInstant } from '../format.js';
import { t } from '../i18n.js';
import { serverNow } from '../model.js';

/** Paths in 24 × 24. */
export const icons = {
  loading: 'M12 3a9 9 0 0 1 9 9',
  live: 'M12 7a5 5 0 1 1 0 10a5 5 0 1 1 0-10z',
  stale: 'M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16zM12 8v4.5l3 2',
  paused: 'M8 5v14M16 5v14',
  reconnecting: 'M20 12a8 8 0 1 1-3-6.2M17.5 2v4.5H13',
  offline: 'M5 5l14 14M19 5L5 19',
  unknown: 'M5 12h14',
};

const MEMBER = { live: 'live', paused: 'paused', away: 'offline', unknown: 'unknown', unsure: 'stale' };

/** A member's state as a mark and a word: {node, show(state)}. */
export function stateMark() {
  const path = svg('path');
  const word = el('span');
  const node = el('span', { class: 'is' },
                  svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, path), word);
  return { node, show(state) {
    put(node, 'data-is', state);
    put(path, 'd', icons[MEMBER[state]]);
    say(word, t(`members.is.${state}`));
  } };
}

/** From when a member's figures are, unless it is live or has none: {at: "09:12", time: with its
 * words, ago, span: how long ago without the word for it}; else null. */
export function datedOf(member, state, now) {
  const ms = parseInstant(member.as_of)?.ms;
  if (member.state === 'live' || member.state === 'unknown' || ms === undefined) return null;
  const { unit, n } = age(serverNow(state, now) - ms);
  const at = moment(ms, state.zone, dayKey(serverNow(state, now), state.zone));
  return { at, time: t('link.asof', { time: at }), ago: t(`age.${unit}`, { n }),
           span: t(`age.span.${unit}`, { n }) };
}
