// Whether what the screen shows is live, and from when it is if not: by icon, word and the data's
// age. It also tells the page (data-condition), so that figures which aren't live look it. Below
// that, at most one calm note; and a quiet mark while a visit holds the screen.

import { el, say, svg } from '../dom.js';
import { age, clock, count, dayKey, moment } from '../format.js';
import { t } from '../i18n.js';
import { ageOf, clockOff, condition, district, serverNow } from '../model.js';
import { icons } from './marks.js';

const RESTORED_FOR = 600000; // ms that a restored store is told

const span = (ms) => {
  const { unit, n } = age(Math.abs(ms));
  return t(`age.span.${unit}`, { n });
};

// "13:05:10", with the day if it isn't today's.
function instant(ms, zone, today) {
  const day = dayKey(ms, zone);
  return day === today ? clock(ms, zone) : `${day.slice(5)} ${clock(ms, zone).slice(0, 5)}`;
}

// The second line: as of when; how long ago that is once it isn't live; what waits meanwhile.
function details(state, now, how) {
  if (state.asOf === null) return '';
  const today = dayKey(serverNow(state, now), state.zone);
  const key = state.remembered ? 'link.remembered' : 'link.asof';
  const parts = [t(key, { time: instant(state.asOf, state.zone, today) })];
  if (how !== 'live') {
    const { unit, n } = age(ageOf(state, now));
    parts.push(t(`age.${unit}`, { n }));
  }
  const waiting = state.link === 'live' ? state.queued : 0;
  if (waiting > 0) parts.push(t('link.queued', { n: count(waiting) }));
  else if (how === 'stale') parts.push(t('link.unproven'));
  return parts.join(' · ');
}

// A district's members whose figures are old, and those whose figures it lacks.
function missing(state, now) {
  const { away, oldest, unknown } = district(state) ?? {};
  const key = away && unknown ? 'notice.away.unknown' : away ? 'notice.away' : 'notice.unknown';
  const today = dayKey(serverNow(state, now), state.zone);
  return away || unknown ? t(key, { n: count(away), unknown: count(unknown),
                                    time: moment(oldest, state.zone, today) }) : '';
}

/** The one note that matters most, or ''. */
function note(state, now, how) {
  if (document.documentElement.dataset.visit !== undefined) return '';
  const { restored, barred } = state;
  if (barred) return t(`notice.barred.${barred}`);
  if (restored && now - restored.at < RESTORED_FOR) {
    const today = dayKey(serverNow(state, now), state.zone);
    return restored.of === null ? t('notice.restored')
      : t('notice.restored.to', { time: instant(restored.of, state.zone, today) });
  }
  const lacks = missing(state, now);
  if (lacks) return lacks;
  const off = how === 'live' || how === 'stale' ? clockOff(state, now, Date.now()) : 0;
  return off ? t('notice.clock', { off: span(off) }) : '';
}

function mount(host) {
  const path = svg('path');
  const word = el('span');
  const badge = el('div', { class: 'badge' },
                   svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, path), word);
  const visit = el('span', { class: 'visit-mark' }, t('visit.mark'));
  const line = el('div', { class: 'as-of' });
  const aside = el('div', { class: 'note' });
  host.append(el('div', { class: 'badges' }, visit, badge), line, aside);
  let latest = 0;

  function show(state, now) {
    const how = condition(state, now);
    if (badge.dataset.state !== how) {
      badge.dataset.state = how;
      document.documentElement.dataset.condition = how;
      path.setAttribute('d', icons[how]);
    }
    say(word, t(`link.${how}`));
    say(line, details(state, now, how));
    say(aside, note(state, now, how));
    host.toggleAttribute('data-noted', aside.textContent !== '');
  }

  return {
    update: ({ state }) => show(state, Math.max(latest, state.lostAt ?? 0)),
    tick({ state, now }) {
      latest = now;
      show(state, now);
      // The mark beats with the clock, in the same painting: an animation without an end would keep
      // the browser drawing at the screen's full rate, a third of all that the page costs.
      path.toggleAttribute('data-low', Math.floor(serverNow(state, now) / 1000) % 2 === 1);
    },
  };
}

export default { bare: true, mount };
