// What was announced, for whoever has scanned its code on the cockpit.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { ask, Lost } from './api.js';
import { placeOf, whenOf } from './names.js';

export async function announced(app, show, id) {
  const find = (plans) => plans?.find((one) => one.plan === id);
  let plan = find(app.state().plans);
  const draw = () => (plan ? [
    el('p', { class: 'tag' }, t(plan.cancelled ? 'm.kind.cancelled' : 'm.kind.plan')),
    el('h2', null, el('bdi', null, plan.title)),
    el('p', null, whenOf(plan.starts, app.now(), app.zone())), el('p', null, placeOf(app.state(), plan)),
  ] : [el('h2', null, t('m.plan.none'))]);
  show(plan ? draw : () => [el('h2', null, t('m.plan.doing'))]);
  try {
    plan ??= find((await ask('plans')).body?.plans);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  show(draw);
}
