// The events that others speak of: a reach's activity bears the title, not the reach. They are
// looked up when a line that speaks of one comes into sight, a few at a time, and kept.

import { ask } from './ask.js';

const KEPT = 400;
const AT_ONCE = 4;

/** about(event): what it speaks of, if known. watch(node, event, take): tells TAKE once NODE is
 * seen and the event is known. */
export function createAbouts() {
  const known = new Map(); // id → event, or null if there is none
  const waiting = [];
  let busy = 0;
  const wishes = new WeakMap();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      waiting.push(wishes.get(target));
    }
    work();
  });

  const idOf = (event) => event.activity ?? event.of ?? null;

  function keep(id, event) {
    known.set(id, event);
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }

  async function look(id) {
    if (!known.has(id)) {
      try {
        keep(id, (await ask(`events/${encodeURIComponent(id)}`)).event);
      } catch (error) {
        if (error.status === 404) keep(id, null);
      }
    }
    return known.get(id) ?? null;
  }

  async function work() {
    while (busy < AT_ONCE && waiting.length) {
      const { node, id, take } = waiting.shift();
      if (!node.isConnected) continue;
      busy += 1;
      look(id).then((event) => {
        busy -= 1;
        if (event && node.isConnected) take(event);
        work();
      });
    }
  }

  return {
    about: (event) => known.get(idOf(event)) ?? null,
    learn: (events) => events.forEach((event) => event.kind === 'activity' && keep(event.id, event)),
    watch(node, event, take) {
      const id = idOf(event);
      if (!id) return;
      wishes.set(node, { node, id, take });
      observer.observe(node);
    },
    clear() {
      observer.disconnect();
      waiting.length = 0;
      known.clear();
    },
  };
}
