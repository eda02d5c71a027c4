// The last figures, kept in this browser under one key of bounded size, so that a page that begins
// while the server is away shows them, marked as old, rather than nothing.

import { keptName } from '../base.js';
import { dayKey } from '../format.js';
import { KEPT_BESIDE } from '../model.js';

const KEY = keptName('last-known');
const FORM = 1;             // of what is kept; another form is forgotten
const EVERY = 30000;
const MOST = 256 * 1024;    // characters
const PERIODS = { day: 10, month: 7 }; // how much of "2026-11-24" tells the period

const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));

function listOf({ text, byId, ...list }) {
  return list;
}

/** What is worth keeping of STATE, as text no longer than MOST; null if there is nothing to keep. */
export function packed(state, most = MOST) {
  if (state.epoch === null || state.asOf === null) return null;
  const all = Object.entries(state.views).filter(([key]) => key.startsWith('all|'));
  const base = { form: FORM, asOf: state.asOf, zone: state.zone, offset: state.offset };
  const catalogue = state.catalogue && listOf(state.catalogue);
  const forms = [
    { ...base, catalogue, views: state.views, ...pick(state, KEPT_BESIDE) },
    { ...base, catalogue, views: Object.fromEntries(all) },
    { ...base, views: pick(state.views, ['all|']) },
  ];
  return forms.map((form) => JSON.stringify(form)).find((text) => text.length <= most) ?? null;
}

// Figures of a day or month that is over are no longer today's.
function holds(key, kept, now) {
  const period = { today: PERIODS.day, week: PERIODS.day, month: PERIODS.month }[key.split('|')[0]];
  const day = (ms) => dayKey(ms, kept.zone).slice(0, period);
  return !period || day(kept.asOf) === day(now + (kept.offset ?? 0));
}

/** What TEXT kept, as far as it still holds at the reader's NOW; null if it can't be used. */
export function unpacked(text, now) {
  try {
    const kept = JSON.parse(text);
    if (kept?.form !== FORM || !kept.views?.['all|']?.totals) return null;
    const views = Object.fromEntries(Object.entries(kept.views).filter(([key]) => holds(key, kept, now)));
    return { ...kept, views, before: holds('today|', kept, now) ? kept.before : null };
  } catch {
    return null;
  }
}

export function memory({ link }) {
  const text = localStorage.getItem(KEY);
  const kept = text && unpacked(text, Date.now());
  // Taken out first and put back once the page runs: a memory that breaks the page isn't met twice.
  localStorage.removeItem(KEY);
  if (kept) link.take({ type: 'remembered', kept });
  let savedAt = performance.now();
  let first = Boolean(kept);

  function save(state) {
    const now = packed(state);
    if (!now) return;
    savedAt = performance.now();
    try {
      localStorage.setItem(KEY, now);
    } catch {
      localStorage.removeItem(KEY); // no room: nothing is better than half
    }
  }

  link.bus.addEventListener('tick', ({ detail: { state } }) => {
    if (first) localStorage.setItem(KEY, text);
    first = false;
    if (performance.now() - savedAt >= EVERY) save(state);
  });
  addEventListener('pagehide', () => save(link.state()));
}

