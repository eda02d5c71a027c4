// What a page that opens without a network begins with: the last figures, names and lists, kept by
// this browser, and how far its clock is off.

import { serverNow } from '../model.js';
import { keep, recall } from './kept.js';

const EVERY = 10000; // ms

const namesOf = ({ text, byId, ...list }) => list;

function part(state) {
  const { asOf, zone, views, catalogue, plans, problems, venues } = state;
  return { asOf, zone, catalogue: namesOf(catalogue), plans, venues,
           views: Object.fromEntries(['all|', 'today|'].map((key) => [key, views[key]])
             .filter(([, view]) => view)),
           problems: problems && { problems: problems.problems.filter(({ status }) => status !== 'solved')
             .slice(0, 200) } };
}

/** Gives now() and zone(), which hold without a network too, and keeps what LINK brings. */
export function createMemory(link) {
  const told = recall('clock', { ahead: 0, zone: null });
  let offset = null;
  let saved = 0;

  // By the wall clock: the one that a page counts by itself stands still while a phone sleeps.
  const now = () => Date.now() + told.ahead;
  const zone = () => link.state().zone ?? told.zone ?? -new Date().getTimezoneOffset();

  function learn(state) {
    if (state.offset === null || state.offset === offset) return;
    offset = state.offset;
    told.ahead = Math.round(serverNow(state, performance.timeOrigin + performance.now()) - Date.now());
    told.zone = state.zone;
    keep('clock', told);
  }

  link.bus.addEventListener('model', ({ detail: { state } }) => {
    learn(state);
    if (state.link !== 'live' || !state.catalogue || Date.now() - saved < EVERY) return;
    saved = Date.now();
    keep('memory', part(state));
  });

  return {
    now, zone,
    begin() {
      const kept = recall('memory');
      if (kept?.catalogue) link.take({ type: 'remembered', kept });
    },
  };
}
