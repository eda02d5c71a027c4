// Some browsers can put the page among a phone's apps; where one offers it, so do we. It needs a
// trusted address, and nobody needs it.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { button } from './ui.js';

let offer = null;
const offered = new EventTarget();

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  offer = event;
  offered.dispatchEvent(new Event('change'));
});

export function installer(scope) {
  const node = el('p', { class: 'links' }, button(t('m.install'), () => {
    offer?.prompt();
    offer = null;
    show();
  }, 'quiet'));
  const show = () => { node.hidden = !offer; };
  scope.on(offered, 'change', show);
  show();
  return node;
}
