// Buttons in a row of which one holds.

import { el } from '../dom.js';

/** CHOICES: pairs of a value and its words. LABEL tells what is chosen; CHOOSE hears of each click. */
export function switchOf(choices, label, chosen, choose) {
  const buttons = choices.map(([value, words]) => {
    const button = el('button', { type: 'button', 'aria-pressed': value === chosen }, words);
    button.addEventListener('click', () => {
      buttons.forEach((other) => other.setAttribute('aria-pressed', other === button));
      choose(value);
    });
    return button;
  });
  return el('div', { class: 'switch', role: 'group', 'aria-label': label }, ...buttons);
}
