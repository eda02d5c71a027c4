// What happens, as it happens: newest first. Texts come from whoever sent the event and are only
// ever text.

import { animate, el, frame } from '../dom.js';
import { count, shortTime, NONE } from '../format.js';
import { t } from '../i18n.js';
import { arrivals, periodOf, serverNow, sourceOf } from '../model.js';

const ROW = 60;   // px, give or take what fills the panel
const HEAD = 84;  // px of the panel that aren't rows
const GENTLE = 3; // more at once appear without motion
const FEW = 4;    // fewer leave room to say that more is awaited

const plus = (n, metric) => (n > 0 ? { n: `+${count(n)}`, unit: t(`unit.${metric}`) } : null);

const PROBLEMS = { raised: 'feed.raised', claimed: 'feed.claimed', solved: 'feed.solved' };

// For each kind: what it is called, the words beside it, and what it adds.
const kinds = {
  activity: (e) => ({ label: t('feed.activity'), text: e.title,
                      gain: plus(e.residents, 'residents') }),
  reach: (e, source) => ({ label: t('feed.reach'), text: source?.title ?? '',
                           gain: plus(e.residents ?? 1, 'residents') }),
  venue: (e) => ({ label: t(e.shared ? 'feed.venue' : 'feed.venue.off'), text: e.name ?? e.venue,
                   gain: e.shared ? plus(1, 'venues') : null }),
  problem: (e, source, state) => ({
    label: t(PROBLEMS[e.status] ?? 'feed.raised'), text: e.title ?? problemTitle(e, state),
    gain: e.status === 'solved' ? plus(1, 'problems_solved') : null }),
  plan: (e) => ({ label: t(e.cancelled ? 'feed.plan.off' : 'feed.plan'), text: e.title }),
  opening: () => ({ label: t('feed.opening'), text: '' }),
  void: (e, source) => ({ label: t('feed.void'),
                          text: [source?.title ?? source?.name, e.reason].filter(Boolean)
                            .join(' · ') }),
};

// Only "raised" bears the title; the feed may still hold it.
function problemTitle(event, state) {
  return state.feed.find((other) => other.problem === event.problem && other.title)?.title ?? '';
}

function who(event, source, state) {
  const names = state.catalogue?.byId;
  const place = event.community ?? source?.community;
  const unit = event.unit ?? source?.unit;
  const found = [names?.unit.get(unit)?.name ?? unit, names?.community.get(place)?.name ?? place]
    .filter(Boolean);
  return found.length ? found.join(' · ') : state.catalogue?.alliance.name ?? t('feed.alliance');
}

function row(event, state, now) {
  const source = sourceOf(state, event);
  const { label, text, gain } = (kinds[event.kind] ?? kinds.opening)(event, source, state);
  return el('li', { 'data-id': event.id, 'data-kind': event.kind },
    el('time', null, event.at ? shortTime(event.at, now, state.zone) : NONE),
    el('div', { class: 'words' },
       el('p', { class: 'who' }, el('span', null, who(event, source, state))),
       el('p', { class: 'what' }, el('em', null, label), el('bdi', null, text ?? ''))),
    gain && el('span', { class: 'gain' }, el('b', null, gain.n), gain.unit));
}

function enter(node) {
  animate(node, [{ opacity: 0, transform: 'translateX(28px)' }, { opacity: 1, transform: 'none' }],
          { duration: 500, easing: 'ease-out' });
  animate(node, [{ opacity: 1 }, { opacity: 1, offset: 0.3 }, { opacity: 0 }],
          { duration: 1800, pseudoElement: '::before' });
}

function mount(host, { spec, kind }) {
  const list = el('ol');
  const empty = el('div', { class: 'empty' }, el('i', { 'aria-hidden': 'true' }),
                   el('p', null, t('feed.empty')));
  host.append(...frame(spec.title ?? t('feed.title'), null, list, empty));
  let known = {};       // what the rows were made with
  let rows = new Map(); // by the event's id
  let room = 8;
  let now = null;
  let last = null;

  function show(state, before) {
    const fresh = new Set(arrivals(before, state).map((event) => event.id));
    const events = state.feed.slice(0, room);
    rows = new Map(events.map((event) => [event.id,
                                          rows.get(event.id) ?? row(event, state, now)]));
    list.replaceChildren(...rows.values());
    empty.hidden = rows.size >= FEW || state.rev === null;
    if (fresh.size <= GENTLE) rows.forEach((node, id) => fresh.has(id) && enter(node));
  }

  return {
    tick({ state, now: reader }) { now = serverNow(state, reader); },
    update({ state, before }) {
      last = state;
      const { feed, catalogue, epoch } = state;
      const day = periodOf(state, 'day');
      if (feed === known.feed && catalogue === known.catalogue && day === known.day) return;
      if (catalogue !== known.catalogue || day !== known.day || epoch !== known.epoch) rows.clear();
      known = { feed, catalogue, day, epoch };
      show(state, before);
    },
    resize({ height }) {
      const fits = kind === 'flow' ? 8 : Math.max(1, Math.round((height - HEAD) / ROW));
      list.style.setProperty('--row', `${(height - HEAD) / fits}px`);
      if (fits === room) return;
      room = fits;
      if (last) show(last, last);
    },
    table: (state) => ({
      head: ['id', 'at', 'kind', 'who', 'what'],
      rows: state.feed.map((event) => {
        const source = sourceOf(state, event);
        const { label, text } = (kinds[event.kind] ?? kinds.opening)(event, source, state);
        return [event.id, event.at, label, who(event, source, state), text ?? ''];
      }),
    }),
  };
}

export default { mount };
