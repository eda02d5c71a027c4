// The catalogue's units, and who may report for each.

import { el } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { loading, table, written } from './table.js';

const newest = (dates) => dates.filter(Boolean).sort().at(-1);

export function units(desk) {
  return loading(t('admin.units.title'), async () => {
    const answer = await desk.ask('admin/tokens');
    if (!answer) return null;
    const of = (id) => answer.tokens.filter(({ role, unit }) => role === 'report' && unit === id);
    const all = desk.catalogue?.units ?? [];
    const served = all.filter(({ id }) => of(id).length).length;
    return [el('p', null, t('admin.units.many', { n: count(served), all: count(all.length) })),
      table(t('admin.units.title'), [
        [t('m.unit'), ({ name }) => name], [t('admin.id'), ({ id }) => id],
        [t('admin.reporters'), ({ id }) => of(id).map(({ name }) => name).join(' ') || null],
        [t('admin.seen'), ({ id }) => written(newest(of(id).map(({ seen }) => seen)))]], all, t('admin.units.none'))];
  });
}
