// The drawer that the drill-down stands in: over the dimmed board, which stays live behind it. It
// takes the focus, keeps it, and gives it back; what it shows is the router's to say.

import { el, put, say } from '../dom.js';
import { count, dayKey } from '../format.js';
import { t } from '../i18n.js';
import { serverNow } from '../model.js';
import { createAbouts } from './abouts.js';
import { createFigure } from './figure.js';
import { createOne } from './one.js';
import { addressOf, placeOf } from './view.js';
import { recountOf, when } from './words.js';

const PACE = 3000; // ms between two loads at least
const FOCUSABLE = 'a[href], button:not([disabled]), input, select, [tabindex="0"]';
const WIDTH = { best: 780, least: 620, most: 1100 };

/** How wide the drawer is, in the stage's units: as it likes, but not across a wall's seam. */
export function widthFor(stageWidth, columns = []) {
  const seams = columns.map((share) => stageWidth * (1 - share))
    .filter((width) => width >= WIDTH.least && width <= WIDTH.most);
  const best = Math.min(WIDTH.best, stageWidth);
  return seams.reduce((a, b) => (a === null || Math.abs(b - best) < Math.abs(a - best) ? b : a), null) ?? best;
}

function crumbsOf(view, place) {
  return place.above.flatMap(({ by, id, name }) => [
    el('a', { href: addressOf(view, { by, id, event: null }) }, el('bdi', null, name)),
    el('i', { 'aria-hidden': 'true' }, '›')]);
}

/** HOST is the stage. go(hash) and close() change the address. */
export function createDrawer({ host, screen, go, close }) {
  const abouts = createAbouts();
  const pages = { figure: createFigure({ go, abouts }), one: createOne() };
  const crumbs = el('nav', { class: 'drill-crumbs', 'aria-label': t('drill.crumbs') });
  const title = el('bdi');
  const heading = el('h2', { id: 'drill-title', tabindex: '-1' }, title);
  const shut = el('button', { type: 'button', class: 'drill-close', 'aria-label': t('drill.close') },
                  el('i', { 'aria-hidden': 'true' }));
  const body = el('div', { class: 'drill-body' });
  const trouble = el('p', { class: 'drill-trouble', role: 'status' });
  const recount = el('span', { class: 'recount' });
  const asOf = el('span');
  const panel = el('section', { class: 'drill-panel', role: 'dialog', 'aria-modal': 'true',
                                'aria-labelledby': 'drill-title' },
    el('header', { class: 'drill-head' }, crumbs, heading, shut), trouble, body,
    el('footer', { class: 'drill-foot' }, recount, asOf));
  const scrim = el('div', { class: 'drill-scrim' });
  const layer = el('div', { class: 'drill', hidden: '' }, scrim, panel);
  const root = document.documentElement;

  let view = null;
  let page = null;
  let before = null; // what had the focus
  let loaded = { rev: undefined, at: -PACE, catalogue: null, busy: 0 };

  scrim.addEventListener('click', close);
  shut.addEventListener('click', close);

  const today = (state, now) => dayKey(serverNow(state, now), state.zone);

  function foot(state) {
    const { text, differs } = recountOf(state.recount, state.zone);
    say(recount, state.members && !state.recount ? '' : text); // a district's members do that
    recount.classList.toggle('differs', differs);
    recount.classList.toggle('none', !state.recount);
    const figures = page === pages.figure ? page.asOf() : null;
    say(asOf, figures ? t('drill.as', { time: when(figures.as_of, state.zone).time, rev: count(figures.rev) }) : '');
  }

  // Loads, and says calmly if that wasn't possible; the next tick tries again.
  async function run(promise, state, now) {
    const mine = { rev: state.rev, epoch: state.epoch, at: now, catalogue: state.catalogue, busy: true };
    loaded = mine;
    try {
      await promise;
      if (loaded === mine) say(trouble, '');
    } catch {
      if (loaded !== mine) return;
      mine.rev = undefined;
      say(trouble, t('drill.trouble'));
    }
    mine.busy = false;
    if (loaded === mine && view) foot(state);
  }

  function open() {
    before = document.activeElement;
    host.append(layer);
    layer.hidden = false;
    for (const child of host.children) child.inert = child !== layer;
    put(root, 'data-drill', '');
    fit();
  }

  function fit() {
    const width = widthFor(parseFloat(host.style.width) || host.clientWidth, screen.wall?.seams?.columns);
    panel.style.setProperty('--drill-width', `${Math.round(width)}px`);
  }
  addEventListener('resize', () => view && fit());

  function show(asked, state, now) {
    const opening = !view;
    const inside = panel.contains(document.activeElement);
    if (opening) open();
    const next = state.members ? { ...asked, event: null } : asked; // a district's are its members'
    const place = placeOf(next, state.catalogue, Boolean(state.members));
    const moved = view && (view.by !== next.by || view.id !== next.id || view.event !== next.event);
    view = next;
    say(title, view.metric === 'units' || view.metric === 'projects' ? t(`drill.metric.${view.metric}`) : place.name);
    crumbs.replaceChildren(...crumbsOf(view, place), el('span', null, t(`drill.kind.${place.kind}`)));
    const wanted = view.event ? pages.one : pages.figure;
    if (page !== wanted) {
      page?.clear();
      body.replaceChildren(wanted.node);
      page = wanted;
    }
    if (opening || moved) body.scrollTop = 0;
    run(page.show(view, state, today(state, now)), state, now);
    page.look?.(state, now);
    foot(state);
    if (opening || moved || (inside && !panel.contains(document.activeElement))) {
      heading.focus({ preventScroll: true });
    }
  }

  /** To be called when the state may have changed, and at each tick. */
  function refresh(state, now) {
    if (!view || document.hidden) return;
    foot(state);
    page.look?.(state, now);
    if (loaded.busy || now - loaded.at < PACE) return;
    if (state.catalogue !== loaded.catalogue) return void show(view, state, now);
    if (state.rev === loaded.rev && state.epoch === loaded.epoch) return;
    const day = today(state, now);
    run(page === pages.one ? page.refresh(view, state) : page.refresh(state, day), state, now);
  }

  function hide() {
    if (!view) return;
    view = null;
    page.clear();
    body.replaceChildren();
    page = null;
    abouts.clear();
    for (const child of host.children) child.inert = false;
    layer.hidden = true;
    layer.remove();
    root.removeAttribute('data-drill');
    if (before?.isConnected) before.focus({ preventScroll: true });
    before = null;
  }

  /** Keeps the Tab key's round inside. */
  function keepFocus(event) {
    const all = [...panel.querySelectorAll(FOCUSABLE)].filter((node) => node.tabIndex >= 0 && node.offsetParent);
    const [first, last] = [all[0], all.at(-1)];
    const at = document.activeElement;
    const out = !panel.contains(at) || at === (event.shiftKey ? first : last)
      || (event.shiftKey && at === heading);
    if (!out) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  return {
    show, refresh, hide, keepFocus,
    view: () => view,
    next: (step) => page === pages.figure && pages.figure.next(step),
    pick: () => page === pages.figure && pages.figure.pick(),
    fold: () => page === pages.figure && pages.figure.fold(),
    table: () => pages.figure.table(),
  };
}
