// The cockpit: which views it looks at, which panels it has, and what it loads beside the socket.

import { addDays, addMonths, dayKey } from './format.js';
import { loader } from './load.js';
import { serverNow } from './model.js';
import { fit } from './stage.js';
import { wire } from './wire.js';
import { mountCategories } from './panels/categories.js';
import { mountCircles } from './panels/circles.js';
import { mountClock } from './panels/clock.js';
import { mountConnection } from './panels/connection.js';
import { mountFeed } from './panels/feed.js';
import { mountHeadline } from './panels/headline.js';
import { mountTitle } from './panels/title.js';
import { mountTrend } from './panels/trend.js';

const VIEWS = [
  { range: 'all' }, { range: 'today' }, { range: 'month' },
  { range: 'all', by: 'circle' }, { range: 'today', by: 'circle' },
  { range: 'all', by: 'category' }, { range: 'today', by: 'category' },
  { range: 'today', by: 'community' },
];

const PANELS = {
  title: mountTitle,
  clock: mountClock,
  connection: mountConnection,
  headline: mountHeadline,
  trend: mountTrend,
  circles: mountCircles,
  feed: mountFeed,
  'round-new': (host, bus) => mountCategories(host, bus, 'new'),
  'round-first': (host, bus) => mountCategories(host, bus, 'first'),
};

const REFRESH = 10 * 60 * 1000; // what the socket doesn't bring is asked for again
const SPANS = { day: 30, month: 12 };
let span = 'day';

const { bus, take, state, start } = wire(VIEWS);

const load = {
  catalogue: loader((catalogue) => take({ type: 'catalogue', catalogue })),
  before: loader(({ range, totals }) => take({ type: 'before', day: range, totals })),
};
for (const step of Object.keys(SPANS)) {
  for (const metric of ['activities', 'residents']) {
    load[`${step}|${metric}`] = loader(({ points }) => take({ type: 'trend', step, metric, points }));
  }
}

function loadTrend(step, day) {
  const from = step === 'day' ? addDays(day, 1 - SPANS.day)
    : `${addMonths(day.slice(0, 7), 1 - SPANS.month)}-01`;
  for (const metric of ['activities', 'residents']) {
    load[`${step}|${metric}`](`trend?metric=${metric}&step=${step}&from=${from}&to=${day}`);
  }
}

// Loaded anew when the day turns, when a connection begins or another history does, and at times.
const loaded = { day: null, epoch: null, link: null, at: 0 };

function refresh(now) {
  const current = state();
  if (current.link !== 'live') {
    loaded.link = current.link;
    return;
  }
  const day = dayKey(serverNow(current, now), current.zone);
  const same = loaded.day === day && loaded.epoch === current.epoch && loaded.link === 'live';
  if (same && now - loaded.at < REFRESH) return;
  Object.assign(loaded, { day, epoch: current.epoch, link: 'live', at: now });
  load.catalogue('catalogue');
  load.before(`totals?range=${addDays(day, -1)}`);
  loadTrend(span, day);
}

// A panel's wish for another span.
document.addEventListener('wish-trend', ({ detail }) => {
  span = detail.step;
  if (loaded.day) loadTrend(span, loaded.day);
});

fit(document.getElementById('stage'));
for (const host of document.querySelectorAll('[data-panel]')) {
  PANELS[host.dataset.panel](host, bus);
}
bus.addEventListener('model', () => refresh(performance.timeOrigin + performance.now()));
bus.addEventListener('tick', ({ detail }) => refresh(detail.now));
start();
