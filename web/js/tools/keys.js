// The keyboard: the tools' keys, unless somebody is typing or a dialog is open.

import { silent, tools, wish } from './list.js';

const names = new Map([...tools, ...silent].filter(({ key }) => key)
  .map(({ key, name }) => [key, name]));

const isTyping = (target) => target instanceof Element
  && target.closest('input, textarea, select, [contenteditable]') !== null;

export function keys() {
  addEventListener('keydown', (event) => {
    const name = names.get(event.key === '？' ? '?' : event.key.toLowerCase());
    if (!name || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.repeat || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    wish(name);
  });
}
