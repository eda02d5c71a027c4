// What a unit's reporter tells: an activity, a room, or what comes. What was just sent is said above.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { activityForm } from './activity.js';
import { wordsOf } from './names.js';
import { planPart } from './plans.js';
import { segments } from './ui.js';
import { venuePart } from './venues.js';

const PARTS = ['activity', 'venue', 'plan'];

export default function report(app, scope) {
  const host = el('div', { class: 'card' });
  const said = el('div', { class: 'said', role: 'status' });
  const parts = {
    activity: activityForm(app, scope),
    venue: venuePart(app, scope),
    plan: planPart(app, scope, (plan) => {
      open('activity', { ...plan, at: undefined }, {}, t('m.plan.fulfils', { title: plan.title }));
    }),
  };
  const choice = segments(t('m.tab.report'), PARTS.map((name) => [name, t(`m.part.${name}`)]), (name) => {
    host.replaceChildren(parts[name].node);
    parts[name].show?.();
  });

  function open(name, ...filling) {
    choice.choose(name);
    parts[name].fill(...filling);
    scrollTo(0, 0);
  }

  // The last thing that was taken, with what one may want next.
  scope.on(app.bus, 'done', ({ detail: { item, answer } }) => {
    const event = item.events?.at(-1);
    if (!event) return;
    const [kind, about] = wordsOf(event);
    const how = answer.body.results?.some(({ status }) => status === 'queued') ? 'm.queued' : 'm.counted';
    said.replaceChildren(el('p', null, `${t(how)} · ${kind} `, el('bdi', null, about)),
      event.kind === 'activity' ? el('a', { class: 'button small', href: `#code=activities:${event.id}` }, t('m.code')) : '');
  });
  scope.on(app.bus, 'refused', ({ detail: { item } }) => {
    if (item.kind === 'events') said.replaceChildren(el('a', { href: '#mine' }, t('m.refused.see')));
  });

  choice.choose('activity');
  return { node: el('div', { class: 'view' }, choice.node, said, host), fill: open };
}
