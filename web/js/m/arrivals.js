// What a link or a scanned code brings: somebody signs in, a resident checks in, or somebody looks
// at what was announced. Each is a card above the rest of the first view, until the page is left.

import { el } from '../dom.js';
import { announced } from './announced.js';
import { checkIn } from './checkin.js';
import { signIn } from './signin.js';
import { card } from './ui.js';

const takers = { in: signIn, c: checkIn, plan: announced };

export function arrivals(app) {
  const node = el('div', { class: 'arrivals', role: 'status' });
  let draw = () => [];

  /** DRAW gives the card's nodes, and is asked again when they may be called otherwise. */
  function show(next = draw) {
    draw = next;
    const parts = draw();
    node.replaceChildren(...(parts.length ? [card(null, ...parts)] : []));
  }

  app.link.bus.addEventListener('model', ({ detail: { state, before } }) => {
    if (state.catalogue !== before.catalogue) show(); // ids have names now
  });

  return {
    node,
    build: () => show(),
    take(address) {
      const [[name, value]] = Object.entries(address);
      takers[name](app, show, value);
    },
  };
}
