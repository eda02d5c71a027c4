// The foot of the screen: the last recount, the alliance's motto, and which scene of how many.

import { el, say } from '../dom.js';
import { clock, dayKey } from '../format.js';
import { t } from '../i18n.js';
import { parseInstant } from '../format.js';
import { toolbar } from '../tools/toolbar.js';

function recountText(recount) {
  const at = parseInstant(recount?.at);
  if (!at) return t('recount.none');
  const time = `${dayKey(at.ms, at.zone)} ${clock(at.ms, at.zone).slice(0, 5)}`;
  return recount.differences > 0 ? t('recount.differs', { time, n: recount.differences })
    : t('recount.agrees', { time });
}

function mount(host, { screen, board }) {
  const recount = el('span', { class: 'recount' });
  const motto = el('span', { class: 'motto' }, screen.motto ?? '');
  const dots = el('nav', { class: 'scenes', 'aria-label': t('scenes.label') });
  host.append(recount, motto, el('div', { class: 'tools' }, dots, toolbar()));

  function mark({ detail }) {
    if (dots.children.length !== detail.count) {
      dots.replaceChildren(...Array.from({ length: detail.count }, (_, n) => {
        const button = el('button', { type: 'button' });
        button.addEventListener('click', () => board.show(n));
        return button;
      }));
    }
    [...dots.children].forEach((button, n) => {
      button.setAttribute('aria-current', n === detail.n);
      button.setAttribute('aria-label', detail.titles[n] || `${n + 1}`);
    });
    dots.hidden = detail.count < 2;
  }
  document.addEventListener('scene', mark);

  return {
    update({ state }) {
      // A district has no events to count again: its members do.
      const nothing = state.members && !state.recount;
      say(recount, nothing ? '' : recountText(state.recount));
      recount.classList.toggle('none', !state.recount);
      recount.classList.toggle('differs', state.recount?.differences > 0);
    },
  };
}

export default { bare: true, sources: ['recount'], mount };
