// The switch of ranges: all, today, this week, month and year, and one of a day, month or year to
// be picked from a calendar. Every choice is a link.

import { el, put, say } from '../dom.js';
import { addMonths } from '../format.js';
import { t } from '../i18n.js';
import { addressOf, daysIn, isPeriod, RANGES } from './view.js';
import { rangeName } from './words.js';

const pad = (n) => String(n).padStart(2, '0');
const weekday = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7; // Monday is 0

/** change({view, today}) shows it; pick() opens the calendar or closes it. */
export function createRanges() {
  const links = RANGES.map((range) => el('a', { 'data-range': range }, t(`drill.range.${range}`)));
  const other = el('button', { type: 'button', 'aria-expanded': 'false',
                               'aria-controls': 'drill-calendar' });
  const calendar = el('div', { class: 'drill-calendar', id: 'drill-calendar', role: 'group',
                               'aria-label': t('drill.range.pick'), hidden: '' });
  const bar = el('nav', { class: 'drill-ranges', 'aria-label': t('drill.ranges') }, ...links, other);
  let now = null;
  let month = null; // that the calendar is open at

  const choice = (range, text, extra) => el('a', {
    href: addressOf(now.view, { range }), 'aria-current': now.view.range === range ? 'true' : null,
    'aria-label': rangeName(range), ...extra }, text);

  function turn(n, label, text) {
    const to = addMonths(month, n);
    const button = el('button', { type: 'button', 'aria-label': label, class: 'turn' }, text);
    button.disabled = n > 0 && to.slice(0, 4) > now.today.slice(0, 4);
    button.addEventListener('click', () => {
      month = to > now.today.slice(0, 7) ? now.today.slice(0, 7) : to;
      fill();
      calendar.querySelector(`[aria-label="${label}"]`)?.focus();
    });
    return button;
  }

  // What hasn't come yet can't be chosen: it stands as text.
  const soon = (from, text) => (from > now.today ? el('span', { class: 'soon' }, text) : null);

  function days() {
    const first = `${month}-01`;
    const gaps = Array.from({ length: weekday(first) }, () => el('span'));
    return [...gaps, ...Array.from({ length: daysIn(month) }, (_, i) => {
      const day = `${month}-${pad(i + 1)}`;
      return soon(day, `${i + 1}`) ?? choice(day, `${i + 1}`, { class: day === now.today ? 'today' : null });
    })];
  }

  function months(year) {
    return Array.from({ length: 12 }, (_, i) => {
      const range = `${year}-${pad(i + 1)}`;
      return soon(`${range}-01`, t('drill.nth', { n: i + 1 }))
        ?? choice(range, t('drill.nth', { n: i + 1 }), { class: range === month ? 'open' : null });
    });
  }

  function fill() {
    const year = month.slice(0, 4);
    calendar.replaceChildren(
      el('div', { class: 'years' }, turn(-12, t('drill.year.before'), '‹'),
         choice(year, t('drill.year', { year })), turn(12, t('drill.year.after'), '›')),
      el('div', { class: 'months' }, ...months(year)),
      el('div', { class: 'weekdays', 'aria-hidden': 'true' },
         ...t('drill.weekdays').split(' ').map((name) => el('span', null, name))),
      el('div', { class: 'days' }, ...days()));
  }

  function open(wish) {
    calendar.hidden = !wish;
    put(other, 'aria-expanded', String(wish));
    if (!wish) return calendar.replaceChildren();
    const { range } = now.view;
    month = isPeriod(range) && range.length > 4 ? range.slice(0, 7)
      : isPeriod(range) && range < now.today.slice(0, 4) ? `${range}-12` : now.today.slice(0, 7);
    return fill();
  }
  other.addEventListener('click', () => open(calendar.hidden));

  return {
    bar, calendar,
    show(next) {
      const chosen = isPeriod(next.view.range);
      const moved = now?.view.range !== next.view.range;
      now = next;
      for (const link of links) {
        link.setAttribute('href', addressOf(now.view, { range: link.dataset.range }));
        if (link.dataset.range === now.view.range) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
      other.classList.toggle('chosen', chosen);
      say(other, chosen ? rangeName(now.view.range) : t('drill.range.pick'));
      if (calendar.hidden) return;
      // A month was chosen: its days stand open below. A day or anything else: that's it.
      const inside = calendar.contains(document.activeElement);
      open(!moved || now.view.range.length === 7);
      if (inside) (calendar.querySelector('[aria-current]') ?? other).focus();
    },
    pick() {
      open(true);
      other.focus();
    },
    /** Closes the calendar; false if it wasn't open. */
    fold() {
      if (calendar.hidden) return false;
      open(false);
      other.focus();
      return true;
    },
  };
}
