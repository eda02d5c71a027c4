// The name of the alliance over the screen, from the catalogue.

import { say } from '../dom.js';
import { t } from '../i18n.js';

function mount(host, { screen }) {
  return {
    update({ state }) {
      const name = state.catalogue?.alliance.name ?? t('title.default');
      const title = screen.title || name + t('title.suffix');
      say(host, title);
      if (document.title !== title) document.title = title;
    },
  };
}

export default { bare: true, mount };
