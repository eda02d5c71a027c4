// Tokens: who has one, and for what. A new one is given as a sign-in link; its text nobody sees.

import { el, say } from '../dom.js';
import { current } from '../figures.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { button, card, field, fillSelect, select, sure, textInput } from '../m/ui.js';
import { signInLink } from './link.js';
import { loading, table, written } from './table.js';

const ROLES = ['report', 'admin', 'view'];
const NAME = /^[A-Za-z0-9._:-]{1,64}$/;

function addForm(desk, onAdded) {
  const name = textInput({ maxlength: 64, placeholder: 'swj-01', autocapitalize: 'off', spellcheck: 'false' });
  const role = fillSelect(select(), [{ entries: ROLES.map((id) => ({ id, name: t(`m.role.${id}`) })) }], 'report');
  const unit = fillSelect(select(), [{ entries: current(desk.catalogue?.units ?? []) }], '', t('admin.anyunit'));
  const unitField = field(t('m.unit'), unit);
  const error = el('p', { class: 'error', role: 'alert' });
  role.addEventListener('change', () => { unitField.hidden = role.value !== 'report'; });

  async function add() {
    const good = NAME.test(name.value.trim());
    say(error, good ? '' : t('admin.name.bad'));
    if (!good) return;
    const bound = role.value === 'report' && unit.value;
    const issued = await desk.ask('admin/tokens', { name: name.value.trim(), role: role.value, ...(bound && { unit: unit.value }) });
    if (!issued) return;
    name.value = '';
    onAdded(issued);
  }
  return card(t('admin.add'), el('div', { class: 'row-form' }, field(t('admin.name'), name),
    field(t('admin.role'), role), unitField, button(t('admin.add.do'), add, 'main')), error);
}

export function tokens(desk) {
  const shown = el('div');
  const show = (issued) => shown.replaceChildren(signInLink(issued, () => shown.replaceChildren()));
  let reload = () => {};

  async function link(name) {
    const issued = await desk.ask('codes', { name });
    if (issued) show(issued);
  }

  async function revoke(name) {
    if (await desk.ask('admin/tokens/revoke', { name })) desk.say(t('admin.revoked', { name }));
    reload();
  }

  const actions = ({ name }) => el('span', { class: 'actions' },
    button(t('admin.link.new'), () => link(name), 'small'),
    sure(t('admin.revoke'), t('admin.revoke.sure'), () => revoke(name), 'small'));

  const columns = () => [
    [t('admin.name'), ({ name }) => name], [t('admin.role'), ({ role }) => t(`m.role.${role}`)],
    [t('m.unit'), ({ unit }) => (unit ? desk.unitName(unit) : null)],
    [t('admin.created'), ({ created }) => written(created)], [t('admin.seen'), ({ seen }) => written(seen)],
    [t('admin.sessions'), ({ sessions }) => count(sessions)], [t('admin.actions'), actions]];

  const list = loading(t('admin.tokens.title'), async (again) => {
    reload = again;
    const answer = await desk.ask('admin/tokens');
    return answer && [table(t('admin.tokens.title'), columns(), answer.tokens, t('admin.tokens.none'))];
  });
  return el('div', { class: 'stack' }, addForm(desk, (issued) => {
    show(issued);
    reload();
  }), shown, list);
}
