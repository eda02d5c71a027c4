// The other language: kept, and the page begun again in it.

import { language } from '../i18n.js';

export function languages() {
  localStorage.setItem('language-shown', language());
  document.addEventListener('wish-language', () => {
    localStorage.setItem('language', language() === 'zh' ? 'en' : 'zh');
    location.reload();
  });
}
