// The open problems: who takes one up, and when it is solved.

import { el } from '../dom.js';
import { parseInstant } from '../format.js';
import { t } from '../i18n.js';
import { since } from '../figures.js';
import { newId } from './ids.js';
import { iso } from './moment.js';
import { nameOf } from './names.js';
import { unitField } from './places.js';
import { raise } from './raise.js';
import { button, calm, card, redraw, segments, sure } from './ui.js';

const SHOWN = 60;
const STEPS = ['raised', 'claimed', 'solved'];

function ago(ms) {
  const { unit, n } = since(ms);
  return unit === 'minutes' && n === 0 ? t('problems.now') : t(`problems.ago.${unit}`, { n });
}

export default function problems(app, scope) {
  const unit = unitField(app, scope, () => show());
  const list = el('ul', { class: 'rows' });
  let which = 'all';

  const filters = { all: () => true, raised: ({ status }) => status === 'raised',
                    own: ({ claimed_by: by }) => by && by === unit.value() };
  const choice = segments(t('m.tab.problems'), Object.keys(filters).map((name) => [name, t(`m.problems.${name}`)]),
    (name) => {
      which = name;
      show();
    });

  const step = (problem, status) => async () => {
    await app.add({ kind: 'events', events: [{ id: newId(), kind: 'problem', at: iso(app.now()), problem, status,
                                               ...(unit.value() && { unit: unit.value() }) }] });
    app.kept();
  };

  // What was made here is shown as it will be.
  function open() {
    const known = new Map((app.state().problems?.problems ?? []).map((one) => [one.problem, one]));
    for (const { kind, problem, status, title, community, unit: by, at, ...event } of app.made()) {
      const was = known.get(problem) ?? { problem, title, community, raised: at };
      if (kind !== 'problem' || STEPS.indexOf(was.status) >= STEPS.indexOf(status)) continue;
      known.set(problem, { ...was, status, claimed_by: status === 'claimed' ? by : was.claimed_by,
                           waits: app.waitsFor(event.id) });
    }
    return [...known.values()].filter(({ status, waits }) => status !== 'solved' || waits)
      .filter(filters[which]).slice(0, SHOWN);
  }

  const actions = ({ problem, status, waits }) => (waits ? null : el('p', { class: 'actions' },
    status === 'raised' && unit.value()
      ? button(t('m.problems.claim'), step(problem, 'claimed'), 'small') : null,
    sure(t('m.problems.solve'), t('m.problems.solve.sure'), step(problem, 'solved'), 'small')));

  const row = (one) => el('li', null,
    el('p', { class: 'what' }, el('bdi', null, one.title ?? one.problem)),
    el('p', { class: 'where' }, el('span', { class: `tag tag-${one.status}` }, t(`problems.is.${one.status}`)), ' ',
       [nameOf(app.state(), 'community', one.community), ago(app.now() - (parseInstant(one.raised)?.ms ?? app.now())),
        one.claimed_by && nameOf(app.state(), 'unit', one.claimed_by)].filter(Boolean).join(' · '),
       one.waits ? el('span', { class: 'tag' }, t('m.state.waiting')) : null),
    actions(one));

  function show() {
    const { problems: known, catalogue } = app.state();
    const found = open();
    const minute = Math.floor(app.now() / 60000);
    redraw(list, JSON.stringify([found, which, unit.value(), Boolean(known), minute, catalogue?.text?.length]), () => {
      if (found.length) return found.map(row);
      return [el('li', null, calm(t(known ? 'm.problems.empty' : 'm.waiting')))];
    });
  }
  scope.on(app.link.bus, 'model', show);
  scope.on(app.bus, 'items', show);
  choice.choose('all');
  return { node: el('div', { class: 'view' }, raise(app, scope),
                    card(t('m.problems.title'), unit.node, choice.node, list)), show };
}
