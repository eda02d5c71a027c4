// The carousel: each scene stays for its seconds, each circle of a scene that is made for each of
// them likewise. It waits while somebody uses the screen, reads something, or guests are there.
// The arrow keys step by hand.

import { isLeftAlone, isReading } from './activity.js';

const PAUSE = 60000; // ms after a touch
const BACK = { ArrowLeft: true, ArrowRight: false };
const OWN = 'input, textarea, select, [contenteditable], [role="tab"], [role="toolbar"], [role="menu"]';

const flows = () => document.documentElement.dataset.layout === 'flow';

/** Whether there is anything to step to. */
function steps(current) {
  return !flows() && (current.count > 1 || Boolean(current.scene?.each));
}

function byHand(board, event) {
  if (!(event.key in BACK) || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (isReading() || event.target.closest?.(OWN) || !steps(board.current())) return;
  event.preventDefault();
  board.step(BACK[event.key]);
}

export function carousel({ board, link }) {
  let since = performance.now();
  const begin = () => { since = performance.now(); };

  link.bus.addEventListener('tick', () => {
    const current = board.current();
    if (!steps(current) || !isLeftAlone(PAUSE)) begin();
    else if (performance.now() - since >= current.scene.seconds * 1000) board.step();
  });
  document.addEventListener('scene', begin);
  addEventListener('keydown', (event) => byHand(board, event));
}
