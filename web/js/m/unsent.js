// What was made on this phone and isn't counted yet: how it stands, and what one can do about it.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { keepsPages } from './app.js';
import { recall } from './kept.js';
import { placeOf, titled, whenOf, wordsOf } from './names.js';
import { button, redraw, sure } from './ui.js';

const mendable = {
  activity: 'activity', plan: 'plan',
  venue: ({ shared }) => shared && 'venue',
};

/** The form that an item can be mended in, or false. */
function formOf({ events }) {
  const last = events?.at(-1);
  const name = mendable[last?.kind];
  return typeof name === 'function' ? name(last) : name ?? false;
}

function words(app, item) {
  if (!item.events) return [t(`m.kind.${item.kind}`), item.title ?? ''];
  const { venues, problems } = app.state();
  const known = [...(venues ?? []), ...(recall('records')?.events ?? [])];
  return wordsOf(titled(item.events.at(-1), known, problems?.problems));
}

export function unsent(app, scope, { quiet = false } = {}) {
  const list = el('ul', { class: 'rows' });
  const note = el('p', { class: 'note' });
  const trust = el('p', { class: 'note' }, t('m.unsent.trust'));
  const go = button(t('m.unsent.send'), () => app.sender.hurry(), 'small');
  const node = el('section', { class: 'card unsent' },
    el('div', { class: 'card-head' }, el('h2', null, t('m.unsent')), go), note, trust, list);
  let sending = false;

  function stateOf(item) {
    if (item.state === 'refused') return 'refused';
    if (item.kind === 'events' && !app.session.who()) return 'signin';
    if (item.kind === 'events' && item.as !== app.session.who().name) return 'other';
    return sending && app.items.find(({ state }) => state === 'waiting')?.key === item.key ? 'sending' : 'waiting';
  }

  const mend = (item) => app.fill(formOf(item), item.events.at(-1), { item }, t('m.mending'));

  // What may already have reached the server can't be unmade here, only voided there.
  function actions(item, how) {
    const open = how === 'refused' || !item.tried;
    return el('p', { class: 'actions' },
      open && formOf(item) ? button(t('m.mend'), () => mend(item), 'small') : null,
      how === 'refused' ? button(t('m.again'), () => app.mend(item, {}), 'small') : null,
      open ? sure(t('m.drop'), t('m.drop.sure'), () => app.box.remove(item.key), 'small') : null);
  }

  function row(item) {
    const how = stateOf(item);
    const [kind, about] = words(app, item);
    const { community, unit } = item.events?.at(-1) ?? item;
    return el('li', { 'data-state': how },
      el('p', { class: 'what' }, el('span', { class: 'tag' }, kind), ' ', el('bdi', null, about)),
      el('p', { class: 'where' }, [whenOf(new Date(item.made).toISOString(), app.now(), app.zone()),
                                   placeOf(app.state(), { community, unit })].filter(Boolean).join(' · ')),
      el('p', { class: 'state' }, t(`m.state.${how}`, { name: item.as }),
         item.state === 'refused' && item.message ? t('m.because', { why: item.message }) : ''), actions(item, how));
  }

  function show() {
    const { items } = app;
    node.hidden = quiet && !items.length;
    say(note, items.length ? '' : t('m.unsent.none'));
    note.hidden = items.length > 0;
    trust.hidden = keepsPages() || !items.length;
    go.hidden = !items.some(({ state }) => state === 'waiting');
    redraw(list, JSON.stringify([items, sending, app.session.who(), app.state().catalogue?.text?.length]),
           () => items.map(row));
  }
  for (const type of ['items', 'session']) scope.on(app.bus, type, show);
  scope.on(app.bus, 'sending', () => {
    sending = true;
    show();
  });
  scope.on(app.bus, 'idle', () => {
    sending = false;
    show();
  });
  scope.on(app.link.bus, 'model', show);
  show();
  return node;
}
