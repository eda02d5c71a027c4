// Small things that this browser remembers. One that remembers nothing just forgets them.

import { keptName } from '../base.js';

const PREFIX = keptName('m.');

export function recall(name, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Whether it is kept. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Calls ACT when another tab has written NAME. */
export const onKept = (name, act) => addEventListener('storage', ({ key }) => {
  if (key === PREFIX + name) act();
});

/** The last few of what was put under NAME, newest first. */
export function remember(name, value, most = 5) {
  keep(name, [value, ...recall(name, []).filter((other) => other !== value)].slice(0, most));
}

/** The language is the cockpit's too, and kept as it keeps it. */
export function keptLanguage() {
  try {
    return localStorage.getItem('language') ?? 'zh';
  } catch {
    return 'zh';
  }
}

export function keepLanguage(language) {
  try {
    localStorage.setItem('language', language);
  } catch {
    // A browser that keeps nothing begins in Chinese again.
  }
}
