// Whether somebody stands at the screen: since when nobody has touched it, and whether it shows
// what somebody is reading. What moves or begins anew by itself waits for that.

const SIGNS = ['pointerdown', 'pointermove', 'touchstart', 'wheel', 'keydown'];
const root = document.documentElement;

let touched = -Infinity; // by performance.now()
let pointer = '';

// Browsers tell of a move also when the picture moves under a pointer at rest.
function isReal(event) {
  if (event.type !== 'pointermove') return true;
  const at = `${event.screenX} ${event.screenY}`;
  if (at === pointer) return false;
  pointer = at;
  return true;
}

for (const sign of SIGNS) {
  addEventListener(sign, (event) => {
    if (isReal(event)) touched = performance.now();
  }, { passive: true, capture: true });
}

/** For how long nobody has touched the screen, ms. */
export const idleFor = () => performance.now() - touched;

/** Whether something stands open that somebody may be reading. */
export const isReading = () => root.dataset.drill !== undefined
  || document.querySelector('dialog[open]') !== null;

export const isVisit = () => root.dataset.visit !== undefined;

/** Nobody has been here for MS, nothing stands open, and no visit holds the screen. */
export const isLeftAlone = (ms) => idleFor() >= ms && !isReading() && !isVisit();
