// The last recount: whether every event, counted again, gave the counters.

import { el } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { calm } from '../m/ui.js';
import { loading, written } from './table.js';

export function recount(desk) {
  return loading(t('admin.recount.title'), async () => {
    const answer = await desk.ask('recount');
    if (!answer) return null;
    const last = answer.recount;
    if (!last) return [calm(t('admin.recount.none'))];
    const good = last.differences === 0;
    return [el('p', { class: good ? 'good' : 'error' }, t(good ? 'admin.recount.good' : 'admin.recount.bad',
                                                          { n: count(last.differences) })),
            el('dl', null, el('dt', null, t('admin.when')), el('dd', null, written(last.at) ?? '—'),
               el('dt', null, t('admin.recount.rev')), el('dd', null, count(last.rev)))];
  });
}
