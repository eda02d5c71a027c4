// Which theme is shown: the one that screen.json gives the hour, by the server's clock, unless the
// viewer has chosen one by hand. A choice is kept until "auto" gives the hours their say again.

import { clock } from '../format.js';
import { serverNow } from '../model.js';
import { t } from '../i18n.js';
import { nextChoice, THEMES, themeAt } from './hours.js';
import { toast } from './toast.js';

const KEPT = 'theme';
const SHOWN = 'theme-shown'; // what early.js begins with

function keep(name, value) {
  if (value === null) localStorage.removeItem(name);
  else localStorage.setItem(name, value);
}

function kept() {
  const found = localStorage.getItem(KEPT);
  return THEMES.includes(found) ? found : null;
}

function paint(theme) {
  const root = document.documentElement;
  root.dataset.theme = theme;
  keep(SHOWN, theme);
  const ground = getComputedStyle(root).getPropertyValue('--night').trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground);
}

export function themes({ screen, link }) {
  const now = () => {
    const state = link.state();
    const reader = performance.timeOrigin + performance.now();
    const zone = state.zone ?? -new Date().getTimezoneOffset();
    return clock(serverNow(state, reader), zone).slice(0, 5);
  };
  let scheduled = themeAt(screen.themes, now());

  function show() {
    scheduled = themeAt(screen.themes, now());
    const theme = kept() ?? scheduled;
    if (document.documentElement.dataset.theme === theme) return;
    paint(theme);
    document.dispatchEvent(new CustomEvent('theme', { detail: { theme } }));
  }

  paint(kept() ?? scheduled);
  link.bus.addEventListener('tick', show);
  document.addEventListener('wish-theme', () => {
    const choice = nextChoice(kept(), scheduled);
    keep(KEPT, choice);
    show();
    toast(t(`tools.theme.${choice ?? 'auto'}`));
  });
}
