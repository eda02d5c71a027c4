// Where the figures come from. What moves most comes by the socket, which bears eight views; other
// views, and what the socket doesn't know, are asked for again when something has changed, and not
// oftener than each can bear.

import { addDays, addMonths, dayKey } from './format.js';
import { loader } from './load.js';
import { serverNow } from './model.js';

const LIVE = 8;
const SPANS = { day: 30, month: 12 };
const SECOND = 1000;

const firstDay = (step, day) => (step === 'day' ? addDays(day, 1 - SPANS.day)
  : `${addMonths(day.slice(0, 7), 1 - SPANS.month)}-01`);

const trendSource = (step, metric) => ({
  path: (day) => `trend?metric=${metric}&step=${step}&from=${firstDay(step, day)}&to=${day}`,
  take: ({ points }) => ({ type: 'trend', step, metric, points }),
  key: (state, day) => `${day}|${state.epoch}`, every: 2 * SECOND, atLeast: 600 * SECOND,
});

// The newest event of those kinds that the feed holds, and what it may have missed.
const newest = (state, ...kinds) => state.feed.find(({ kind }) => kinds.includes(kind))?.id ?? '';
const solvedOf = ({ views }) => ['problems_raised', 'problems_solved']
  .map((metric) => views['all|']?.totals[metric]).join();

// path(day): what is asked; take(answer): the message for the model; key(state, day): asked again
// when this differs; every: but not oftener; atLeast: and without a reason so often.
const known = {
  catalogue: { path: () => 'catalogue', take: (catalogue) => ({ type: 'catalogue', catalogue }),
               key: (state, day) => `${day}|${state.epoch}|${state.version}`, every: 2 * SECOND,
               atLeast: 600 * SECOND },
  before: { path: (day) => `totals?range=${addDays(day, -1)}`,
            take: ({ range, totals }) => ({ type: 'before', day: range, totals }),
            key: (state, day) => `${day}|${state.epoch}`, every: 2 * SECOND,
            atLeast: 600 * SECOND },
  problems: { path: () => 'problems', take: (answer) => ({ type: 'problems', ...answer }),
              key: (state) => `${newest(state, 'problem', 'void')}|${solvedOf(state)}`,
              every: 10 * SECOND, atLeast: 120 * SECOND },
  plans: { path: (day) => `plans?from=${day}&to=${addDays(day, 30)}`,
           take: ({ plans }) => ({ type: 'plans', plans }),
           key: (state, day) => `${day}|${newest(state, 'plan', 'void')}`,
           every: 10 * SECOND, atLeast: 120 * SECOND },
  venues: { path: () => 'events?metric=venues&limit=1000',
            take: ({ events }) => ({ type: 'venues', venues: events }),
            key: (state) => `${state.epoch}|${state.views['all|']?.totals.venues}`,
            every: 10 * SECOND, atLeast: 600 * SECOND },
  recount: { path: () => 'recount', take: ({ recount }) => ({ type: 'recount', recount }),
             key: (state) => state.epoch, every: 5 * SECOND, atLeast: 60 * SECOND },
  'trend-day-activities': trendSource('day', 'activities'),
  'trend-day-residents': trendSource('day', 'residents'),
  'trend-month-activities': trendSource('month', 'activities'),
  'trend-month-residents': trendSource('month', 'residents'),
};

const viewSource = ({ range, by }) => ({
  path: () => `totals?range=${range}${by ? `&by=${by}` : ''}`,
  take: (answer) => ({ type: 'view', range, by: by ?? null, answer }),
  key: (state, day) => `${day}|${state.rev}`, every: 5 * SECOND, atLeast: 120 * SECOND,
});

/** TAKE brings a message to the model. use(needs) gives the views for the socket. */
export function createSources(take) {
  let active = [];

  const begin = (source) => ({ ...source, asked: -Infinity, was: undefined,
                               load: loader((answer) => take(source.take(answer))) });

  function use({ views, sources }) {
    const names = ['catalogue', 'before', ...sources].filter((name, i, all) => all.indexOf(name) === i);
    const kept = new Map(active.map((one) => [one.name, one]));
    const wanted = [...names.map((name) => [name, known[name]]),
                    ...views.slice(LIVE).map((view) => [`${view.range}|${view.by ?? ''}`, viewSource(view)])];
    active = wanted.map(([name, source]) => kept.get(name) ?? { ...begin(source), name });
    return views.slice(0, LIVE);
  }

  /** To be called when something may have changed, and at each tick. */
  function refresh(state, now) {
    if (state.link !== 'live') {
      for (const source of active) source.was = undefined;
      return;
    }
    const day = dayKey(serverNow(state, now), state.zone);
    for (const source of active) {
      const key = source.key(state, day);
      const since = now - source.asked;
      const due = key !== source.was ? since >= source.every : since >= source.atLeast;
      if (!due && source.was !== undefined) continue;
      source.was = key;
      source.asked = now;
      source.load(source.path(day));
    }
  }

  return { use, refresh };
}
