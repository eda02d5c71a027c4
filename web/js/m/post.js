// The way from the box to the server: one thing at a time, in order, each kept until an answer
// names it. What the server refuses stays with the reason, for a person to decide; whatever else
// happens, it is sent again, later and later, and at once when the network is back.

import { t } from '../i18n.js';
import { ask, codeOf, Lost, reasonOf } from './api.js';
import { device } from './ids.js';
import { alone, onRelease } from './lease.js';

const PATIENCE = 20000;
const AGAIN = { first: 2000, most: 60000, elsewhere: 15000 }; // ms
const TAKEN = ['counted', 'duplicate', 'queued'];

const routes = {
  events: { path: 'events', body: ({ events }) => events, judge: judgeEvents },
  checkin: { path: 'checkins', body: ({ code }) => ({ code, device: device() }),
             judge: (item, { body }) => (TAKEN.includes(body.status) ? { end: 'done' } : { end: 'later' }) },
  raise: { path: 'raise', body: ({ title, community }) => ({ title, community, device: device() }),
           judge: (item, { body }) => (body.id ? { end: 'done' } : { end: 'later' }) },
};

/** What of an item's events wasn't taken; an answer that doesn't name them all is none. */
function judgeEvents(item, { body }) {
  const results = new Map((body.results ?? []).map((result) => [result.id, result]));
  if (!item.events.every(({ id }) => results.has(id))) return { end: 'later' };
  const left = item.events.filter(({ id }) => !TAKEN.includes(results.get(id).status));
  if (!left.length) return { end: 'done' };
  const messages = left.map(({ id }) => results.get(id).message).filter(Boolean);
  return { end: 'refused', code: 'conflict', message: messages.join(t('m.and')), events: left };
}

/** done, refused (with why), signin, or later (in so many seconds, 0 if it doesn't say). */
export function judge(item, answer) {
  const { status } = answer;
  if (status === 200 || status === 202) return routes[item.kind].judge(item, answer);
  if (status === 401) return { end: 'signin' };
  if (status === 408 || status === 429 || status >= 500) return { end: 'later', wait: answer.retry };
  return { end: 'refused', code: codeOf(answer), message: reasonOf(answer) };
}

/** Sends what BOX holds and WHO may send. SAY(type, detail): "done" with the item and the answer,
 * "refused", "signin", "idle" and "sending". */
export function createSender({ box, who, say }) {
  let busy = false;
  let again = 0;
  let failures = 0;
  let timer = 0;

  const sendable = (item) => item.state === 'waiting' && (item.kind !== 'events' || item.as === who()?.name);

  async function attempt(item) {
    const route = routes[item.kind];
    // What never left the phone can still be mended.
    if (!item.tried && navigator.onLine !== false) await box.put({ ...item, tried: true });
    try {
      const answer = await ask(route.path, { body: route.body(item), patience: PATIENCE });
      return { answer, ...judge(item, answer) };
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      return { end: 'later' };
    }
  }

  // Gives whether to go on with the next.
  async function settle(item, { end, answer, wait, code, message, events }) {
    if (end === 'later') {
      later(wait);
      return false;
    }
    failures = 0;
    if (end === 'done') await box.remove(item.key);
    if (end === 'refused') {
      await box.put({ ...item, ...(events && { events }), state: 'refused', tried: true, code, message });
    }
    say(end, { item, answer });
    return end !== 'signin';
  }

  function later(wait) {
    failures += 1;
    const steps = Math.min(AGAIN.most, AGAIN.first * 2 ** (failures - 1));
    plan(Math.max((wait ?? 0) * 1000, steps * (0.5 + Math.random() / 2)));
  }

  function plan(ms) {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  }

  async function round(renew) {
    for (;;) {
      const item = (await box.list()).find(sendable);
      if (!item) return;
      renew();
      if (!await settle(item, await attempt(item))) return;
    }
  }

  async function run() {
    if (busy) {
      again = 1;
      return;
    }
    clearTimeout(timer);
    busy = true;
    say('sending');
    do {
      again = 0;
      const mine = await alone(round).catch(() => false);
      if (!mine && (await box.list()).some(sendable)) plan(AGAIN.elsewhere);
    } while (again);
    busy = false;
    say('idle');
  }

  const hurry = () => {
    failures = 0;
    run();
  };
  addEventListener('online', hurry);
  addEventListener('pageshow', run);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) hurry();
  });
  onRelease(run);
  return { run, hurry };
}
