// What things are called: places, and what an event says in one line.

import { addDays, clock, count, dayKey, parseInstant } from '../format.js';
import { t, weekdays } from '../i18n.js';

/** Null without an id, and as long as nothing has a name. */
export const nameOf = ({ catalogue }, kind, id) => (id && catalogue ? catalogue.byId[kind].get(id)?.name ?? id : null);

/** "社区01 · 区商务局" */
export const placeOf = (state, { community, unit }) =>
  [nameOf(state, 'community', community), nameOf(state, 'unit', unit)].filter(Boolean).join(' · ');

/** "今天 14:00", "明天 9:30", "11月24日 周二 14:00" of an instant's text. */
export function whenOf(text, now, zone) {
  const at = parseInstant(text)?.ms;
  if (at === undefined) return '';
  const day = dayKey(at, zone);
  const today = dayKey(now, zone);
  const time = clock(at, zone).slice(0, 5);
  const near = { [addDays(today, -1)]: 'm.yesterday', [today]: 'm.today', [addDays(today, 1)]: 'm.tomorrow' }[day];
  if (near) return `${t(near)} ${time}`;
  const [year, month, date] = day.split('-').map(Number);
  const weekday = weekdays()[new Date(`${day}T00:00Z`).getUTCDay()];
  const key = year === Number(today.slice(0, 4)) ? 'm.day' : 'm.day.year';
  return `${t(key, { year, month, date, weekday })} ${time}`;
}

const words = {
  activity: ({ title }) => [t('m.kind.activity'), title],
  reach: () => [t('m.kind.reach'), ''],
  venue: ({ shared, name, venue }) => [t(shared ? 'm.kind.shared' : 'm.kind.withdrawn'), name ?? venue],
  problem: ({ status, title, problem }) => [t(`m.kind.${status}`), title ?? problem],
  plan: ({ cancelled, title }) => [t(cancelled ? 'm.kind.cancelled' : 'm.kind.plan'), title],
  opening: () => [t('m.kind.opening'), ''],
  void: ({ reason }) => [t('m.kind.void'), reason],
};

/** [what kind it is, what it is about] */
export const wordsOf = (event) => words[event.kind]?.(event) ?? [event.kind, ''];

/** Steps and voids name what they speak of by its id; an older record of EVENTS tells its title. */
export function titled(event, events, problems) {
  const same = (name) => events.find((other) => other[name] === event[name] && (other.title ?? other.name));
  if (event.kind === 'venue' && !event.name) return { ...event, name: same('venue')?.name };
  if (event.kind === 'problem' && !event.title) {
    const known = problems?.find(({ problem }) => problem === event.problem);
    return { ...event, title: same('problem')?.title ?? known?.title };
  }
  const of = event.kind === 'void' && events.find(({ id }) => id === event.of);
  return of ? { ...event, reason: [wordsOf(titled(of, events, problems))[1], event.reason].filter(Boolean).join(' · ') }
    : event;
}

/** "活动 +1 · 居民 +30 人次" of what an event counts: [{metric, n}]. */
export const countsOf = (counted) => counted.map(({ metric, n }) =>
  t(`m.counts.${metric}`, { n: `${n < 0 ? '−' : '+'}${count(Math.abs(n))}` })).join(' · ');
