// What the drill-down shows, as the page's address says it: "#range=month&circle=c3&metric=venues".
// Pure. Whatever an address holds that isn't known here is passed over.

import { METRICS } from './contribution.js';

export { METRICS };
/** Headline numbers that the catalogue gives, not the events. */
export const LISTS = ['units', 'projects'];
export const DIMENSIONS = ['circle', 'community', 'unit', 'project', 'category'];
/** In the order of the keys 1 to 5. */
export const RANGES = ['all', 'today', 'week', 'month', 'year'];

const EVENT_ID = /^[\w.:-]{1,64}$/;
const PERIOD = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;

/** How many days the month "2026-02" has. */
export function daysIn(month) {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** "2026", "2026-11", "2026-11-24": a year, month or day that there is. */
export function isPeriod(text) {
  const [, year, month, day] = PERIOD.exec(text) ?? [];
  if (!year || year < '1000') return false;
  if (!month) return true;
  return month >= '01' && month <= '12'
    && (!day || (day >= '01' && Number(day) <= daysIn(`${year}-${month}`)));
}

export const isRange = (text) => RANGES.includes(text) || isPeriod(text);

/** The view that an address asks for, or null if it asks for none. */
export function readView(hash, catalogue) {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const take = (name, is) => (is(asked.get(name) ?? '') ? asked.get(name) : null);
  const range = take('range', isRange);
  const metric = take('metric', (name) => METRICS.includes(name) || LISTS.includes(name));
  const event = take('event', (id) => EVENT_ID.test(id));
  const by = DIMENSIONS.find((name) => catalogue.byId[name].has(asked.get(name))) ?? null;
  if (!range && !metric && !event && !by) return null;
  const listed = by && LISTS.includes(metric); // the lists are the whole alliance's
  return { range: range ?? 'all', by, id: by && asked.get(by), event,
           metric: (listed ? null : metric) ?? METRICS[0] };
}

/** The address of a view; CHANGES to it if given. */
export function addressOf(view, changes = {}) {
  const { range, by, id, metric, event } = { ...view, ...changes };
  const parts = [['range', range], [by, id], ['metric', metric], ['event', event]];
  return `#${parts.filter(([name, value]) => name && value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/** The same view of a district's member on its own SCREEN, where it is the whole; null if that is no
 * address of a page. */
export function screenAddress(screen, { range, metric }) {
  return /^https?:\/\//.test(screen ?? '')
    ? screen.split('#')[0] + addressOf({ range, metric, by: null, id: null, event: null }) : null;
}

/** The same place, whatever is shown of it: its totals are the same. */
export const samePlace = (a, b) => a?.range === b?.range && a?.by === b?.by && a?.id === b?.id;

/** What stands around the thing a view is about, by the catalogue: its NAME, the KIND of thing it
 * is, what it belongs to (ABOVE), what it is divided into (PARTS, with figures of their own) and
 * what it has to do with beside (BESIDE). Of a DISTRICT communities are streets, and STREETS are
 * those that it is the sum of. */
export function placeOf(view, catalogue, district = false) {
  const { by, id } = view;
  const thing = by ? catalogue.byId[by].get(id) : catalogue.alliance;
  const found = { name: thing.name, kind: by ?? 'alliance', above: [], parts: [], beside: [], thing };
  const whole = { by: null, id: null, name: catalogue.alliance.name };
  if (by) found.above.push(whole);
  const parent = { community: 'circle', project: 'category' }[by];
  const above = parent && catalogue.byId[parent].get(thing[parent]);
  if (above) found.above.push({ by: parent, id: above.id, name: above.name });
  fill(found, view, catalogue, thing);
  return district ? asDistrict(found, view, catalogue) : found;
}

// What else a street has, it has on its own screen.
function asDistrict(found, { by, id }, { communities }) {
  const inside = { circle: (one) => one.circle === id, community: (one) => one.id === id }[by];
  return { ...found, kind: by === 'community' ? 'street' : found.kind, beside: [],
           parts: found.parts.filter((part) => part.by === 'circle' && part.list.length),
           streets: inside ? communities.filter(inside) : communities };
}

function fill(found, { by, id }, catalogue, thing) {
  const part = (name, list) => ({ by: name, list });
  if (!by) found.parts = [part('circle', catalogue.circles), part('category', catalogue.categories)];
  if (by === 'circle') found.parts = [part('community', catalogue.communities.filter((c) => c.circle === id))];
  if (by === 'category') found.parts = [part('project', catalogue.projects.filter((p) => p.category === id))];
  if (by === 'unit') found.beside = [part('project', catalogue.projects.filter((p) => p.units?.includes(id)))];
  if (by === 'project') {
    found.beside = [part('unit', (thing.units ?? []).map((unit) => catalogue.byId.unit.get(unit)).filter(Boolean))];
  }
}
