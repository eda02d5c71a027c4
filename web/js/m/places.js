// What may be chosen for a place or a project, in the catalogue's order, what is near first.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { byCircle, current } from '../figures.js';
import { keep, recall } from './kept.js';
import { field, fillSelect, select } from './ui.js';

/** Communities by circle. */
export const communities = (catalogue) =>
  byCircle(catalogue).map(({ name, communities: entries }) => ({ name, entries: current(entries) }));

/** Projects that aren't over, the UNIT's own first, then by category. */
export function projects(catalogue, unit) {
  const open = current(catalogue.projects).filter(({ status }) => status !== 'done');
  const own = open.filter(({ units }) => units?.includes(unit));
  return [{ name: t('m.own'), entries: own }, ...catalogue.categories.map(({ id, name }) => ({
    name, entries: open.filter((one) => one.category === id && !own.includes(one)) }))];
}

/** Venues that are shared now, the UNIT's own first. */
export function venues(state, unit) {
  const shared = (state.venues ?? []).filter(({ kind }) => kind === 'venue')
    .map(({ venue, name, unit: by }) => ({ id: venue, name: name ?? venue, by }));
  return [{ name: t('m.own'), entries: shared.filter(({ by }) => by === unit) },
          { name: t('m.others'), entries: shared.filter(({ by }) => by !== unit) }];
}

/** A select that is filled again whenever ENTRIES(state), its groups, come out otherwise. */
export function choice(app, scope, { entries, preset, empty }) {
  const node = select();
  let wanted = preset;
  let drawn = '';
  function show() {
    const state = app.state();
    if (!state.catalogue) return;
    const groups = entries(state);
    const key = JSON.stringify(groups);
    if (key === drawn) return;
    drawn = key;
    fillSelect(node, groups, wanted, empty);
  }
  node.addEventListener('change', () => { wanted = node.value; });
  scope.on(app.link.bus, 'model', show);
  show();
  return { node, value: () => node.value || undefined, set(value) {
    wanted = value ?? '';
    drawn = '';
    show();
  } };
}

/** The unit that is reported for: to be chosen only by who isn't bound to one. */
export function unitField(app, scope, act = () => {}) {
  const bound = app.session.who()?.unit;
  if (bound) return { node: null, value: () => bound };
  const chosen = choice(app, scope, { entries: ({ catalogue }) => [{ entries: current(catalogue.units) }],
                                      preset: recall('unit'), empty: t('m.unit.none') });
  chosen.node.addEventListener('change', () => {
    keep('unit', chosen.value() ?? null);
    act();
  });
  return { node: el('div', null, field(t('m.unit'), chosen.node)), value: chosen.value };
}
