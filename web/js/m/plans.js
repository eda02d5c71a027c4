// Announcing what comes, taking it back, and, once it is held, reporting it: then the plan's code
// on the wall checks residents in.

import { el, say } from '../dom.js';
import { clock } from '../format.js';
import { t } from '../i18n.js';
import { agenda } from '../figures.js';
import { newId } from './ids.js';
import { recall } from './kept.js';
import { iso, moment } from './moment.js';
import { placeOf, whenOf } from './names.js';
import { choice, communities, unitField, venues } from './places.js';
import { button, calm, field, redraw, sure, textInput } from './ui.js';

const DAY = 86400000;
const ALIKE = ['plan', 'title', 'community', 'unit', 'venue'];

/** Half past nine tomorrow, as most things begin. */
function usual(app) {
  const [hours, minutes] = clock(app.now(), app.zone()).split(':').map(Number);
  return app.now() + DAY - (hours * 60 + minutes - 570) * 60000;
}

export function planPart(app, scope, report) {
  const unit = unitField(app, scope, () => show());
  const title = textInput({ placeholder: t('m.plan.example') });
  const starts = moment(app, t('m.plan.starts'));
  const community = choice(app, scope, { entries: ({ catalogue }) => communities(catalogue),
                                         preset: recall('last', {}).community, empty: t('m.none') });
  const venue = choice(app, scope, { entries: (state) => venues(state, app.unit()), empty: t('m.none') });
  const error = el('p', { class: 'error', role: 'alert' });
  const list = el('ul', { class: 'rows' });
  let mended = null;
  starts.set(usual(app));

  const event = (fields) => ({ id: newId(), kind: 'plan', at: iso(app.now()), ...fields });

  async function announce() {
    const why = (!title.value.trim() && 'm.activity.title.none') || (Number.isNaN(starts.value()) && 'm.time.bad')
      || (!community.value() && !unit.value() && 'm.place.none');
    say(error, why ? t(why) : '');
    if (why) return;
    const made = event({ plan: mended?.events[0].plan ?? newId(), title: title.value.trim(), starts: iso(starts.value()),
      ...Object.fromEntries([['community', community.value()], ['unit', unit.value()], ['venue', venue.value()]]
        .filter(([, value]) => value)) });
    title.value = '';
    await (mended ? app.mend(mended, { events: [made] }) : app.add({ kind: 'events', events: [made] }));
    mended = null;
    app.kept();
  }

  const cancel = (one) => async () => {
    const alike = Object.fromEntries(ALIKE.filter((name) => one[name]).map((name) => [name, one[name]]));
    await app.add({ kind: 'events', events: [event({ ...alike, starts: one.starts, cancelled: true })] });
    app.kept();
  };

  const waiting = (id) => app.made().some((one) => one.kind === 'plan' && one.plan === id && app.waitsFor(one.id));

  const row = (one) => el('li', one.cancelled ? { class: 'cancelled' } : null,
    el('p', { class: 'what' }, el('bdi', null, one.title),
       one.cancelled ? el('span', { class: 'tag' }, t('m.kind.cancelled')) : null,
       waiting(one.plan) ? el('span', { class: 'tag' }, t('m.state.waiting')) : null),
    el('p', { class: 'where' }, el('time', null, whenOf(one.starts, app.now(), app.zone())), ' ',
       placeOf(app.state(), { community: one.community })),
    one.cancelled ? null : el('p', { class: 'actions' },
      button(t('m.plan.report'), () => report(one), 'small'),
      button(t('m.code'), () => app.go(`code=plans:${one.plan}`), 'small'),
      sure(t('m.plan.cancel'), t('m.plan.cancel.sure'), cancel(one), 'small')));

  function show() {
    const { plans, catalogue } = app.state();
    const own = unit.value();
    const known = new Map((plans ?? []).map((one) => [one.plan, one]));
    for (const one of app.made()) if (one.kind === 'plan') known.set(one.plan, { ...known.get(one.plan), ...one });
    const found = plans && agenda([...known.values()], app.now(), app.zone()).filter((one) => !own || one.unit === own);
    const minute = Math.floor(app.now() / 60000);
    redraw(list, JSON.stringify([found, found?.map(({ plan }) => waiting(plan)), minute, catalogue?.text?.length]), () => {
      if (!found?.length) return [el('li', null, calm(t(found ? 'm.plan.empty' : 'm.waiting')))];
      return found.map(row);
    });
  }
  scope.on(app.link.bus, 'model', show);
  scope.on(app.bus, 'items', show);
  show();

  return {
    node: el('div', { class: 'form' }, el('h2', null, t('m.plan.new')), unit.node,
      field(t('m.title.field'), title), field(t('m.plan.starts'), starts.node),
      field(t('m.community'), community.node), field(t('m.venue'), venue.node), error,
      button(t('m.plan.announce'), announce, 'main'), el('h2', null, t('m.plan.own')), list),
    fill(one, { item }) {
      mended = item;
      title.value = one.title ?? '';
      community.set(one.community);
      venue.set(one.venue);
    },
  };
}
