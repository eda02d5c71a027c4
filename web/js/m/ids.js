// Names made here, at random: of events, so that one sent twice counts once, and of the phone when
// it checks in. The two never meet: events' names are public, and a check-in is nobody's.

import { keep, recall } from './kept.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'; // 32, so that a byte's low bits are fair

export const random = (n) => Array.from(crypto.getRandomValues(new Uint8Array(n)),
                                        (byte) => LETTERS[byte & 31]).join('');

function lasting(name, n) {
  const found = recall(name) ?? random(n);
  keep(name, found);
  return found;
}

const run = random(6); // two tabs of one phone count apart
let serial = 0;

/** A new event's, problem's, plan's or venue's id. */
export function newId() {
  serial += 1;
  return `m-${lasting('maker', 10)}-${run}-${serial}`;
}

/** What the server tells one phone from another by when it checks in. */
export const device = () => lasting('device', 32);
