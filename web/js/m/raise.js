// Raising a problem: by anybody, and then it waits until the office has looked at it; by a unit's
// reporter, and then it counts at once. Names and numbers of people don't belong in it.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { newId } from './ids.js';
import { recall } from './kept.js';
import { choice, communities } from './places.js';
import { button, card, field, textInput } from './ui.js';

// Mobile numbers and identity cards; the server refuses them too.
const PERSONAL = /(^|\D)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)/;

export const isPersonal = (text) => PERSONAL.test(text.normalize('NFKC').replace(/[\s-]/g, ''));

/** The words of a problem, checked: {node, read(), fill(), clear()}; read() gives null after saying why. */
export function problemForm(app, scope) {
  const title = textInput({ placeholder: t('m.raise.example') });
  const community = choice(app, scope, { entries: ({ catalogue }) => communities(catalogue),
                                         preset: recall('community'), empty: t('m.choose') });
  const error = el('p', { class: 'error', role: 'alert' });
  function read() {
    const words = title.value.trim();
    const why = (words.length < 2 && 'm.raise.short') || (isPersonal(words) && 'm.raise.personal')
      || (!community.value() && 'm.raise.where');
    say(error, why ? t(why) : '');
    return why ? null : { title: words, community: community.value() };
  }
  return { node: el('div', { class: 'form' }, field(t('m.raise.what'), title),
                    field(t('m.community'), community.node), error), read,
           fill(problem) {
             title.value = problem.title ?? '';
             community.set(problem.community);
           },
           clear: () => { title.value = ''; } };
}

/** What a problem is kept as until it is sent. */
export function problemItem(app, { title, community }, { id = newId(), problem = newId() } = {}) {
  if (!app.session.reports()) return { kind: 'raise', title, community };
  const unit = app.unit();
  return { kind: 'events', events: [{ id, kind: 'problem', at: new Date(app.now()).toISOString(), problem,
                                      status: 'raised', title, community, ...(unit && { unit }) }] };
}

export function raise(app, scope) {
  const form = problemForm(app, scope);
  const said = el('p', { class: 'said', role: 'status' });
  const send = button(t('m.raise.send'), async () => {
    const problem = form.read();
    if (!problem) return;
    const item = problemItem(app, problem);
    const key = await app.add(item);
    form.clear();
    say(said, t('m.raise.kept'));
    pending.set(key, item.kind);
  }, 'main');
  const pending = new Map();
  scope.on(app.bus, 'done', ({ detail: { item } }) => {
    if (pending.delete(item.key)) say(said, t(item.kind === 'raise' ? 'm.raise.pending' : 'm.raise.counted'));
  });
  scope.on(app.bus, 'refused', ({ detail: { item, answer } }) => {
    if (pending.delete(item.key)) say(said, answer.body?.error?.message ?? t('m.refused'));
  });
  const intro = () => t(app.session.reports() ? 'm.raise.reporter' : 'm.raise.intro');
  return card(null, el('details', { class: 'fold' }, el('summary', null, el('h2', null, t('m.raise.title'))),
                       el('p', null, intro()), form.node, send, said));
}
