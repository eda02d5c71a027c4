// Where viewers need a token: signs the screen in by the one-time code that its address bore, and
// says calmly what is missing while it isn't. The session itself is a cookie that no script reads.

import { ask, Lost } from './m/api.js';
import { takeCode } from './m/route.js';

const PATIENCE = 4000; // ms
const TRIES = 5;
const AGAIN = 2000; // ms
const EVERY = 10000; // ms; longer than PATIENCE, so that one question is under way at most

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Takes a code out of the address and exchanges it. Gives why that failed: "bad" (used before, or
 * too old), "lost" (no answer: the code is still good); else null. */
export async function enter() {
  const code = takeCode('in');
  if (code === null) return null;
  for (let i = 0; i < TRIES; i += 1) {
    try {
      return (await ask('session', { body: { code }, patience: PATIENCE })).status === 200 ? null : 'bad';
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    await pause(AGAIN);
  }
  return 'lost';
}

/** Finds out, while there is no connection, whether the server wants somebody to sign in first.
 * FAILED is what enter() gave. */
export function admission({ bus, take }, failed) {
  let asked = -Infinity;

  async function look() {
    try {
      const { status } = await ask('totals', { patience: PATIENCE });
      take({ type: 'barred', why: status === 401 ? failed ?? 'needed' : null });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  }

  // A link that is opened where the page is already shown.
  addEventListener('hashchange', () => location.hash.startsWith('#in=') && location.reload());
  bus.addEventListener('tick', ({ detail: { state, now } }) => {
    if (state.link !== 'lost' || now - asked < EVERY) return;
    asked = now;
    look();
  });
}
