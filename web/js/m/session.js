// Who holds this phone, as the server says; and, without a network, as it last said. The session
// itself is a cookie that no script can read.

import { ask, Lost } from './api.js';
import { keep, recall } from './kept.js';

const known = (body) => (body?.role ? { name: body.name, role: body.role, unit: body.unit ?? null } : null);

/** SAY() is called whenever somebody else holds it. */
export function createSession(say) {
  let who = recall('session');

  function set(next) {
    const changed = JSON.stringify(next) !== JSON.stringify(who);
    who = next;
    keep('session', who);
    if (changed) say();
  }

  return {
    who: () => who,
    /** May report events. */
    reports: () => who?.role === 'report' || who?.role === 'admin',

    /** Exchanges a one-time code; gives the answer, and throws Lost without one. */
    async signIn(code) {
      const answer = await ask('session', { body: { code } });
      if (answer.status === 200) set(known(answer.body));
      return answer;
    },

    /** Asks again, if there was one or ALWAYS. */
    async refresh(always = false) {
      if (!who && !always) return;
      try {
        const answer = await ask('session');
        if (answer.status === 200) set(known(answer.body));
        if (answer.status === 401) set(null);
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
      }
    },

    async end() {
      try {
        await ask('session/end', { body: {} });
      } finally {
        set(null);
      }
    },
  };
}
