// A few words about what the viewer just did, shown for a moment and read out once.

import { el } from '../dom.js';

const FOR = 2600; // ms

let shown = null;

export function toast(text) {
  shown?.remove();
  const node = el('div', { class: 'toast', role: 'status' });
  shown = node;
  document.body.append(node);
  node.append(text); // after it is in the page, or it wouldn't be read out
  setTimeout(() => node.remove(), FOR);
}
