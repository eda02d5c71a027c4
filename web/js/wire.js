// Ties the socket to the model and the model to the panels. Messages change the state at once;
// panels hear of it once an animation frame, however many messages came. They hear two events on
// the bus: "model" ({state, before}) and, each second of the server's clock, "tick" ({state, now}).

import { Feed } from './feed.js';
import { initial, reduce, serverNow } from './model.js';

// Time since the page began is steady even when somebody sets this machine's clock.
const readerNow = () => performance.timeOrigin + performance.now();

export function wire(views) {
  const bus = new EventTarget();
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const feed = new Feed({ url: `${scheme}://${location.host}/ws`, views, now: readerNow });
  let state = initial();
  let shown = state;
  let frame = 0;

  function paint() {
    frame = 0;
    const before = shown;
    shown = state;
    bus.dispatchEvent(new CustomEvent('model', { detail: { state, before } }));
  }

  function take(message) {
    const next = reduce(state, message);
    if (next === state) return;
    state = next;
    frame ||= requestAnimationFrame(paint);
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
    state: () => state,
    start() {
      feed.start();
      paint();
      tick();
    },
  };
}
