// Beginning anew by itself: when the server has other pages or another layout than this one was
// made with, and once a night. Only while nobody is here, and only after the server has just
// answered, so that a wall never trades its picture for an error page.

import { apiPath, keptName, pagePath } from '../base.js';
import { dayKey, clock } from '../format.js';
import { serverNow } from '../model.js';
import { isLeftAlone } from './activity.js';
import { isQuiet } from './quiet.js';
import { checkSelf } from './self.js';

const IDLE = 60000;       // ms without a touch
const AGAIN = 20000;      // ms between two attempts
const SPREAD = 20;        // minutes over which walls that share a server begin anew
const YOUNG = 3600000;    // a page younger than this needs no quiet hour
const CALM = 600000;      // ms between two reloads for a new build, should servers disagree
const KEPT = { night: keptName('renewed-night'), at: keptName('renewed-at') };

const own = () => document.querySelector('meta[name="build"]')?.content ?? '';
const ask = (path) => fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(5000) });

/** The build that a page's text names. */
export const buildOf = (html) => /<meta name="build" content="([^"]*)">/.exec(html)?.[1] ?? null;

async function layoutNow() {
  const response = await ask(apiPath('screen'));
  return response.ok ? JSON.stringify(await response.json()) : null;
}

/** What the server has now: {build, layout}; throws if it doesn't answer as it should. */
async function served() {
  const page = await ask(pagePath('/'));
  if (page.status !== 200) throw new Error(page.status);
  const build = buildOf(await page.text());
  if (!build) throw new Error('not this page');
  return { build, layout: await layoutNow() };
}

// A page that has just begun is left as it is, too.
const isIdle = () => performance.now() >= IDLE && isLeftAlone(IDLE);

export function renew({ screen, link }) {
  const spread = Math.floor(Math.random() * SPREAD);
  const layout = localStorage.getItem(keptName('screen'));
  let version = null;      // the first that this page saw
  let wanted = false;      // something may have changed
  let triedAt = -Infinity;
  let wasLive = false;
  let looked = true;       // at what the server has, since it came back
  let lookedAt = -Infinity;

  // The version says only that something differs; what, the server's answer says.
  function hear(state) {
    if (state.link === 'live' && !wasLive) {
      looked = false;
      lookAtBuild();
    }
    wasLive = state.link === 'live';
    if (state.version === null) return;
    version ??= state.version;
    if (state.version === version) return;
    version = state.version;
    wanted = true;
  }

  async function lookAtBuild() {
    lookedAt = performance.now();
    const build = await ask(pagePath('/build.txt')).then((response) => (response.ok ? response.text() : null))
      .catch(() => null);
    if (build === null) return; // a later tick asks again
    looked = true;
    if (build.trim() !== own()) wanted = true;
  }

  function isNight(state, now) {
    if (!screen.quiet || state.zone === null || performance.now() < YOUNG) return false;
    const server = serverNow(state, now);
    return isQuiet(screen.quiet, clock(server, state.zone), spread)
      && localStorage.getItem(KEPT.night) !== dayKey(server, state.zone);
  }

  async function attempt(state, now, night) {
    triedAt = performance.now();
    const found = await served().catch(() => null);
    if (!found || !isIdle()) return;
    const differs = found.build !== own() || (found.layout !== null && found.layout !== layout);
    if (!differs) wanted = false;
    const calm = Date.now() - Number(localStorage.getItem(KEPT.at)) >= CALM;
    if (!night && !(differs && calm)) return;
    if (night) localStorage.setItem(KEPT.night, dayKey(serverNow(state, now), state.zone));
    else localStorage.setItem(KEPT.at, Date.now());
    checkSelf();
    location.reload();
  }

  link.bus.addEventListener('model', ({ detail }) => hear(detail.state));
  link.bus.addEventListener('tick', ({ detail: { state, now } }) => {
    const night = isNight(state, now);
    if (!looked && state.link === 'live' && performance.now() - lookedAt >= AGAIN) lookAtBuild();
    if (!(wanted || night) || state.link !== 'live' || !isIdle()) return;
    if (performance.now() - triedAt >= AGAIN) attempt(state, now, night);
  });
}
