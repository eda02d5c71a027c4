// Ties the socket to the model and the model to the panels. Messages change the state at once;
// panels hear of the first change in the next animation frame, and of those that come close behind
// it together with the clock's next second: so a busy screen is painted once a second, not once
// for the clock and again for the figures. Each turn of the connection goes on by itself. They hear
// two events on the bus: "model" ({state, before}) and, each second of the server's clock, "tick"
// ({state, now}).

import { socketUrl } from './base.js';
import { Feed } from './feed.js';
import { initial, reduce, serverNow } from './model.js';

// Time since the page began is steady even when somebody sets this machine's clock.
const PACE = 1000; // ms: a change that comes sooner after a painting waits for the clock
const readerNow = () => performance.timeOrigin + performance.now();

export function wire(views) {
  const bus = new EventTarget();
  const feed = new Feed({ url: socketUrl(), views, now: readerNow });
  let state = initial();
  let shown = state;
  let due = 0;        // the animation frame that is asked for
  let waits = false;  // for the clock
  let painted = -PACE;

  function paint() {
    cancelAnimationFrame(due);
    due = 0;
    waits = false;
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
      paint();
    } else if (performance.now() - painted < PACE) {
      waits = true;
    } else {
      due ||= requestAnimationFrame(paint);
    }
  }

  function tick() {
    const now = readerNow();
    if (waits || due) paint(); // a page that nobody can see gets no animation frames
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
    look(wanted) {
      painted = -PACE; // who asks for something else doesn't wait for the clock
      return feed.look(wanted);
    },
    state: () => state,
    start() {
      feed.start();
      paint();
      tick();
    },
  };
}
