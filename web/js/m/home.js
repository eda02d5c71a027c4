// What everybody sees: the live figures, what comes in the own community, and a way to raise a
// problem. Nobody needs an account, and nothing here asks who one is.

import { pagePath } from '../base.js';
import { el, put, say } from '../dom.js';
import { count, signed } from '../format.js';
import { t } from '../i18n.js';
import { agenda } from '../figures.js';
import { changeToday, totals } from '../model.js';
import { keep, recall } from './kept.js';
import { nameOf, placeOf, whenOf } from './names.js';
import { communities } from './places.js';
import { raise } from './raise.js';
import { calm, card, field, fillSelect, redraw, select } from './ui.js';
import { unsent } from './unsent.js';
import { installer } from './install.js';

const METRICS = ['activities', 'residents', 'problems_solved', 'venues'];
const COMING = 12;

function figures(app, scope) {
  const rows = METRICS.map((metric) => {
    const number = el('b', { 'data-metric': metric });
    const change = el('span', { class: 'change' });
    const node = el('div', { class: 'figure' }, el('h3', null, t(`metric.${metric}`)),
                    el('p', null, number, ' ', t(`unit.${metric}`)), change);
    return { metric, number, change, node };
  });
  const show = () => {
    const state = app.state();
    for (const { metric, number, change } of rows) {
      const n = totals(state, 'all')?.[metric];
      if (n !== undefined) put(number, 'data-value', String(n));
      say(number, count(n));
      const today = changeToday(state, metric);
      say(change, today === null || state.remembered ? '' : `${t('head.today')} ${signed(today)}`);
    }
  };
  scope.on(app.link.bus, 'model', show);
  show();
  return card(t('m.home.figures'), el('div', { class: 'figures' }, ...rows.map(({ node }) => node)),
              el('details', null, el('summary', null, t('m.home.what')), el('p', null, t('m.home.what.is'))));
}

function coming(app, scope) {
  const own = select();
  const list = el('ul', { class: 'rows' });
  const row = (plan) => el('li', plan.cancelled ? { class: 'cancelled' } : null,
    el('p', { class: 'what' }, el('bdi', null, plan.title ?? plan.plan),
       plan.cancelled ? el('span', { class: 'tag' }, t('m.kind.cancelled')) : null),
    el('p', { class: 'where' }, el('time', null, whenOf(plan.starts, app.now(), app.zone())), ' ',
       placeOf(app.state(), plan)));

  function show() {
    const { plans, catalogue } = app.state();
    if (catalogue && own.dataset.of !== catalogue.text) {
      own.dataset.of = catalogue.text ?? '';
      fillSelect(own, communities(catalogue), recall('community'), t('m.home.all'));
    }
    const chosen = own.value;
    const found = plans ? agenda(plans, app.now(), app.zone())
      .filter(({ community }) => !chosen || !community || community === chosen).slice(0, COMING) : null;
    const minute = Math.floor(app.now() / 60000);
    redraw(list, JSON.stringify([found, chosen, minute, catalogue?.text?.length]), () => {
      if (!found) return [el('li', null, calm(t('m.waiting')))];
      return found.length ? found.map(row) : [el('li', null, calm(
        chosen ? t('m.home.none', { name: nameOf(app.state(), 'community', chosen) }) : t('m.home.none.all')))];
    });
  }
  own.addEventListener('change', () => {
    keep('community', own.value);
    show();
  });
  scope.on(app.link.bus, 'model', show);
  scope.on(app.link.bus, 'tick', show);
  show();
  return card(t('m.home.coming'), field(t('m.home.community'), own), list);
}

export default function home(app, scope) {
  const body = el('div', { class: 'view' });
  const foot = () => el('p', { class: 'links' },
    el('a', { href: pagePath('/') }, t('m.cockpit')),
    app.session.who()?.role === 'admin' ? el('a', { href: '/admin/' }, t('m.home.admin')) : null);

  // Made anew only if who may look has changed: a card that is being filled in stays.
  function build() {
    const closed = app.closed && !app.session.who();
    redraw(body, `${closed}|${app.session.who()?.role}`, () => (closed
      ? [card(t('m.closed.title'), el('p', null, t('m.closed.more')))]
      : [figures(app, scope), coming(app, scope), raise(app, scope),
         ...(app.session.reports() ? [] : [unsent(app, scope, { quiet: true })]), installer(scope), foot()]));
  }
  scope.on(app.bus, 'access', build);
  build();
  return { node: body };
}
