// What is one's own: who one is here, what one's unit has done, what is unsent, and the last records.

import { el, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { ask, Lost } from './api.js';
import { keep, recall } from './kept.js';
import { nameOf } from './names.js';
import { unitField } from './places.js';
import { records } from './records.js';
import { card, sure } from './ui.js';
import { unsent } from './unsent.js';

const RANGES = ['today', 'month', 'year'];
const METRICS = ['activities', 'residents', 'problems_solved', 'venues'];

function sums(app) {
  const cells = new Map();
  const cell = (metric, range) => {
    const node = el('td');
    cells.set(`${metric}|${range}`, node);
    return node;
  };
  const node = el('table', { class: 'sums' }, el('caption', null, t('m.mine.totals')),
    el('thead', null, el('tr', null, el('td'), ...RANGES.map((range) => el('th', { scope: 'col' }, t(`m.range.${range}`))))),
    el('tbody', null, ...METRICS.map((metric) => el('tr', null,
      el('th', { scope: 'row' }, t(`m.metric.${metric}`)), ...RANGES.map((range) => cell(metric, range))))));

  function show(kept) {
    const known = kept?.unit === app.unit() ? kept.rows : {};
    for (const [key, td] of cells) {
      const [metric, range] = key.split('|');
      say(td, count(known[range]?.[metric]));
    }
  }

  async function load() {
    const unit = app.unit();
    node.hidden = !unit;
    show(recall('sums'));
    if (!unit) return;
    try {
      const answers = await Promise.all(RANGES.map((range) => ask(`totals?range=${range}&by=unit`)));
      const rows = answers.map(({ body }) => body?.groups?.find(({ id }) => id === unit));
      keep('sums', { unit, rows: Object.fromEntries(RANGES.map((range, i) => [range, rows[i]])) });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    show(recall('sums'));
  }
  return { node, load };
}

export default function mine(app, scope) {
  const name = el('h2');
  const role = el('p');
  const totals = sums(app);
  const list = records(app, scope);
  const load = () => {
    totals.load();
    list.load();
  };
  const unit = unitField(app, scope, load);
  const leave = sure(t('m.leave'), t('m.leave.sure'), async () => {
    try {
      await app.session.end();
      keep('memory', null);
      location.replace(location.pathname); // nothing that only members may see stays open
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      app.toast(t('m.leave.offline'));
    }
  }, 'quiet');

  function showWho() {
    const who = app.session.who();
    if (!who) return;
    say(name, nameOf(app.state(), 'unit', who.unit) ?? who.name);
    say(role, [t(`m.role.${who.role}`), who.name].join(' · '));
  }
  scope.on(app.link.bus, 'model', showWho);
  let due = 0;
  scope.on(app.bus, 'done', ({ detail: { item } }) => {
    if (item.kind !== 'events') return;
    clearTimeout(due);
    due = setTimeout(load, 600); // counted is counted, but the figures follow a moment later
  });
  showWho();
  return {
    node: el('div', { class: 'view' },
      el('section', { class: 'card who' }, el('div', null, name, role), leave, unit.node, totals.node),
      unsent(app, scope), card(t('m.records'), list.node)),
    show: load,
  };
}
