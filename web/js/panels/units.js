// Which member units take part: all of them, this month and today. A wall, not a league table.

import { el, frame, say } from '../dom.js';
import { count, NONE } from '../format.js';
import { t } from '../i18n.js';
import { participation, partOf } from '../figures.js';
import { viewKey } from '../model.js';
import { createWall, partWord, wallKey } from './wall.js';

const LOW = 300; // px: less leaves the looks' key out, for the tiles

const groupsOf = (state, range) => state.views[viewKey(range, 'unit')]?.groups;

const partsOf = (state) => {
  const [month, today] = [groupsOf(state, 'month'), groupsOf(state, 'today')];
  return state.catalogue.units.map(({ id }) => partOf(id, month, today));
};

function mount(host, { spec, kind }) {
  const active = el('b', null, NONE);
  const rest = el('span');
  const today = el('b', null, NONE);
  const aside = el('a', { class: 'aside', href: '#metric=units' }, t('units.month'), active, rest,
                   t('units.today'), today);
  const wall = createWall('unit', kind === 'flow');
  host.append(...frame(spec.title ?? t('units.title'), aside, wall.node, wallKey()));
  let known = {};

  return {
    update({ state }) {
      const { catalogue } = state;
      if (!catalogue) return;
      const [month, now] = [groupsOf(state, 'month'), groupsOf(state, 'today')];
      if (catalogue === known.catalogue && month === known.month && now === known.now) return;
      if (catalogue !== known.catalogue) {
        wall.build(catalogue.units);
        wall.fit();
      }
      known = { catalogue, month, now };
      const parts = partsOf(state);
      const sums = participation(parts);
      wall.show(parts);
      say(active, count(sums.month));
      say(rest, t('units.of', { n: count(sums.all) }));
      say(today, count(sums.today));
    },
    resize({ height }) {
      if (kind !== 'flow') host.toggleAttribute('data-low', height < LOW);
      wall.fit();
    },
    table: (state) => {
      const parts = state.catalogue ? partsOf(state) : [];
      const units = state.catalogue?.units ?? [];
      return { head: ['unit', 'name', 'takes part'],
               rows: units.map(({ id, name }, i) => [id, name, partWord(parts[i])]) };
    },
  };
}

export default { needs: [['month', 'unit'], ['today', 'unit']], mount };
