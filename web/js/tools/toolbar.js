// The tools at the right of the foot. Not there in kiosk mode, where nobody has a pointer.

import { el, svg } from '../dom.js';
import { language, t } from '../i18n.js';
import { tools, wish } from './list.js';
import { toast } from './toast.js';

const OTHER = { zh: 'en', en: 'zh' };

function button({ name, key, icon }) {
  const label = t(`tools.${name}`);
  const node = el('button', { type: 'button', 'data-tool': name, 'aria-label': label,
                              'aria-keyshortcuts': key, title: key ? `${label} (${key})` : label },
    svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: icon })));
  if (name === 'language') node.lang = OTHER[language()] === 'zh' ? 'zh-CN' : 'en';
  node.addEventListener('click', () => wish(name));
  if (name === 'visit') node.setAttribute('aria-pressed', 'false');
  return node;
}

export function toolbar() {
  const node = el('div', { class: 'toolbar', role: 'group', 'aria-label': t('tools.label') },
                  ...tools.map(button));
  document.addEventListener('visit', ({ detail: { on } }) => {
    node.querySelector('[data-tool="visit"]').setAttribute('aria-pressed', on);
    toast(t(on ? 'tools.visit.on' : 'tools.visit.off'));
  });
  return node;
}
