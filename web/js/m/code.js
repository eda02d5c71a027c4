// The code by which residents check in, as large as the phone is wide, with how many have. It is
// made anew before it expires, and the phone stays awake while it is shown.

import { el, say } from '../dom.js';
import { parseInstant } from '../format.js';
import { t } from '../i18n.js';
import { ask, Lost, reasonOf } from './api.js';
import { whenOf } from './names.js';
import { qrOf } from '../qr.js';
import { calm } from './ui.js';

const EARLY = 60000; // ms before it expires
const PAGES = 5;

async function cameTo(app, id) {
  const { body } = await ask(`events/${id}`);
  const { unit, community } = body?.event ?? {};
  const by = unit ? `by=unit&id=${unit}` : `by=community&id=${community}`;
  let sum = 0;
  let next = '';
  for (let page = 0; page < PAGES && next !== null; page += 1) {
    const answer = await ask(`events?kind=reach&${by}&limit=1000${next && `&before=${next}`}`);
    for (const { activity, residents } of answer.body?.events ?? []) if (activity === id) sum += residents ?? 1;
    next = answer.body?.next ?? null;
  }
  return sum;
}

export default function code(app, scope) {
  const title = el('h2');
  const place = el('div', { class: 'code' });
  const until = el('p');
  const came = el('p', { class: 'came', role: 'status' });
  const node = el('div', { class: 'view' }, el('section', { class: 'card' }, title, place, came, until,
    el('p', { class: 'calm' }, t('m.code.how')), el('a', { class: 'button', href: '#mine' }, t('m.back'))));
  let shown = { kind: null, id: null, expires: 0 };
  let newest = '';

  let awake = null;

  const visible = () => node.isConnected;

  async function stay() {
    awake ??= await navigator.wakeLock?.request('screen').catch(() => null) ?? null;
  }

  function rest() {
    awake?.release();
    awake = null;
  }

  async function load() {
    const { kind, id } = shown;
    try {
      const answer = await ask(`${kind}/${id}/code`);
      if (shown.id !== id) return;
      if (answer.status !== 200) {
        place.replaceChildren(calm(reasonOf(answer)));
        return;
      }
      const { path, expires, title: words } = answer.body;
      say(title, words ?? '');
      shown.expires = parseInstant(expires)?.ms ?? Infinity;
      say(until, t('m.code.until', { when: whenOf(expires, app.now(), app.zone()) }));
      place.replaceChildren(await qrOf(location.origin + path, t('m.code.label', { title: words ?? '' })));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      place.replaceChildren(calm(t('m.code.offline')));
    }
  }

  async function countCame() {
    if (shown.kind !== 'activities') return;
    try {
      say(came, t('m.code.came', { n: await cameTo(app, shown.id) }));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  }

  // Check-ins come by the feed; each says only that there is more to count.
  scope.on(app.link.bus, 'model', ({ detail: { state } }) => {
    if (!visible()) return;
    const latest = state.feed.find(({ kind, activity }) => kind === 'reach' && activity === shown.id)?.id ?? '';
    if (latest === newest) return;
    newest = latest;
    countCame();
  });
  scope.every(20000, () => {
    if (visible() && app.now() > shown.expires - EARLY) load();
    if (!visible()) rest();
  });

  return { node, show(argument) {
    const [kind, ...id] = (argument ?? '').split(':');
    shown = { kind: kind === 'plans' ? 'plans' : 'activities', id: id.join(':'), expires: Infinity };
    newest = '';
    say(came, '');
    say(title, '');
    say(until, '');
    place.replaceChildren(calm(t('m.waiting')));
    stay();
    load();
    countCame();
  } };
}
