// The events behind a figure, newest first, each with what it adds and what that makes so far.
// Behind the first 500 the list goes no further: the proof adds up the rest, and a shorter range
// shows them.

import { el, put, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { askEvents } from './ask.js';
import { adds, ESTIMATE } from './contribution.js';
import { addressOf } from './view.js';
import { gain, kindName, problemOf, titleOf, unitOf, when, who } from './words.js';

const PAGE = 100;
const MOST = 500;

function lineOf(event, view, state, abouts) {
  const title = el('bdi');
  const place = el('span');
  const { day, time } = when(event.at, state.zone);
  const sum = el('span', { class: 'sum' });
  const node = el('li', { 'data-event': event.id },
    el('a', { href: addressOf(view, { event: event.id }) },
       el('time', { datetime: event.at }, el('span', null, day), ' ', el('span', null, time)),
       el('span', { class: 'words' },
          el('span', { class: 'what' }, el('em', null, kindName(event)), ' ', title),
          el('span', { class: 'who' }, place)),
       el('span', { class: 'gained' }, el('b', null, gain(view.metric, adds(view.metric, event))), sum)));
  const tell = (about) => {
    say(title, titleOf(event, about));
    say(place, who(event, about, state.catalogue));
  };
  tell(abouts.about(event) ?? problemOf(event, state));
  if (!abouts.about(event)) abouts.watch(node, event, tell);
  return { node, sum };
}

/** show(view, state) begins a list; refresh(state) brings what is new. Both throw if they can't, and
 * failed() says so until they can. */
export function createEvents(abouts) {
  const list = el('ol', { class: 'drill-events' });
  const note = el('p', { class: 'drill-note', role: 'status' });
  const more = el('button', { type: 'button', class: 'drill-button' }, t('drill.more', { n: PAGE }));
  const node = el('section', { class: 'drill-section' },
                  el('h3', null, t('drill.events'), el('small', null, t('drill.events.order'))),
                  list, el('div', { class: 'drill-more' }, note, more));
  let view = null;
  let state = null;
  let events = [];
  let next = null;
  let lines = new Map();
  let stop = new AbortController();
  let busy = false;
  let failed = false;

  function draw() {
    abouts.learn(events);
    const was = lines;
    lines = new Map();
    let sum = 0;
    for (const event of events) {
      const line = was.get(event.id) ?? lineOf(event, view, state, abouts);
      sum += adds(view.metric, event);
      say(line.sum, t('drill.sum', { n: count(sum) }));
      lines.set(event.id, line);
    }
    list.replaceChildren(...[...lines.values()].map((line) => line.node));
    close(sum);
  }

  // What stands under the list: that it is whole, or how far it goes.
  function close(sum) {
    const whole = next === null;
    const values = { n: count(events.length), sum: count(sum), unit: unitOf(view.metric) };
    const estimate = view.metric === ESTIMATE;
    const key = !events.length && whole ? 'drill.events.none'
      : whole ? `drill.events.whole${estimate ? '.estimate' : ''}`
        : events.length >= MOST ? 'drill.events.most' : 'drill.events.part';
    say(note, t(key, values));
    more.hidden = whole || events.length >= MOST;
    put(list, 'aria-busy', 'false');
  }

  async function load(before, take) {
    const { signal } = stop;
    [busy, failed] = [true, false];
    try {
      const page = await askEvents(view, { limit: PAGE, before }, signal);
      if (signal.aborted) return;
      take(page);
      // A long history may hold a page's worth of nothing for a small place: go on.
      if (!events.length && next !== null) await load(next, append);
    } catch (error) {
      if (signal.aborted) return;
      failed = true;
      say(note, t('drill.trouble'));
      throw error;
    } finally {
      if (!signal.aborted) busy = false;
    }
  }

  function append(page) {
    const seen = new Set(events.map(({ id }) => id));
    events = [...events, ...page.events.filter(({ id }) => !seen.has(id))].slice(0, MOST);
    next = page.next;
    draw();
  }

  // The newest page in place of what it spans; what lies behind it stays.
  function renew(page) {
    const lowest = page.events.at(-1)?.rev ?? page.next ?? 0;
    const kept = page.next === null ? [] : events.filter(({ rev }) => rev < lowest);
    if (!kept.length) next = page.next;
    events = [...page.events, ...kept].slice(0, MOST);
    draw();
  }

  more.addEventListener('click', () => {
    if (!busy && next !== null) load(next, append).catch(() => {}); // the note says so
  });

  return {
    node,
    show(wanted, known) {
      stop.abort();
      stop = new AbortController();
      [view, state, events, next, lines] = [wanted, known, [], null, new Map()];
      list.replaceChildren();
      put(list, 'aria-busy', 'true');
      say(note, t('drill.loading'));
      more.hidden = true;
      return load(null, append);
    },
    refresh(known) {
      state = known;
      return !busy && view ? load(null, renew) : null;
    },
    failed: () => failed,
    clear() {
      stop.abort();
      [view, events, lines] = [null, [], new Map()];
      list.replaceChildren();
    },
    table: () => ({
      head: ['id', 'at', 'kind', 'who', 'what', view?.metric ?? '', 'rev'],
      rows: events.map((event) => [event.id, event.at, kindName(event),
        who(event, abouts.about(event), state?.catalogue), titleOf(event, abouts.about(event)),
        adds(view.metric, event), event.rev]),
    }),
  };
}
