// The rooms a unit shares: which are shared now, and sharing one more. A room keeps its id when it
// is withdrawn and shared again.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { newId } from './ids.js';
import { recall } from './kept.js';
import { iso } from './moment.js';
import { nameOf } from './names.js';
import { choice, communities, unitField } from './places.js';
import { button, calm, field, redraw, sure, textInput } from './ui.js';

/** What is shared after what was made here: the venues of UNIT, or all without one. */
function sharedNow(app, unit) {
  const found = new Map((app.state().venues ?? []).filter(({ kind }) => kind === 'venue')
    .map((event) => [event.venue, { ...event, waits: false }]));
  for (const event of app.made()) {
    const waits = app.waitsFor(event.id);
    if (event.kind === 'venue') found.set(event.venue, { ...found.get(event.venue), ...event, waits });
  }
  return [...found.values()].filter((event) => (event.shared || event.waits) && (!unit || event.unit === unit));
}

export function venuePart(app, scope) {
  const unit = unitField(app, scope, () => show());
  const list = el('ul', { class: 'rows' });
  const name = textInput({ placeholder: t('m.venue.example') });
  const community = choice(app, scope, { entries: ({ catalogue }) => communities(catalogue),
                                         preset: recall('last', {}).community, empty: t('m.none') });
  const error = el('p', { class: 'error', role: 'alert' });
  let mended = null;

  const event = (fields) => ({ id: newId(), kind: 'venue', at: iso(app.now()), ...fields,
                               ...(unit.value() && { unit: unit.value() }) });

  async function share() {
    const words = name.value.trim();
    const why = (!words && 'm.venue.name.none') || (!community.value() && !unit.value() && 'm.place.none');
    say(error, why ? t(why) : '');
    if (why) return;
    const made = event({ venue: mended?.events[0].venue ?? newId(), shared: true, name: words,
                         ...(community.value() && { community: community.value() }) });
    name.value = '';
    await (mended ? app.mend(mended, { events: [made] }) : app.add({ kind: 'events', events: [made] }));
    mended = null;
    app.kept();
  }

  const withdraw = ({ venue }) => async () => {
    await app.add({ kind: 'events', events: [event({ venue, shared: false })] });
    app.kept();
  };

  const row = (one) => el('li', null,
    el('p', { class: 'what' }, el('bdi', null, one.name ?? one.venue),
       one.waits ? el('span', { class: 'tag' }, t('m.state.waiting')) : null),
    el('p', { class: 'where' }, nameOf(app.state(), 'community', one.community) ?? ''),
    one.shared ? sure(t('m.venue.withdraw'), t('m.venue.withdraw.sure'), withdraw(one), 'small') : null);

  function show() {
    const { venues, catalogue } = app.state();
    const found = sharedNow(app, unit.value());
    redraw(list, JSON.stringify([found, Boolean(venues), catalogue?.text?.length]), () => {
      if (found.length) return found.map(row);
      return [el('li', null, calm(t(venues ? 'm.venue.empty' : 'm.waiting')))];
    });
  }
  scope.on(app.link.bus, 'model', show);
  scope.on(app.bus, 'items', show);
  show();

  return {
    node: el('div', { class: 'form' }, el('h2', null, t('m.venue.new')), unit.node,
      field(t('m.venue.name'), name), field(t('m.community'), community.node), error,
      button(t('m.venue.share'), share, 'main'), el('h2', null, t('m.venue.shared')), list),
    fill(one, { item }) {
      mended = item;
      name.value = one.name ?? '';
      community.set(one.community);
    },
  };
}
