// What a wall doesn't want: a pointer that lies on the picture, menus and selections by a stray
// touch. In kiosk mode never; in full screen the pointer hides once it rests.

import { isKiosk } from '../stage.js';

const REST = 10000; // ms
const root = document.documentElement;

function hideAtRest() {
  let timer = 0;
  const show = () => {
    clearTimeout(timer);
    root.removeAttribute('data-resting');
    if (document.fullscreenElement) timer = setTimeout(() => root.setAttribute('data-resting', ''), REST);
  };
  addEventListener('pointermove', show, { passive: true });
  document.addEventListener('fullscreenchange', show);
}

export function kiosk() {
  if (!isKiosk()) return hideAtRest();
  for (const type of ['contextmenu', 'selectstart', 'dragstart']) {
    addEventListener(type, (event) => event.preventDefault());
  }
  return undefined;
}
