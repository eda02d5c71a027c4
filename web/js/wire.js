// Ties the socket to the model and the model to the panels. Messages change the state at once;
// panels hear of it in the next animation frame, but not oftener than eyes can follow: the first
// change goes on at once, those that come close behind it together. Each turn of the connection
// goes on by itself. They hear two events on the bus: "model" ({state, before}) and, each second of
// the server's clock, "tick" ({state, now}).

import { Feed } from './feed.js';
import { initial, reduce, serverNow } from './model.js';

// Time since the page began is steady even when somebody sets this machine's clock.
const PACE = 600; // ms between two paintings at least
const readerNow = () => performance.timeOrigin + performance.now();

export function wire(views) {
  const bus = new EventTarget();
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const feed = new Feed({ url: `${scheme}://${location.host}/ws`, views, now: readerNow });
  let state = initial();
  let shown = state;
  let due = 0;
  let painted = -PACE;

  function paint() {
    due = 0;
    painted = performance.now();
    const before = shown;
    shown = state;
    bus.dispatchEvent(new CustomEvent('model', { detail: { state, before } }));
  }

  function take(message) {
    const next = reduce(state, message);
    if (next === state) return;
    const turned = next.link !== state.link;
    state = next;
    if (turned) { // each time: a connection that came back soon may be to another build
      clearTimeout(due);
      paint();
      return;
    }
    due ||= setTimeout(() => requestAnimationFrame(paint),
                       Math.max(0, painted + PACE - performance.now()));
  }

  function tick() {
    const now = readerNow();
    bus.dispatchEvent(new CustomEvent('tick', { detail: { state, now } }));
    setTimeout(tick, 1000 - (serverNow(state, now) % 1000) + 5);
  }

  for (const type of ['snapshot', 'delta', 'status', 'connection']) {
    feed.addEventListener(type, (event) => take(event.detail));
  }
  addEventListener('online', () => feed.hurry());

  return {
    bus,
    take,
    look: (wanted) => feed.look(wanted),
    state: () => state,
    start() {
      if (!due) painted = -PACE;
      feed.start();
      paint();
      tick();
    },
  };
}
