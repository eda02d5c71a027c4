// Whether what the screen shows is live, and from when it is if not: by icon and word. It also
// tells the page (data-condition), so that figures which aren't live look it.

import { el, say, svg } from '../dom.js';
import { age, clock } from '../format.js';
import { t } from '../i18n.js';
import { condition } from '../model.js';

const icons = {
  loading: 'M12 3a9 9 0 0 1 9 9',
  live: 'M12 7a5 5 0 1 1 0 10a5 5 0 1 1 0-10z',
  paused: 'M8 5v14M16 5v14',
  reconnecting: 'M20 12a8 8 0 1 1-3-6.2M17.5 2v4.5H13',
  offline: 'M5 5l14 14M19 5L5 19',
};

// The second line: as of when; how long ago that is once it isn't live; what waits meanwhile.
function details(state, now, how) {
  if (state.asOf === null) return '';
  const parts = [t('link.asof', { time: clock(state.asOf, state.zone) })];
  if (how === 'reconnecting' || how === 'offline') {
    const { unit, n } = age(now - state.lostAt);
    parts.push(t(`age.${unit}`, { n }));
  }
  if (state.queued > 0) parts.push(t('link.queued', { n: state.queued }));
  return parts.join(' · ');
}

function mount(host) {
  const path = svg('path');
  const word = el('span');
  const badge = el('div', { class: 'badge' },
                   svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, path), word);
  const line = el('div', { class: 'as-of' });
  host.append(badge, line);
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
  }

  return {
    update: ({ state }) => show(state, Math.max(latest, state.lostAt ?? 0)),
    tick({ state, now }) {
      latest = now;
      show(state, now);
    },
  };
}

export default { bare: true, mount };
