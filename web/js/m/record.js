// One record in the list of one's own: its line, and, opened, what it counts and what can be done.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { ask, Lost } from './api.js';
import { newId } from './ids.js';
import { iso } from './moment.js';
import { countsOf, nameOf, whenOf, wordsOf } from './names.js';
import { button, people, sure } from './ui.js';

const REASONS = ['twice', 'wrong', 'notheld', 'other'];
const FIXED = ['void', 'reach', 'opening'];

async function takeBack(app, { id }, reason) {
  await app.add({ kind: 'events', events: [{ id: newId(), kind: 'void', at: iso(app.now()), of: id, reason }] });
  app.kept();
}

// Check-ins go with their activity: so the correction takes their number over.
function correct(app, event, came) {
  const words = came ? t('m.correct.reached', { n: came }) : t('m.correct.about');
  app.fill('activity', { ...event, residents: (event.residents ?? 0) + came }, { corrects: event.id }, words);
}

function takeBackPart(app, event) {
  const reason = el('select', { 'aria-label': t('m.reason') },
                    ...REASONS.map((name) => el('option', null, t(`m.reason.${name}`))));
  return el('p', { class: 'actions' }, reason,
            sure(t('m.void'), t('m.void.sure'), () => takeBack(app, event, reason.value), 'small'));
}

const activityPart = (app, event, came) => el('p', { class: 'actions' },
  button(t('m.correct'), () => correct(app, event, came), 'small'),
  button(t('m.code'), () => app.go(`code=activities:${event.id}`), 'small'));

/** What it counts now, by the server's books. */
async function counts(node, { id }) {
  try {
    const { body } = await ask(`events/${id}`);
    say(node, body?.void ? t('m.records.voided', { reason: body.void.reason })
      : countsOf(body?.counted ?? []) || t('m.records.nothing'));
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    say(node, t('m.offline'));
  }
}

function inside(app, event, { came, gone, going }) {
  const counted = el('p', { class: 'counted' }, t('m.waiting'));
  counts(counted, event);
  if (FIXED.includes(event.kind) || gone || going) return [counted];
  return [counted, ...(event.kind === 'activity' ? [activityPart(app, event, came)] : []), takeBackPart(app, event)];
}

/** HOW: {came, gone, going}: how many checked in, whether it is voided, whether a void waits. */
export function record(app, event, how) {
  const [kind, about] = wordsOf(event);
  const reached = event.kind === 'activity' ? (event.residents ?? 0) + how.came : 0;
  const summary = el('summary', null,
    el('span', { class: 'what' }, el('span', { class: 'tag' }, kind), ' ', el('bdi', null, about)),
    el('span', { class: 'where' }, [whenOf(event.at, app.now(), app.zone()),
      nameOf(app.state(), 'community', event.community), reached ? people(reached) : null].filter(Boolean).join(' · ')),
    how.gone || how.going
      ? el('span', { class: 'tag' }, t(how.gone ? 'm.records.void' : 'm.records.voiding')) : null);
  const details = el('details', null, summary);
  details.addEventListener('toggle', () => {
    if (details.open) details.replaceChildren(summary, ...inside(app, event, how));
  });
  return el('li', { 'data-id': event.id, ...(how.gone && { class: 'cancelled' }) }, details);
}
