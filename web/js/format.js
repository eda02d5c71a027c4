// How numbers, instants and days are written. Pure: an instant is milliseconds since 1970, a zone
// is the server's offset from UTC in minutes, and nothing here reads a clock or the page.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const NONE = '—';

const pad = (n, width = 2) => String(n).padStart(width, '0');
const isNumber = (n) => typeof n === 'number' && Number.isFinite(n);

/** 1234567 → "1,234,567"; what isn't a number is a dash, never a zero. */
export function count(n) {
  return isNumber(n) ? grouped.format(n) : NONE;
}

/** For narrow places: from 100,000 on in 万 with one decimal, cut and not rounded up. */
export function compact(n) {
  if (!isNumber(n) || Math.abs(n) < 100000) return count(n);
  const tenths = Math.trunc(n / 1000) / 10;
  return `${grouped.format(Math.trunc(tenths))}${decimal(tenths)}万`;
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

/** "2026年11月24日", with the day of the week apart. */
export function longDate(ms, zone, weekdays) {
  const d = local(ms, zone);
  return {
    date: `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`,
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
  const [year, month] = day.split('-');
  return year === today.slice(0, 4) ? day.slice(5) : `${year}.${Number(month)}`;
}

/** A trend's axis: "11-24" of a day, "11月" of a month, and "2026年" where a year begins. */
export function axisLabel(key) {
  const [year, month, day] = key.split('-');
  if (day) return `${Number(month)}-${Number(day)}`;
  return month === '01' ? `${year}年` : `${Number(month)}月`;
}

/** How long ago, in the calm words of the dictionary: {unit: 'seconds'|'minutes'|'hours', n}. */
export function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return { unit: 'seconds', n: seconds };
  if (seconds < 3600) return { unit: 'minutes', n: Math.floor(seconds / 60) };
  return { unit: 'hours', n: Math.floor(seconds / 3600) };
}
