// "Where does this number come from?" The address says what is asked, the drawer answers. While it
// is open the page's root bears data-drill.

import { createDrawer } from './drawer.js';
import { addressOf, METRICS, RANGES, readView } from './view.js';
import { createTrail } from './trail.js';

const PICK = '6';
const readerNow = () => performance.timeOrigin + performance.now();
const typing = (node) => node?.closest?.('input, textarea, select, [contenteditable]');

export const isOpen = () => document.documentElement.hasAttribute('data-drill');

/** Begins it on the cockpit; gives the drawer, whose table() is the list of events it shows. */
export function begin({ link, screen }) {
  const host = document.getElementById('stage');
  const trail = createTrail(() => follow());
  const drawer = createDrawer({ host, screen, go: trail.go, close: trail.close });

  let wish = null; // what is to be done once the drawer shows what was asked

  // What an address names is known by the catalogue: without one it has to wait.
  function follow() {
    const state = link.state();
    if (!state.catalogue || state.rev === null) return;
    const view = readView(location.hash, state.catalogue);
    if (!view) return drawer.hide();
    drawer.show(view, state, readerNow());
    wish?.();
    wish = null;
  }

  const whole = { by: null, id: null, metric: METRICS[0], event: null };

  function choose(key) {
    const view = drawer.view();
    if (key !== PICK) return trail.go(addressOf(view ?? whole, { range: RANGES[key - 1], event: null }));
    if (view && !view.event) return drawer.pick();
    wish = drawer.pick;
    return trail.go(addressOf(view ?? whole, { range: view?.range ?? 'all', event: null }));
  }

  const keys = {
    Escape: () => drawer.view() && (drawer.fold() || trail.close()),
    ArrowLeft: () => drawer.view() && drawer.next(-1),
    ArrowRight: () => drawer.view() && drawer.next(1),
  };

  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]')) return;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Tab' && drawer.view()) return drawer.keepFocus(event);
    if (typing(event.target)) return;
    const act = /^[1-6]$/.test(event.key) ? () => choose(event.key) : keys[event.key];
    if (!act || event.shiftKey || (!drawer.view() && event.key.length > 1)) return;
    event.preventDefault();
    act();
  });

  link.bus.addEventListener('model', ({ detail: { state } }) => {
    first(state);
    drawer.refresh(state, readerNow());
  });
  link.bus.addEventListener('tick', ({ detail }) => drawer.refresh(detail.state, detail.now));

  // A shared address is followed as soon as it can be understood.
  let waited = false;
  function first(state) {
    if (waited || !state.catalogue || state.rev === null) return;
    waited = true;
    follow();
  }
  return { ...drawer, isOpen, follow };
}
