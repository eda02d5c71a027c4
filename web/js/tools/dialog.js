// A dialog over the screen: made when it is asked for, gone when it is closed.

import { el } from '../dom.js';
import { t } from '../i18n.js';

let serial = 0;

/** Opens a dialog NAME; a second wish for one that is open closes it. Gives it, or null then. */
export function openDialog(name, title, ...body) {
  const open = document.querySelector('dialog[open]');
  open?.close();
  if (open?.classList.contains(name)) return null;
  const id = `dialog-${++serial}`;
  const close = el('button', { type: 'button', class: 'close', 'aria-label': t('tools.close') }, '×');
  const node = el('dialog', { class: `dialog ${name}`, 'aria-labelledby': id },
    el('header', null, el('h2', { id }, title), close), ...body);
  close.addEventListener('click', () => node.close());
  node.addEventListener('click', (event) => event.target === node && node.close());
  node.addEventListener('close', () => node.remove());
  document.body.append(node);
  node.showModal();
  return node;
}
