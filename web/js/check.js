// The wall's self-check, for whoever installs it: whether the whole picture arrives, straight, round
// and sharp, in which size it arrives, where the seams are, and whether all that the cockpit needs
// is there. It stands on the same canvas as the cockpit, scaled in the same way.

import { apiPath } from './base.js';
import builtIn from 'layout:screen';
import { setLanguage, t } from './i18n.js';
import { readScreen } from './screen.js';
import { stageFor } from './stage.js';
import { panels } from './panels/index.js';
import { picture } from './check/picture.js';
import { readiness } from './check/ready.js';

async function configuration() {
  try {
    const response = await fetch(apiPath('screen'), { signal: AbortSignal.timeout(3000) });
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

async function begin() {
  const { screen, complaints } = readScreen(await configuration(), Object.keys(panels), builtIn);
  setLanguage(localStorage.getItem('language') ?? screen.language);
  document.title = t('check.title');
  const ready = readiness(complaints);
  const host = document.getElementById('check');
  const draw = () => {
    const stage = stageFor(innerWidth, innerHeight, { wall: screen.wall, kiosk: true });
    host.replaceChildren(picture(stage, screen.wall, ready.node));
  };
  addEventListener('resize', draw);
  draw();
  ready.start();
}

begin();
