// Where viewers need a token: signs the screen in by the one-time code that its address bore, and
// says calmly what is missing while it isn't. The session itself is a cookie that no script reads.

import { ask, Lost } from './m/api.js';
import { takeCode } from './m/route.js';

const PATIENCE = 4000; // ms
const TRIES = 5;
const AGAIN = 2000; // ms
const EVERY = 10000; // ms; longer than PATIENCE, so that one question is under way at most

const LONGEST = 15000; // ms
const BUSY = [429, 503];

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Takes a code out of the address and exchanges it. Gives why that failed: "bad" (used before, or
 * too old), "lost" (no answer) or "busy" (asked to come again): the code is still good; else null. */
export async function enter() {
  const code = takeCode('in');
  if (code === null) return null;
  let failed;
  for (let i = 0; i < TRIES; i += 1) {
    const { status, retry } = await exchange(code);
    if (status === 200) return null;
    if (status !== 0 && !BUSY.includes(status)) return 'bad';
    failed = status === 0 ? 'lost' : 'busy';
    await pause(Math.min(LONGEST, Math.max(AGAIN, retry * 1000)));
  }
  return failed;
}

/** The answer; status 0 if there was none. */
async function exchange(code) {
  try {
    return await ask('session', { body: { code }, patience: PATIENCE });
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return { status: 0, retry: 0 };
  }
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
