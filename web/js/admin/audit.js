// What was done with rights and who was refused, newest first, page by page.

import { el } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { button } from '../m/ui.js';
import { loading, table, written } from './table.js';

const PAGE = 50;

const told = (prefix, word) => {
  const own = t(`admin.${prefix}.${word}`);
  return own === `admin.${prefix}.${word}` ? word : own;
};
const outcome = ({ outcome: word, reason, count: n }) => [told('outcome', word), reason, n && `×${count(n)}`]
  .filter(Boolean).join(' · ');

export function audit(desk) {
  let entries = [];
  let next = null;

  return loading(t('admin.audit.title'), async (again) => {
    const answer = await desk.ask(`admin/audit?limit=${PAGE}${next ? `&before=${encodeURIComponent(next)}` : ''}`);
    if (!answer) return null;
    entries = [...entries, ...answer.entries];
    next = answer.next;
    return [table(t('admin.audit.title'), [
      [t('admin.when'), ({ at }) => written(at)], [t('admin.actor'), ({ actor }) => actor],
      [t('admin.peer'), ({ peer }) => peer], [t('admin.act'), ({ act }) => told('act', act)],
      [t('admin.subject'), ({ subject }) => subject], [t('admin.outcome'), outcome]], entries, t('admin.audit.none')),
    ...(next ? [el('p', { class: 'actions' }, button(t('m.records.more'), again, 'small'))] : [])];
  });
}
