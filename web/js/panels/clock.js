// The server's clock and date.

import { el, say } from '../dom.js';
import { clock, longDate } from '../format.js';
import { weekdays } from '../i18n.js';
import { serverNow } from '../model.js';

// Until the server has told its zone, the reader's own stands in.
const zoneOf = (state, now) => state.zone ?? -new Date(now).getTimezoneOffset();

function mount(host) {
  const time = el('time', { class: 'clock-time' });
  const date = el('span');
  const weekday = el('span');
  host.append(time, el('div', { class: 'clock-date' }, date, weekday));
  const days = weekdays();
  return {
    tick({ state, now }) {
      const instant = serverNow(state, now);
      const zone = zoneOf(state, now);
      const words = longDate(instant, zone, days);
      say(time, clock(instant, zone));
      say(date, words.date);
      say(weekday, words.weekday);
    },
  };
}

export default { bare: true, mount };
