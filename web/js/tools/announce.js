// What a screen reader hears by itself: at once when the connection's state changes, and now and
// then what the figures have become.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { condition } from '../model.js';
import { teller } from './summary.js';

export function announcer({ link }) {
  const region = el('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  document.body.append(region);
  const tell = teller();
  let how = null;

  link.bus.addEventListener('tick', ({ detail: { state, now } }) => {
    const next = condition(state, now);
    const text = next === how ? tell(state, now) : t('say.link', { state: t(`link.${next}`) });
    how = next;
    if (text) region.replaceChildren(text);
  });
}
