// What the screen knows, as one plain value, and how each message changes it. Pure: no page, no
// socket, no clock. A message that tells nothing new gives back the very same state, so "has it
// changed?" is one comparison. Absolute values come in; nothing is ever added up here, but for
// putting the newest view in the place of a trend's last point.

import { parseInstant, dayKey, monthKey } from './format.js';

export const FEED_SIZE = 20;
/** After so long without a connection it is no longer "reconnecting" but offline. */
export const OFFLINE_AFTER = 60000;
/** The server proves every 15 s at the latest that it shows what the store holds. Figures without
 * such a proof for this long may be old, however lively the connection is. */
export const STALE_AFTER = 40000;
const UNTOLD = 20000;
// A server whose proof is older than this, by its own clock, doesn't keep up with its store.
const KEEPS_UP = 10000;

export const viewKey = (range, by) => `${range}|${by ?? ''}`;

export function initial() {
  return {
    link: 'connecting', // connecting, live, lost
    lostAt: null,       // when the link went, by the reader's clock
    barred: null,       // why the server shows nothing: needed, bad, lost, busy (somebody must sign in)
    epoch: null,
    rev: null,
    asOf: null,         // instant up to which the figures are known to hold
    behind: 0,          // how far the server's last proof was behind its clock, ms
    pausedAt: null,     // asOf when the store was last away: only what is newer is live again
    remembered: false,  // the figures are this browser's memory of earlier ones
    restored: null,     // {at, of}: when figures fell with a new epoch, and the newest event then
    offset: null,       // server's clock minus the reader's, ms
    zone: null,         // server's offset from UTC, minutes
    store: null,        // up, down; null while nothing is connected
    queued: 0,
    version: null,
    order: [],          // keys of the views in the order of the last snapshot
    views: {},          // key → {range, by, totals, groups: {id: {metric: n}}}
    feed: [],           // newest first
    members: null,      // of a district: [{id, state, as_of, units, projects, screen}]; else null
    catalogue: null,
    trends: {},         // "day|activities" → [{date, value}]
    before: null,       // {day, totals}: how yesterday ended
    problems: null,     // {problems: [...], counts} as the server tells them
    plans: null,        // what comes, by its start
    venues: null,       // events of the venues that are shared now
    recount: null,      // {at, rev, differences}: the last recount
  };
}

/** What of a state is worth keeping for a page that begins without a server, beside its views. */
export const KEPT_BESIDE = ['feed', 'members', 'trends', 'problems', 'plans', 'venues', 'before', 'recount'];

const steps = { snapshot, delta, status, connection, remembered, catalogue, trend, before, view,
                problems: kept('problems', ({ type, received, ...rest }) => rest),
                plans: kept('plans', ({ plans }) => plans),
                venues: kept('venues', ({ venues }) => venues),
                recount: kept('recount', ({ recount }) => recount),
                barred: kept('barred', ({ why }) => why) };

/** The next state. Messages are the server's, with `received` (the reader's clock) added. */
export function reduce(state, message) {
  return Object.hasOwn(steps, message?.type) ? steps[message.type](state, message) : state;
}

function snapshot(state, message) {
  const views = message.epoch === state.epoch ? { ...state.views } : {};
  const order = [];
  for (const view of message.views ?? []) {
    const key = viewKey(view.range, view.by);
    order.push(key);
    if (isEmpty(view.totals) && views[key]) continue; // an answer without figures isn't a zero
    views[key] = { range: view.range, by: view.by || null, totals: view.totals ?? {},
                   groups: groupsOf(view.groups) };
  }
  const next = {
    ...state, ...timed(state, message.as_of, message.received),
    link: 'live', lostAt: null, barred: null, remembered: false, epoch: message.epoch, rev: message.rev,
    order, views, feed: merge([], message.events),
    members: shared(message.members ?? null, state.members),
  };
  return { ...next, restored: fell(state, next) ? restoration(next, message) : state.restored };
}

const isEmpty = (totals) => Object.keys(totals ?? {}).length === 0;

// Only a new epoch may let figures fall: the store was restored, or began anew.
function fell(before, now) {
  if (before.epoch === null || before.epoch === now.epoch) return false;
  const [then, all] = [totals(before, 'all'), totals(now, 'all')];
  return Object.entries(then ?? {}).some(([metric, n]) => all?.[metric] < n);
}

function restoration(state, { received }) {
  const times = state.feed.map(({ at }) => parseInstant(at)?.ms).filter((ms) => ms !== undefined);
  return { at: received, of: times.length ? Math.max(...times) : null };
}

/** What this browser kept of an earlier hour: shown until the server tells better. */
function remembered(state, { kept }) {
  if (state.epoch !== null || state.remembered) return state;
  const { asOf, zone, views, catalogue } = kept;
  const beside = Object.entries(kept)
    .filter(([name, value]) => KEPT_BESIDE.includes(name) && value);
  return { ...state, ...Object.fromEntries(beside), remembered: true, asOf, zone, views,
           catalogue: catalogue ? index(catalogue, JSON.stringify(catalogue)) : state.catalogue };
}

function groupsOf(list) {
  return Object.fromEntries((list ?? []).map(({ id, name, ...figures }) => [id, figures]));
}

function delta(state, message) {
  if (message.epoch !== state.epoch || message.prev !== state.rev) return state;
  const views = { ...state.views };
  (message.views ?? []).forEach((change, i) => {
    const key = change.range ? viewKey(change.range, change.by) : state.order[i];
    if (views[key]) views[key] = patch(views[key], change);
  });
  return {
    ...state, ...timed(state, message.as_of, message.received),
    rev: message.rev, views, feed: merge(state.feed, message.events),
  };
}

function patch(view, change) {
  const groups = { ...view.groups };
  for (const [id, figures] of Object.entries(groupsOf(change.groups))) {
    groups[id] = { ...groups[id], ...figures };
  }
  return { ...view, totals: { ...view.totals, ...change.totals }, groups };
}

/** Newest first, one line an id, and no more than a screen can show. */
function merge(feed, events) {
  if (!events?.length) return feed;
  const seen = new Set();
  return [...events, ...feed]
    .filter((event) => event?.id && !seen.has(event.id) && seen.add(event.id))
    .slice(0, FEED_SIZE);
}

// A delta says no time of its own: that it came proves the whole way from the store, so it holds
// for the moment in which it arrives, once the server's clock is known; unless the server itself
// has said that it lags behind its store. Of a district it proves the way from one member only.
function timed(state, asOf, received) {
  const told = parseInstant(asOf);
  const known = state.offset !== null && state.behind < KEEPS_UP && !state.members;
  const arrived = known ? Math.max(state.asOf, received + state.offset) : state.asOf;
  return { asOf: told?.ms ?? arrived, zone: told?.zone ?? state.zone };
}

function status(state, message) {
  const now = parseInstant(message.now);
  const told = parseInstant(message.as_of);
  const behind = now && told ? now.ms - told.ms : state.behind;
  const asOf = state.remembered ? state.asOf : proven(state, told, now, behind);
  return {
    ...state, behind, asOf, pausedAt: message.store === 'down' ? asOf : state.pausedAt,
    store: message.store, queued: message.queued ?? 0, version: message.version ?? state.version,
    offset: now ? now.ms - message.received : state.offset,
    zone: now?.zone ?? state.zone,
    members: shared(message.members ?? state.members, state.members),
  };
}

// A proof that is a little older than the last delta takes nothing back. A district's is that of
// the live member that is furthest behind, and may go back with a member that returns.
function proven(state, told, now, behind) {
  if (!told) return state.asOf;
  if (state.members) return told.ms;
  return behind < KEEPS_UP && now ? Math.min(now.ms, Math.max(told.ms, state.asOf)) : told.ms;
}

// Open says only that the socket is; what it brings makes the screen live again.
function connection(state, message) {
  if (message.link !== 'lost' || state.link === 'lost') return state;
  return { ...state, link: 'lost', lostAt: message.since ?? message.received, store: null, pausedAt: null };
}

/** A step that keeps what it is given under NAME, unless it is the same. */
function kept(name, value) {
  return (state, message) => {
    const next = shared(value(message), state[name]);
    return next === state[name] ? state : { ...state, [name]: next };
  };
}

// NEXT with those parts of BEFORE that are the same, down to a list's rows wherever they stand: a
// thousand rows that are asked for all day are then held once, however many states know them.
function shared(next, before) {
  if (!isHolder(next) || !isHolder(before)) return next;
  if (Array.isArray(next)) {
    const known = new Map(before.map?.((row) => [JSON.stringify(row), row]));
    const rows = next.map((row) => known.get(JSON.stringify(row)) ?? row);
    return rows.length === before.length && rows.every((row, i) => row === before[i]) ? before : rows;
  }
  const names = Object.keys(next);
  const made = Object.fromEntries(names.map((name) => [name, shared(next[name], before[name])]));
  const same = names.length === Object.keys(before).length
    && names.every((name) => made[name] === before[name]);
  return same ? before : made;
}

const isHolder = (v) => v !== null && typeof v === 'object';

// A view that the socket doesn't bring. One that is older than what is shown tells nothing.
function view(state, { range, by, answer }) {
  const key = viewKey(range, by);
  if (answer.epoch !== state.epoch || state.order.includes(key) || isEmpty(answer.totals)) return state;
  const was = state.views[key];
  if (was?.rev > answer.rev) return state;
  const next = { range, by, rev: answer.rev, totals: answer.totals, groups: groupsOf(answer.groups) };
  return { ...state, views: { ...state.views, [key]: next } };
}

function catalogue(state, message) {
  const text = JSON.stringify(message.catalogue);
  if (text === state.catalogue?.text) return state;
  return { ...state, catalogue: index(message.catalogue, text) };
}

/** The catalogue as it came, with look-ups by id beside it. */
function index(list, text) {
  const by = (entries) => new Map((entries ?? []).map((entry) => [entry.id, entry]));
  return { ...list, text, byId: { circle: by(list.circles), community: by(list.communities),
                            unit: by(list.units), category: by(list.categories),
                            project: by(list.projects) } };
}

function trend(state, message) {
  const key = `${message.step}|${message.metric}`;
  return { ...state, trends: { ...state.trends, [key]: message.points } };
}

function before(state, message) {
  return { ...state, before: { day: message.day, totals: message.totals } };
}

// ---- What panels ask of a state ----

/** {metric: n} of a view, or null while it isn't known. */
export function totals(state, range, by) {
  return state.views[viewKey(range, by)]?.totals ?? null;
}

/** One group's {metric: n}, or null while the view isn't known. */
export function group(state, range, by, id) {
  return state.views[viewKey(range, by)]?.groups[id] ?? null;
}

/** The server's clock at the reader's instant; the reader's own until the server has told it. */
export function serverNow(state, readerNow) {
  return readerNow + (state.offset ?? 0);
}

/** How old the figures are, ms by the server's clock; null while there are none. */
export function ageOf(state, readerNow) {
  return state.asOf === null ? null : Math.max(0, serverNow(state, readerNow) - state.asOf);
}

// A store that comes and goes without bringing anything isn't back.
const isPaused = ({ store, asOf, pausedAt }) => store === 'down'
  || (pausedAt !== null && store === 'up' && asOf <= pausedAt);

/** loading, live, stale (connected, but nothing proves the figures new), paused (the store is
 * away), reconnecting or offline. */
export function condition(state, readerNow) {
  if (isPaused(state)) return 'paused';
  if (state.link === 'lost') {
    return readerNow - state.lostAt < OFFLINE_AFTER ? 'reconnecting' : 'offline';
  }
  if (state.link !== 'live') return 'loading';
  if (state.members && !state.members.some((one) => one.state === 'live')) return 'stale';
  // Until the server has told its time, a far-off one may be this machine's clock, or old figures.
  if (state.offset === null) return Math.abs(readerNow - state.asOf) > UNTOLD ? 'loading' : 'live';
  return ageOf(state, readerNow) > STALE_AFTER ? 'stale' : 'live';
}

const SKEW = 5000;

/** By how much the machine's own clock (WALL, as it reads at the reader's NOW) differs from the
 * server's, ms: positive if it is behind; 0 if that is too little to be told. */
export function clockOff(state, now, wall) {
  if (state.offset === null) return 0;
  const off = serverNow(state, now) - wall;
  return Math.abs(off) > SKEW ? off : 0;
}

/** Today's change of a headline figure. Venues are a state: theirs is against yesterday's end. */
export function changeToday(state, metric) {
  const today = totals(state, 'today');
  if (!today) return null;
  if (metric !== 'venues') return today[metric] ?? null;
  const then = state.before?.totals.venues;
  return today.venues === undefined || then === undefined ? null : today.venues - then;
}

/** A trend with its last point kept live: {dates, activities, residents}, or null. */
export function trendOf(state, step) {
  const activities = state.trends[`${step}|activities`];
  const residents = state.trends[`${step}|residents`];
  if (!activities || !residents) return null;
  return {
    dates: activities.map((point) => point.date),
    activities: liveValues(state, step, 'activities', activities),
    residents: liveValues(state, step, 'residents', residents),
  };
}

function liveValues(state, step, metric, points) {
  const values = points.map((point) => point.value);
  const newest = totals(state, step === 'day' ? 'today' : 'month')?.[metric];
  if (newest !== undefined && points.at(-1)?.date === periodOf(state, step)) {
    values[values.length - 1] = newest;
  }
  return values;
}

/** The day or month that the figures of a state belong to. */
export function periodOf(state, step) {
  if (state.asOf === null) return null;
  return step === 'day' ? dayKey(state.asOf, state.zone) : monthKey(state.asOf, state.zone);
}

/** Events that NOW has and BEFORE had not, newest first; none across a new history. */
export function arrivals(before, now) {
  if (before.feed === now.feed || before.epoch !== now.epoch) return [];
  const seen = new Set(before.feed.map((event) => event.id));
  return now.feed.filter((event) => !seen.has(event.id));
}

/** The circle an event happened in, by its community or by its activity's; null if neither. */
export function circleOf(state, event) {
  const community = communityOf(state, event);
  return state.catalogue?.byId.community.get(community)?.circle ?? event.circle ?? null;
}

/** The community an event happened in, as far as the feed can tell. */
export function communityOf(state, event) {
  return event.community ?? sourceOf(state, event)?.community ?? null;
}

/** The event of the feed that another one speaks of: a reach's activity, a void's target. */
export function sourceOf(state, event) {
  const id = event.activity ?? event.of;
  return id ? state.feed.find((other) => other.id === id) ?? null : null;
}

/** What is known of a district's member: its STATE live, paused, away or unknown, or unsure, since
 * nobody can tell while the district itself isn't connected. */
export function memberOf(state, id) {
  const found = state.members?.find((one) => one.id === id);
  if (!found) return { id, state: 'unknown', as_of: null, screen: null };
  const told = state.link === 'live' || !['live', 'paused'].includes(found.state);
  return told ? found : { ...found, state: 'unsure' };
}

/** Of a district's members: how many there are, how many of them live, away and unknown, from when
 * the oldest figures of those away are (ms), and the sums of units and projects of all that are
 * known: undefined if none is. Null of any other alliance. */
export function district(state) {
  const { members } = state;
  if (!members) return null;
  const known = members.filter((one) => one.state !== 'unknown');
  const sum = (name) => (known.length ? known.reduce((n, one) => n + one[name], 0) : undefined);
  const away = known.filter((one) => one.state === 'away');
  const times = away.map((one) => parseInstant(one.as_of)?.ms).filter((ms) => ms !== undefined);
  return { all: members.length, live: known.filter((one) => one.state === 'live').length,
           away: away.length, oldest: times.length ? Math.min(...times) : null,
           unknown: members.length - known.length, units: sum('units'), projects: sum('projects') };
}

/** Whether there is anything to count: a district none of whose members was ever reached has no
 * figures, and no zeros either. */
export const isCounted = ({ members }) => !members || members.some((one) => one.state !== 'unknown');

/** Rounds of projects, oldest first: [{round, categories: [{id, name, …counts}]}]. */
export function rounds(state) {
  const found = new Map();
  for (const category of state.catalogue?.categories ?? []) {
    const own = state.catalogue.projects.filter((project) => project.category === category.id);
    const round = own[0]?.round ?? '';
    if (!found.has(round)) found.set(round, { round, categories: [] });
    found.get(round).categories.push({ id: category.id, name: category.name,
                                       projects: own.length, ...byStatus(own) });
  }
  return [...found.values()].sort((a, b) => (a.round < b.round ? -1 : 1));
}

/** How many projects are being prepared, run and are done. */
export function byStatus(projects) {
  const sums = { preparing: 0, running: 0, done: 0 };
  for (const project of projects) if (project.status in sums) sums[project.status] += 1;
  return sums;
}
