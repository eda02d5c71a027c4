// The name of the alliance over the screen, from the catalogue.

import { say } from '../dom.js';
import { t } from '../i18n.js';

export function mountTitle(host, bus) {
  bus.addEventListener('model', ({ detail: { state } }) => {
    const name = state.catalogue?.alliance.name ?? t('title.default');
    const title = name + t('title.suffix');
    say(host, title);
    if (document.title !== title) document.title = title;
  });
}
