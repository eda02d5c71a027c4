// The name of the alliance over the screen, from the catalogue.

import { say } from '../dom.js';
import { t } from '../i18n.js';

// How wide a text is, in its font's size with the letters' space: what isn't Latin is square.
const widthOf = (text) => [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 1.12 : 0.72), 0.2);

function mount(host, { screen }) {
  return {
    update({ state }) {
      const name = state.catalogue?.alliance.name ?? t('title.default');
      const title = screen.title || name + t('title.suffix');
      say(host, title);
      host.style.setProperty('--ems', widthOf(title).toFixed(2));
      if (document.title !== title) document.title = title;
    },
  };
}

export default { bare: true, mount };
