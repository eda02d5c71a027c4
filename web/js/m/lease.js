// One tab at a time sends. Two would do no harm, since ids are counted once, but for the traffic.

import { keptName } from '../base.js';
import { keep, onKept, recall } from './kept.js';
import { random } from './ids.js';

const NAME = 'sending';
const LASTS = 40000; // ms, longer than any request's patience
const me = random(8);

/** Does WORK(renew) unless another tab is at it; gives whether it did. */
export async function alone(work) {
  if (navigator.locks) {
    return navigator.locks.request(keptName(NAME), { ifAvailable: true }, async (lock) => {
      if (lock) await work(() => {});
      return Boolean(lock);
    });
  }
  const lease = recall(NAME);
  if (lease && lease.who !== me && lease.until > Date.now()) return false;
  const renew = () => keep(NAME, { who: me, until: Date.now() + LASTS });
  renew();
  try {
    await work(renew);
  } finally {
    release();
  }
  return true;
}

function release() {
  if (recall(NAME)?.who === me) keep(NAME, null);
}

addEventListener('pagehide', release);

/** Calls ACT when another tab has ended sending. */
export const onRelease = (act) => onKept(NAME, act);
