// The page around the views: its head with the connection's state and the tools, the tabs of whoever
// reports, one view at a time, and a line for what has just happened.

import { el, put, say, svg } from '../dom.js';
import { clock } from '../format.js';
import { language, setLanguage, t } from '../i18n.js';
import { condition } from '../model.js';
import { keep, keepLanguage, recall } from './kept.js';
import { createScope } from './ui.js';
import { arrivals } from './arrivals.js';
import code from './code.js';
import home from './home.js';
import mine from './mine.js';
import problems from './problems.js';
import report from './report.js';
import { readAddress } from './route.js';

const views = { home, report, problems, mine, code };
const TABS = [
  ['home', 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9'],
  ['report', 'M12 5v14M5 12h14'],
  ['problems', 'M5 5h14v10H11l-4 4v-4H5z'],
  ['mine', 'M12 12a3.6 3.6 0 1 0 0-7.2a3.6 3.6 0 0 0 0 7.2zM5 19.5c.8-3.4 3.6-5 7-5s6.2 1.6 7 5'],
];

const root = document.documentElement;
const icon = (d) => svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d }));

function head(app, scope, rebuild) {
  const title = el('h1', null, t('title.default'));
  const badge = el('span', { class: 'badge' });
  const asOf = el('span', { class: 'as-of' });
  const large = el('button', { type: 'button' }, t('m.large'));
  const other = el('button', { type: 'button', lang: language() === 'zh' ? 'en' : 'zh-CN' }, t('tools.language'));
  const node = el('header', null, title, el('div', { class: 'tools' }, large, other),
                  el('p', { class: 'connection', role: 'status' }, badge, asOf));
  const mark = () => put(large, 'aria-pressed', String(root.dataset.large !== undefined));
  large.addEventListener('click', () => {
    root.toggleAttribute('data-large');
    keep('large', root.dataset.large !== undefined);
    mark();
  });
  other.addEventListener('click', () => {
    setLanguage(language() === 'zh' ? 'en' : 'zh');
    keepLanguage(language());
    rebuild();
  });
  mark();

  function show() {
    const state = app.state();
    const how = condition(state, performance.timeOrigin + performance.now());
    say(title, state.catalogue?.alliance.name ?? t('title.default'));
    put(badge, 'data-state', how);
    put(root, 'data-condition', how);
    say(badge, t(app.closed ? 'm.closed' : `link.${how}`));
    say(asOf, state.asOf === null ? '' : t('link.asof', { time: clock(state.asOf, state.zone) }));
  }
  scope.on(app.link.bus, 'model', show);
  scope.on(app.link.bus, 'tick', show);
  scope.on(app.bus, 'access', show);
  return { node, show };
}

function tabs(app, scope) {
  const links = TABS.map(([name, d]) => [name, el('a', { href: `#${name}` }, icon(d), el('span', null, t(`m.tab.${name}`)))]);
  const many = el('b', { class: 'many' });
  links.at(-1)[1].append(many);
  const node = el('nav', { 'aria-label': t('m.tabs') }, ...links.map(([, link]) => link));
  const show = () => {
    node.hidden = !app.session.reports();
    many.hidden = !app.items.length;
    say(many, `${app.items.length}`);
    put(many, 'aria-label', t('m.unsent.many', { n: app.items.length }));
  };
  scope.on(app.bus, 'items', show);
  scope.on(app.bus, 'session', show);
  show();
  return { node, mark(view) {
    for (const [name, link] of links) {
      if (name === view) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  } };
}

export function frame(app) {
  const scope = createScope();
  const arrived = arrivals(app);
  let shown = {};
  let made = {};
  let parts = null;

  function toast(text) {
    say(parts.toast, text);
    clearTimeout(parts.timer);
    parts.timer = setTimeout(say, 5000, parts.toast, '');
  }

  function open({ view, argument }) {
    const allowed = view === 'home' || app.session.reports() ? view : 'home';
    made[allowed] ??= views[allowed](app, scope);
    const moved = shown.view !== undefined && shown.view !== allowed;
    shown = { view: allowed, argument };
    parts.main.replaceChildren(...(allowed === 'home' ? [arrived.node] : []), made[allowed].node);
    made[allowed].show?.(argument);
    parts.tabs.mark(allowed);
    if (!moved) return;
    scrollTo(0, 0);
    parts.main.focus({ preventScroll: true });
  }

  function go() {
    const address = readAddress();
    if (address.view) {
      open(address);
      return;
    }
    arrived.take(address);
    open({ view: 'home' });
  }

  function build() {
    scope.end();
    made = {};
    document.title = t('m.title');
    const top = head(app, scope, rebuild);
    parts = { main: el('main', { tabindex: -1 }), tabs: tabs(app, scope),
              toast: el('p', { class: 'toast', role: 'status' }) };
    document.body.replaceChildren(top.node, parts.main, parts.toast, parts.tabs.node);
    arrived.build();
    top.show();
  }

  function rebuild() {
    build();
    open(shown);
  }

  // Somebody else holds the phone: nothing of what was open for the one before stays.
  app.bus.addEventListener('session', () => {
    const { view = 'home', argument } = shown;
    build();
    open({ view, argument });
  });

  app.toast = toast;
  /** Says that something is kept, until it is taken. */
  app.kept = () => toast(t(navigator.onLine === false ? 'm.kept.offline' : 'm.kept'));
  for (const type of ['done', 'refused']) app.bus.addEventListener(type, () => toast(''));
  app.go = (view) => { location.hash = view; };
  /** Opens the form that is called NAME with something in it. */
  app.fill = (name, ...filling) => {
    open({ view: 'report' });
    made.report.fill(name, ...filling);
    app.go('report');
  };
  addEventListener('hashchange', go);
  root.toggleAttribute('data-large', recall('large', false));
  build();
  go();
}
