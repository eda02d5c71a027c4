// Signing in by a one-time code. A code that could not be sent is still good, and is tried again by
// hand; it is kept nowhere but here.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { codeOf, Lost, reasonOf } from './api.js';
import { nameOf } from './names.js';
import { button } from './ui.js';

/** Why there is no session, in calm words. */
export const signInTrouble = (answer) => (codeOf(answer) === 'bad_code' ? t('m.in.bad') : reasonOf(answer));

async function greet(app, show) {
  const { name, unit, role } = app.session.who();
  const hello = () => t('m.in.hello', { name: nameOf(app.state(), 'unit', unit) ?? name });
  show(() => [el('h2', null, t('m.in.done')), el('p', null, hello()), el('p', null, t(`m.role.${role}`))]);
  if (app.session.reports()) app.go('report');
  await app.named();
  app.toast(hello());
}

export async function signIn(app, show, code) {
  show(() => [el('h2', null, t('m.in.doing'))]);
  try {
    const answer = await app.session.signIn(code);
    if (answer.status === 200) await greet(app, show);
    else show(() => [el('h2', null, t('m.in.not')), el('p', null, signInTrouble(answer))]);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    show(() => [el('h2', null, t('m.in.not')), el('p', null, t('m.in.lost')),
                button(t('m.again'), () => signIn(app, show, code), 'main')]);
  }
}
