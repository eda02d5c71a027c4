// Whether all that the cockpit needs is there, each said by mark and word: yes, no, or not granted
// by this address, which is no fault.

import { pagePath, socketUrl } from '../base.js';
import { el, put, say } from '../dom.js';
import { age } from '../format.js';
import { t } from '../i18n.js';
import { Feed } from '../feed.js';
import { clockOff, condition, initial, reduce } from '../model.js';
import { lastCheck } from '../unattended/self.js';

const EVERY = 5000;
const MARKS = { good: '✓', bad: '✗', none: '–', wait: '…' };
const LINES = ['server', 'store', 'socket', 'clock', 'layout', 'worker', 'awake', 'self'];

const readerNow = () => performance.timeOrigin + performance.now();
const reaches = (path) => fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(4000) })
  .then(({ ok }) => ok, () => false);

const span = (ms) => {
  const { unit, n } = age(Math.abs(ms));
  return t(`age.span.${unit}`, { n });
};

/** A socket of the page's own, to see it live. */
function connection() {
  let state = initial();
  const feed = new Feed({ url: socketUrl(), views: [{ range: 'all' }],
                          now: readerNow });
  for (const type of ['snapshot', 'delta', 'status', 'connection']) {
    feed.addEventListener(type, ({ detail }) => { state = reduce(state, detail); });
  }
  feed.start();
  return () => state;
}

async function worker() {
  if (!navigator.serviceWorker) return ['none', t('check.trusted')];
  const kept = await navigator.serviceWorker.register(pagePath('/sw.js'), { updateViaCache: 'none' })
    .catch(() => null);
  if (!kept) return ['bad', t('check.worker.bad')];
  return kept.active ? ['good', t('check.worker.good')] : ['wait', t('check.wait')];
}

async function awake() {
  if (!navigator.wakeLock) return ['none', t('check.trusted')];
  const lock = await navigator.wakeLock.request('screen').catch(() => null);
  await lock?.release();
  return lock ? ['good', t('check.awake.good')] : ['bad', t('check.awake.bad')];
}

function socket(state) {
  const how = condition(state, readerNow());
  return [how === 'live' ? 'good' : how === 'loading' ? 'wait' : 'bad', t(`link.${how}`)];
}

function clock(state) {
  if (state.offset === null) return ['wait', t('check.wait')];
  const off = clockOff(state, readerNow(), Date.now());
  return off ? ['bad', t('check.clock.bad', { off: span(off) })] : ['good', t('check.clock.good')];
}

function layout(complaints) {
  if (!complaints.length) return ['good', t('check.layout.good')];
  return ['bad', t('check.layout.bad', { n: complaints.length, at: complaints[0].at })];
}

function selfCheck() {
  const last = lastCheck();
  return last ? ['good', t('check.self.last', { at: last.at.slice(0, 10), hours: last.hours,
                                                heap: last.heap, nodes: last.nodes })]
    : ['none', t('check.self.none')];
}

function mountLine(name) {
  const mark = el('b', { 'aria-hidden': 'true' }, MARKS.wait);
  const words = el('span', null, t('check.wait'));
  const node = el('li', { 'data-line': name, 'data-state': 'wait' }, mark,
                  el('strong', null, t(`check.line.${name}`)), words);
  return { node, show([state, text]) {
    put(node, 'data-state', state);
    say(mark, MARKS[state]);
    say(words, text);
  } };
}

/** {node, start()}: the plate, and its life. */
export function readiness(complaints) {
  const lines = Object.fromEntries(LINES.map((name) => [name, mountLine(name)]));
  const node = el('section', { class: 'plate ready' }, el('h2', null, t('check.ready')),
                  el('ul', null, ...Object.values(lines).map((line) => line.node)));
  let state = initial;

  async function look() {
    const [server, store] = await Promise.all([reaches('/healthz'), reaches('/readyz')]);
    lines.server.show(server ? ['good', t('check.server.good')] : ['bad', t('check.server.bad')]);
    lines.store.show(store ? ['good', t('check.store.good')] : ['bad', t('check.store.bad')]);
    lines.worker.show(await worker());
    lines.awake.show(await awake());
  }

  function follow() {
    lines.socket.show(socket(state()));
    lines.clock.show(clock(state()));
  }

  return {
    node,
    start() {
      state = connection();
      lines.layout.show(layout(complaints));
      lines.self.show(selfCheck());
      look();
      setInterval(look, EVERY);
      setInterval(follow, 500);
    },
  };
}
