// What lets a screen run for months without a hand on it.

import { awake } from './awake.js';
import { carousel } from './carousel.js';
import { drift } from './drift.js';
import { kiosk } from './kiosk.js';
import { memory } from './memory.js';
import { renew } from './renew.js';
import { shell } from './shell.js';
import { visit } from './visit.js';

export function unattended(cockpit) {
  for (const begin of [memory, visit, carousel, drift, awake, kiosk, renew, shell]) begin(cockpit);
}
