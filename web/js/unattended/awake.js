// The display stays on while the page is seen. Browsers grant that on trusted addresses only, and
// take it back whenever the page is hidden.

let held = null;

async function hold() {
  if (document.visibilityState !== 'visible' || (held && !held.released)) return;
  try {
    held = await navigator.wakeLock.request('screen');
  } catch {
    held = null; // refused: the machine's own settings rule
  }
}

export function awake() {
  if (!navigator.wakeLock) return;
  hold();
  document.addEventListener('visibilitychange', hold);
}
