// How the drill-down says things: names of ranges and metrics, what an event was and who it was by.

import { clock, count, dayKey, parseInstant, signed, NONE } from '../format.js';
import { t } from '../i18n.js';
import { isPeriod } from './view.js';

export const metricName = (metric) => t(`drill.metric.${metric}`);
export const unitOf = (metric) => t(`drill.unit.${metric}`);

/** "累计", "本月", "2026年3月" */
export function rangeName(range) {
  if (!isPeriod(range)) return t(`drill.range.${range}`);
  const [year, month, day] = range.split('-').map(Number);
  if (day) return t('drill.day', { year, month, day });
  return month ? t('drill.month', { year, month }) : t('drill.year', { year });
}

/** "2026-11-01 至 2026-11-30", or "" where the name has already said it. */
export function span(range, from, to) {
  if (range === 'all' || isPeriod(range) || !from) return '';
  return from === to ? from : t('drill.span', { from, to });
}

/** "+120 人次" */
export const gain = (metric, n) => `${signed(n)} ${unitOf(metric)}`;

/** An instant as the server's zone has it: {day: "2026-11-24", time: "13:05"}. */
export function when(at, zone) {
  const instant = parseInstant(at);
  if (!instant) return { day: NONE, time: '' };
  const local = zone ?? instant.zone;
  return { day: dayKey(instant.ms, local), time: clock(instant.ms, local).slice(0, 5) };
}

const DONE = { raised: 'feed.raised', claimed: 'feed.claimed', solved: 'feed.solved' };

/** What kind of thing happened: "共享活动". */
export function kindName(event) {
  if (event.kind === 'venue') return t(event.shared ? 'feed.venue' : 'feed.venue.off');
  if (event.kind === 'problem') return t(DONE[event.status] ?? 'feed.raised');
  if (event.kind === 'plan') return t(event.cancelled ? 'feed.plan.off' : 'feed.plan');
  return t(`feed.${event.kind}`);
}

/** The problem that an event speaks of, with its title: only "raised" bears one. */
export const problemOf = (event, state) =>
  (event.problem && state.problems?.problems?.find(({ problem }) => problem === event.problem)) || null;

/** What an event calls itself; ABOUT is the one that it speaks of, if known. */
export function titleOf(event, about) {
  if (event.kind === 'void') return event.reason ?? '';
  return event.title ?? event.name ?? about?.title ?? about?.name
    ?? event.venue ?? event.problem ?? event.activity ?? '';
}

/** Who and where: "第三小学 · 社区08 · 第二联盟圈". */
export function who(event, about, catalogue) {
  const names = catalogue?.byId;
  const of = (by) => event[by] ?? about?.[by];
  const name = (by) => names?.[by].get(of(by))?.name ?? of(by);
  const found = ['unit', 'community', 'circle', 'project'].map(name).filter(Boolean);
  return found.length ? found.join(' · ') : catalogue?.alliance.name ?? '';
}

/** The last recount in a line, and whether it found a difference. */
export function recountOf(recount, zone) {
  const { day, time } = when(recount?.at, zone);
  if (!time) return { text: t('recount.none'), differs: false };
  const differs = recount.differences > 0;
  const values = { time: `${day} ${time}`, n: count(recount.differences), events: count(recount.events) };
  return { text: t(differs ? 'drill.recount.differs' : 'drill.recount.agrees', values), differs };
}
