// What panels compute from what the model knows. Pure: no page, no clock. What isn't known yet is
// undefined, never a zero.

import { dayKey, parseInstant } from './format.js';

const HOUR = 3600000;
const DAY = 24 * HOUR;

/** The middle of LIST, or undefined of an empty one. */
export function median(list) {
  if (!list.length) return undefined;
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const tenths = (n) => Math.round(n * 10) / 10;

/** A time taken, in the unit that reads best: {unit: 'moment'|'minutes'|'hours'|'days', n}. */
export function span(ms) {
  if (ms < 60000) return { unit: 'moment', n: 1 };
  if (ms < HOUR) return { unit: 'minutes', n: Math.round(ms / 60000) };
  return ms < 2 * DAY ? { unit: 'hours', n: tenths(ms / HOUR) } : { unit: 'days', n: tenths(ms / DAY) };
}

/** How long ago: {unit: 'minutes'|'hours'|'days', n}, whole, of the greatest unit that fills. */
export function since(ms) {
  const past = Math.max(0, ms);
  if (past < HOUR) return { unit: 'minutes', n: Math.floor(past / 60000) };
  return past < DAY ? { unit: 'hours', n: Math.floor(past / HOUR) }
    : { unit: 'days', n: Math.floor(past / DAY) };
}

const instant = (text) => parseInstant(text)?.ms ?? NaN;
const newestFirst = (field) => (a, b) => instant(b[field]) - instant(a[field]);

/** PART of WHOLE in whole per cent, cut and not rounded up: 100 means all. */
export const percent = (part, whole) => (whole > 0 ? Math.floor(100 * part / whole) : undefined);

// ---- problems ----

const standing = (list) => Object.fromEntries(['raised', 'claimed', 'solved']
  .map((is) => [is, list.filter(({ status }) => status === is).length]));

/** What the answer about problems tells. listed: how many were entered one by one, of which solved,
 * in hand (claimed and not solved) and waiting (not solved); claimed: how many ever were; rate in %;
 * median time to solve in ms, of how many (timed), or of a year where the list isn't whole; open: of
 * the list, newest first. Null without an answer. */
export function problemFigures(answer) {
  const list = answer?.problems;
  if (!list) return null;
  const stand = answer.counts ?? standing(list);
  const listed = stand.raised + stand.claimed + stand.solved;
  const whole = listed <= list.length;
  const times = list.filter(({ status }) => status === 'solved')
    .map((one) => instant(one.solved) - instant(one.raised)).filter((ms) => ms >= 0);
  const hours = stand.median_hours;
  return {
    listed, solved: stand.solved, inHand: stand.claimed, waiting: stand.raised + stand.claimed,
    claimed: whole ? list.filter(({ claimed }) => claimed).length : stand.claimed + stand.solved,
    rate: percent(stand.solved, listed),
    ...(whole || hours === undefined ? { median: median(times), timed: times.length }
      : { median: hours === null ? undefined : hours * HOUR, timed: null }),
    open: list.filter(({ status }) => status !== 'solved').sort(newestFirst('raised')),
  };
}

/** Whether an answer of revision REV still holds at what STATE shows: as far as its feed, newest
 * first and of at most FULL events, tells, none of KINDS has come since. */
export function holds(rev, state, kinds, full) {
  const { feed } = state;
  return rev <= state.rev && (feed.length < full || feed.at(-1).rev <= rev)
    && !feed.some((event) => event.rev > rev && kinds.includes(event.kind));
}

// ---- venues ----

/** Of the events that make up the venues shared: the named ones newest first, how many of them
 * belong to no circle, and how many the TOTAL holds beyond them. Null without a list. */
export function venueFigures(events, total, catalogue) {
  if (!events || !catalogue) return null;
  const named = events.filter(({ kind }) => kind === 'venue').sort(newestFirst('at'));
  const told = events.filter(({ kind }) => kind === 'opening')
    .reduce((sum, { metrics }) => sum + (metrics?.venues ?? 0), 0);
  const outside = named.filter(({ community }) => !catalogue.byId.community.has(community));
  return { named, outside: outside.length,
           opening: told || (total === undefined ? undefined : Math.max(0, total - named.length)) };
}

// ---- plans ----

const LINGERS = 2 * HOUR; // after its start something may well still be going on

/** What is still to come at NOW: [{…plan, ms, day, begun}] by start. Neither what was already held
 * nor what began long ago; cancelled ones stay until their start, for whoever meant to go. */
export function agenda(plans, now, zone) {
  return plans.map((plan) => ({ ...plan, ms: instant(plan.starts) }))
    .filter(({ ms, activity, cancelled }) => !activity && ms > now - (cancelled ? 0 : LINGERS))
    .sort((a, b) => a.ms - b.ms)
    .map((plan) => ({ ...plan, day: dayKey(plan.ms, zone), begun: plan.ms <= now }));
}

// ---- who takes part ----

const DOINGS = ['activities', 'residents', 'problems_raised', 'problems_solved'];
const does = (figures) => DOINGS.some((metric) => figures?.[metric] > 0);

/** "today", "month" or "none", by the groups of both views; undefined while the month is unknown. */
export function partOf(id, month, today) {
  if (!month) return undefined;
  if (does(today?.[id])) return 'today';
  return does(month[id]) ? 'month' : 'none';
}

/** {all, month, today}: how many of PARTS (of partOf) there are; month includes today. */
export function participation(parts) {
  const known = parts.every((part) => part !== undefined);
  const many = (...wanted) => (known ? parts.filter((part) => wanted.includes(part)).length : undefined);
  return { all: parts.length, month: many('month', 'today'), today: many('today') };
}

/** Those of the catalogue's entries that take new events. */
export const current = (entries) => entries.filter(({ retired }) => !retired);

/** Circles in catalogue order, each with its communities. */
export const byCircle = (catalogue) => catalogue.circles.map((circle) => ({
  ...circle, communities: catalogue.communities.filter((one) => one.circle === circle.id) }));

/** A name without the SUFFIX that all of its kind share, unless nothing would be left. */
export const shortName = (name, suffix) => (
  suffix && name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name);

// ---- walls of tiles ----

const LETTERS = [28, 26, 24, 22, 20, 18]; // px: sizes of the text in tiles, down to the smallest
const LINE = 1.17;       // of a letter's size
const GAP = 4;           // px between tiles
const LEAST_NAMED = 0.72; // of the names in full, or none are written
const INITIAL = 32;      // px a tile needs for one letter

/** Width of a text in ems: what is ASCII is about half as wide as a character. */
export const ems = (text) => [...text].reduce((sum, c) => sum + (c < '\u2000' ? 0.58 : 1), 0);

const linesIn = (tile, size) => Math.floor((tile.height - 4) / (size * LINE));

// The share of names, of WIDTHS in ems, that stand in full in such tiles: Chinese breaks between any
// two characters.
function named(widths, tile, size) {
  const lines = linesIn(tile, size);
  const perLine = Math.floor((tile.width - size + 14) / size); // the larger, the more air
  if (lines < 1 || perLine < 2) return 0;
  return widths.filter((width) => Math.ceil(width / perLine) <= lines).length / widths.length;
}

/** Every way to hang N tiles on WIDTH × HEIGHT, with how near to squares and how full it is. */
function waysFor(n, width, height) {
  return Array.from({ length: n }, (_, i) => {
    const columns = i + 1;
    const rows = Math.ceil(n / columns);
    const tile = { width: (width + GAP) / columns - GAP, height: (height + GAP) / rows - GAP };
    const [least, most] = [Math.min(tile.width, tile.height), Math.max(tile.width, tile.height)];
    return { columns, rows, tile, least, shape: least / most - (columns * rows - n) / n };
  }).filter(({ least }) => least > 4);
}

const best = (ways, worth) => ways.map((way) => ({ way, worth: worth(way) }))
  .reduce((a, b) => (b.worth > a.worth ? b : a)).way;

/** How to hang NAMES on a wall of WIDTH × HEIGHT: {columns, rows, mode: 'names'|'initials'|'dots',
 * size of a letter, lines of a name, letters of its beginning, side of a square}. In the way that
 * writes most names in full, as large as may be; else in the largest squares. */
export function wallOf(names, width, height) {
  const ways = waysFor(names.length, width, height);
  if (!ways.length) return { columns: 1, rows: names.length, mode: 'dots', size: 18, lines: 1,
                             letters: 1, side: 8 };
  const widths = names.map(ems);
  const told = (size) => best(ways, (way) => named(widths, way.tile, size) * 10 + way.shape);
  const share = (size) => named(widths, told(size).tile, size);
  const smallest = LETTERS.at(-1);
  const most = share(smallest);
  if (most >= LEAST_NAMED) {
    const size = LETTERS.find((one) => share(one) >= most);
    return { ...measures(told(size), size), mode: 'names' };
  }
  const squares = best(ways, (way) => way.least);
  const size = LETTERS.find((one) => squares.tile.width >= 2 * one + 8) ?? smallest;
  return { ...measures(squares, size), mode: squares.least >= INITIAL ? 'initials' : 'dots' };
}

const measures = ({ columns, rows, tile, least }, size) => ({
  columns, rows, size, lines: Math.max(1, linesIn(tile, size)), side: Math.floor(least),
  letters: Math.min(2, Math.max(1, Math.floor((tile.width - 4) / size))) });

/** The first letters of a name, without the "district" that many begin with. */
export const initials = (name, letters) =>
  [...name.replace(/[\p{C}\s]/gu, '').replace(/^[区市县镇](?=.)/u, '')].slice(0, letters).join('');

// ---- tiles of a district's members ----

// What a tile may hold at what least size, richest first; WIDTH grows with the names.
const TILES = [
  { level: 'full', width: 390, height: 150, named: 150, letter: 24, most: 1.9 },
  { level: 'half', width: 244, height: 90, named: 130, letter: 20, most: 1.3 },
  { level: 'small', width: 140, height: 66, named: 14, letter: 18, most: 1.3 },
  { level: 'bare', width: 60, height: 28, named: 40, letter: 18, most: 1.3 },
];

/** How tiles called NAMES hang on WIDTH × HEIGHT: {level: how much each can tell, columns, rows,
 * scale of the text}. The richest that fits, as large as may be, with the fewest places left empty. */
export function tilesFit(names, width, height) {
  const n = Math.max(1, names.length);
  const ways = waysFor(n, width, height);
  const widths = names.map(ems).sort((a, b) => a - b);
  const need = widths[Math.floor(0.93 * (widths.length - 1))] ?? 0; // a single long one is cut instead
  for (const { level, letter, named, most, ...least } of TILES) {
    const needed = Math.max(least.width, need * letter + named);
    const scaleOf = ({ tile }) => Math.min(most, tile.width / needed, tile.height / least.height);
    const worth = (way) => Math.round(20 * scaleOf(way)) - (way.columns * way.rows - n) / n;
    const way = ways.length ? best(ways, worth) : null;
    if (way && scaleOf(way) >= 1) {
      return { level, columns: way.columns, rows: way.rows, scale: Math.floor(100 * scaleOf(way)) / 100 };
    }
  }
  const { columns, rows } = ways.length ? best(ways, ({ tile }) => (tile.height >= 26 ? tile.width : 0))
    : { columns: 1, rows: n };
  return { level: 'bare', columns, rows, scale: 1 };
}

// ---- rows of named tiles ----

const SCALES = [1.5, 1.4, 1.3, 1.2, 1.1, 1]; // of the smallest text
const SMALLEST = 18;
const BESIDE = 40;  // px of a figure beside a name at the smallest text
const NAMED = 36;   // px of a row that bears a name over a bar
const LABEL = 0.19; // of the width at most is for the rows' names

// As wide as nearly all of NAMES need at the smallest text: a single long one is cut instead.
function widest(names) {
  const widths = names.map(ems).sort((a, b) => a - b);
  return SMALLEST * widths[Math.floor(0.93 * (widths.length - 1))];
}

/** How rows called NAMES, or SHORT where there is little room, each of some tiles' names (TILES: a
 * list a row), stand in WIDTH × HEIGHT: {whole: names in full; label: their width; scale of the text,
 * the largest in which the tiles' names fit; numbered: with room for a figure beside each; bare: so
 * low that not even a name fits}. */
export function groupsFit(names, short, tiles, width, height) {
  const columns = Math.max(...tiles.map((row) => row.length));
  const row = height / tiles.length - GAP;
  const need = widest(tiles.flat());
  const labels = (scale) => {
    const whole = widest(names) * scale + 14 <= width * LABEL;
    return { whole, label: Math.round(Math.min(width * LABEL, widest(whole ? names : short) * scale + 14)) };
  };
  const fits = (text) => SCALES.find((scale) => row >= NAMED * scale
    && (width - labels(scale).label) / columns - GAP >= text * scale + 8);
  const numbered = fits(need + BESIDE);
  const scale = numbered ?? fits(need) ?? 1;
  return { ...labels(scale), scale, numbered: numbered !== undefined, bare: row < NAMED };
}
