// A resident checks in by a scanned code. It goes by the box like everything else, so that it holds
// without a network, and a code that is scanned again while it waits there waits once.

import { el } from '../dom.js';
import { parseInstant } from '../format.js';
import { t } from '../i18n.js';
import { codeOf, reasonOf } from './api.js';
import { placeOf, whenOf } from './names.js';

// Where only who is signed in sees totals, the answer alone tells the server's zone.
const when = (app, text, { now }) => whenOf(text, app.now(), parseInstant(now)?.zone ?? app.zone());
const title = (words) => el('p', { class: 'what' }, el('bdi', null, words ?? ''));

function done(app, answer) {
  const { status, activity = {} } = answer;
  const where = [placeOf(app.state(), activity), when(app, activity.at, answer)];
  return [el('h2', null, t(`m.checkin.${status}`)), title(activity.title),
          el('p', null, where.filter(Boolean).join(' · ')), el('p', null, t('m.checkin.thanks'))];
}

function refused(app, answer) {
  if (codeOf(answer) !== 'not_started') {
    return [el('h2', null, t('m.checkin.not')), el('p', null, reasonOf(answer))];
  }
  const { plan = {} } = answer.body;
  if (plan.cancelled) return [el('h2', null, t('m.checkin.cancelled')), title(plan.title)];
  return [el('h2', null, t('m.checkin.early')), title(plan.title),
          el('p', null, t('m.checkin.starts', { when: when(app, plan.starts, answer.body) })),
          el('p', null, t('m.checkin.rescan'))];
}

const kept = () => [el('h2', null, t('m.checkin.kept')), el('p', null, t('m.checkin.later'))];

/** Tells what becomes of the check-in that is called KEY. */
function follow(app, show, key) {
  const on = {
    done({ detail: { item, answer } }) {
      if (item.key === key) end(() => done(app, answer.body));
    },
    refused({ detail: { item, answer } }) {
      if (item.key !== key) return;
      app.box.remove(key);
      end(() => refused(app, answer));
    },
    idle() {
      if (app.items.some((item) => item.key === key)) show(kept);
    },
  };
  function end(draw) {
    for (const [type, act] of Object.entries(on)) app.bus.removeEventListener(type, act);
    show(draw);
  }
  for (const [type, act] of Object.entries(on)) app.bus.addEventListener(type, act);
}

export async function checkIn(app, show, code) {
  show(() => [el('h2', null, t('m.checkin.doing'))]);
  const waiting = (await app.box.list()).find((item) => item.kind === 'checkin' && item.code === code);
  const key = waiting?.key ?? await app.add({ kind: 'checkin', code });
  if (waiting) app.sender.hurry();
  follow(app, show, key);
}
