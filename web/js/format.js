// How numbers, instants and days are written. Pure: an instant is milliseconds since 1970, a zone
// is the server's offset from UTC in minutes, and nothing here reads a clock or the page. The one
// thing that is set, once and before anything is written, is the language that it is written in.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const NONE = '—';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

// large: [from, one unit, its sign] of what is written short; dates from their numbers.
const languages = {
  zh: {
    large: [[10000, '万']],
    date: (y, m, d) => `${y}年${m}月${d}日`, day: (m, d) => `${m}-${d}`,
    month: (m) => `${m}月`, year: (y) => `${y}年`, past: (y, m) => `${y}.${m}`,
    shortDay: (m, d) => `${pad(m)}-${pad(d)}`,
  },
  en: {
    large: [[1000000, 'M'], [1000, 'k']],
    date: (y, m, d) => `${d} ${MONTHS[m - 1]} ${y}`, day: (m, d) => `${d} ${MONTHS[m - 1]}`,
    month: (m) => MONTHS[m - 1], year: (y) => `${y}`, past: (y, m) => `${m}/${y}`,
    shortDay: (m, d) => `${d} ${MONTHS[m - 1]}`,
  },
};
let written = languages.zh;

/** LANGUAGE "zh" or "en": how everything is written from now on. */
export function writeIn(language) {
  written = languages[language] ?? languages.zh;
}

const pad = (n, width = 2) => String(n).padStart(width, '0');
const isNumber = (n) => typeof n === 'number' && Number.isFinite(n);

/** 1234567 → "1,234,567"; what isn't a number is a dash, never a zero. */
export function count(n) {
  return isNumber(n) ? grouped.format(n) : NONE;
}

/** For narrow places: from 100,000 (or FROM) on in 万, k or M with one decimal, cut and not rounded
 * up. */
export function compact(n, from = 100000) {
  if (!isNumber(n) || Math.abs(n) < from) return count(n);
  const [unit, sign] = written.large.find(([size]) => Math.abs(n) >= size) ?? [1, ''];
  const tenths = Math.trunc(n / (unit / 10)) / 10;
  return `${grouped.format(Math.trunc(tenths))}${decimal(tenths)}${sign}`;
}

function decimal(value) {
  const tenth = Math.abs(Math.round(value * 10)) % 10;
  return tenth ? `.${tenth}` : '';
}

/** A change: "+3", "−2", "0"; with the real minus sign, which is as wide as the plus. */
export function signed(n, write = count) {
  if (!isNumber(n)) return NONE;
  if (n === 0) return '0';
  return (n > 0 ? '+' : '−') + write(Math.abs(n));
}

/** RFC 3339 text → {ms, zone}, or null if it isn't one. The zone is what the text says. */
export function parseInstant(text) {
  const match = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?([Zz]|([+-])(\d\d):(\d\d))$/.exec(text ?? '');
  const ms = match ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) return null;
  const minutes = match[2] ? Number(match[3]) * 60 + Number(match[4]) : 0;
  return { ms, zone: match[2] === '-' ? -minutes : minutes };
}

// The wall clock in the server's zone: a Date moved by the offset and read as UTC.
const local = (ms, zone) => new Date(ms + (zone ?? 0) * 60000);

/** "13:05:09" */
export function clock(ms, zone) {
  if (!isNumber(ms)) return '--:--:--';
  const d = local(ms, zone);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
}

/** "13:05" on the day TODAY ("2026-11-24"), "11-23 13:05" on any other; a dash if it isn't known. */
export function moment(ms, zone, today) {
  if (!isNumber(ms)) return NONE;
  const day = dayKey(ms, zone);
  const time = clock(ms, zone).slice(0, 5);
  return day === today ? time : `${day.slice(5)} ${time}`;
}

/** "2026-11-24" */
export function dayKey(ms, zone) {
  const d = local(ms, zone);
  return `${pad(d.getUTCFullYear(), 4)}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
}

/** "2026-11" */
export const monthKey = (ms, zone) => dayKey(ms, zone).slice(0, 7);

/** Calendar arithmetic on "2026-11-24". */
export function addDays(day, n) {
  const [y, m, d] = day.split('-').map(Number);
  return dayKey(Date.UTC(y, m - 1, d + n), 0);
}

/** Calendar arithmetic on "2026-11". */
export function addMonths(month, n) {
  const [y, m] = month.split('-').map(Number);
  return monthKey(Date.UTC(y, m - 1 + n, 1), 0);
}

/** "2026年11月24日" or "24 Nov 2026", with the day of the week apart. */
export function longDate(ms, zone, weekdays) {
  const d = local(ms, zone);
  return {
    date: written.date(d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()),
    weekday: weekdays[d.getUTCDay()],
  };
}

/** A feed line's time: "13:05" today, "11-24" on another day of the year, "2022.9" before it. */
export function shortTime(at, nowMs, zone) {
  const when = parseInstant(at);
  if (!when) return NONE;
  const day = dayKey(when.ms, zone);
  const today = isNumber(nowMs) ? dayKey(nowMs, zone) : day;
  if (day === today) return clock(when.ms, zone).slice(0, 5);
  const [year, month, date] = day.split('-').map(Number);
  return year === Number(today.slice(0, 4)) ? written.shortDay(month, date) : written.past(year, month);
}

/** A trend's axis: "11-24" of a day, "11月" of a month, and "2026年" where a year begins; or "24 Nov",
 * "Nov" and "2026". */
export function axisLabel(key) {
  const [year, month, day] = key.split('-').map(Number);
  if (day) return written.day(month, day);
  return month === 1 ? written.year(year) : written.month(month);
}

/** How long ago, in the calm words of the dictionary: {unit: 'seconds'|'minutes'|'hours'|'days', n}. */
export function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return { unit: 'seconds', n: seconds };
  if (seconds < 3600) return { unit: 'minutes', n: Math.floor(seconds / 60) };
  if (seconds < 172800) return { unit: 'hours', n: Math.floor(seconds / 3600) };
  return { unit: 'days', n: Math.floor(seconds / 86400) };
}
