// Problems that residents have raised: accepted ones are counted and shown, refused ones are gone.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { button, sure } from '../m/ui.js';
import { loading, table, written } from './table.js';

const REASONS = ['twice', 'personal', 'elsewhere', 'other'];

export function pending(desk) {
  const communities = new Map((desk.catalogue?.communities ?? []).map(({ id, name }) => [id, name]));
  let reload = () => {};

  async function judge(body, said) {
    if (await desk.ask('admin/pending', body)) desk.say(t(said));
    reload();
  }

  function actions({ id, title }) {
    const reason = el('select', { 'aria-label': t('admin.reason', { title }) },
                      ...REASONS.map((name) => el('option', null, t(`admin.reason.${name}`))));
    return el('span', { class: 'actions' },
      button(t('admin.accept'), () => judge({ id, accept: true }, 'admin.accepted'), 'small'), reason,
      sure(t('admin.refuse'), t('admin.refuse.sure'),
           () => judge({ id, accept: false, reason: reason.value }, 'admin.refused'), 'small'));
  }

  return loading(t('admin.pending.title'), async (again) => {
    reload = again;
    const answer = await desk.ask('admin/pending');
    return answer && [table(t('admin.pending.title'), [
      [t('m.raise.what'), ({ title }) => el('bdi', null, title)],
      [t('m.community'), ({ community }) => communities.get(community) ?? community],
      [t('admin.when'), ({ at }) => written(at)], [t('admin.actions'), actions]],
    answer.pending, t('admin.pending.none'))];
  });
}
