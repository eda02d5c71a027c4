// "1+7": the alliance in the middle and its circles around it, as many as it has, each with its
// communities as dots.
// The left arc of a circle grows with its activities, the right one with the residents reached,
// both against the greatest of all; what today added is the bright end. Around the middle stand the
// member units as ticks. Where an event lands, its circle pulses and a spark runs to the middle.

import { animate, el, frame, put, say, svg } from '../dom.js';
import { compact, count, signed } from '../format.js';
import { t } from '../i18n.js';
import { arrivals, circleOf, communityOf, group, totals } from '../model.js';

const FIELD = { width: 856, height: 744, x: 428, y: 382, rx: 325, ry: 268 };
const R = 98;                        // of a circle's arcs
const ARC = { from: 28, to: 152 };   // degrees either side of the bottom
const DOT = 9;                       // a community's mark
const SPARKS = 4;                    // at once; more would only be noise

const radians = (degrees) => degrees * Math.PI / 180;

// Where the circles stand: evenly around the ellipse, from the top on.
function placeOf(i, n) {
  const angle = radians(-90 + i * 360 / n);
  return { x: FIELD.x + FIELD.rx * Math.cos(angle), y: FIELD.y + FIELD.ry * Math.sin(angle) };
}

// A point of a circle's rim, DEGREES from the bottom, to the left or right of it.
function rim(degrees, side) {
  return [side * R * Math.sin(radians(degrees)), R * Math.cos(radians(degrees))];
}

// The part of an arc between two shares (0 to 1) of its length, from the bottom upwards.
function arc(side, from, to) {
  if (to <= from) return '';
  const at = (share) => rim(ARC.from + share * (ARC.to - ARC.from), side)
    .map((v) => v.toFixed(2)).join(' ');
  return `M${at(from)}A${R} ${R} 0 0 ${side < 0 ? 1 : 0} ${at(to)}`;
}

function dotsOf(communities) {
  const step = Math.min(10, 2 * (ARC.from - 6) / Math.max(1, communities.length - 1));
  return communities.map((community, i) => {
    const [cx, cy] = rim((i - (communities.length - 1) / 2) * step, 1);
    return svg('rect', { x: cx - DOT / 2, y: cy - DOT / 2, width: DOT, height: DOT, class: 'dot',
                         'data-x': cx, 'data-y': cy, 'data-community': community.id });
  });
}

const sides = [{ metric: 'activities', side: -1 }, { metric: 'residents', side: 1 }];

function mountCircle(circle, communities, place) {
  const dots = dotsOf(communities);
  const arcs = sides.map(({ metric, side }) => ({
    metric, side, base: svg('path', { class: 'arc arc-base' }),
    tip: svg('path', { class: 'arc arc-tip' }) }));
  const halo = el('i', { class: 'halo' });
  const figures = { activities: el('b'), residents: el('b') };
  const today = { activities: el('span', { class: 'change' }),
                  residents: el('span', { class: 'change' }) };
  const node = el('a', { class: 'circle', 'data-circle': circle.id,
                         href: `#circle=${circle.id}` }, halo,
    svg('svg', { viewBox: '-112 -112 224 224', 'aria-hidden': 'true' },
        ...sides.map(({ side }) => svg('path', { class: 'arc arc-track', d: arc(side, 0, 1) })),
        ...arcs.flatMap(({ base, tip }) => [base, tip]), ...dots),
    el('div', { class: 'words', 'aria-hidden': 'true' },
       el('h3', null, circle.name),
       el('p', { class: 'activities' }, figures.activities, t('unit.activities')),
       el('p', { class: 'residents' }, figures.residents, t('unit.residents')),
       el('p', { class: 'today' }, t('circles.today'), today.activities, '/', today.residents)));
  node.style.left = `${100 * place.x / FIELD.width}%`;
  node.style.top = `${100 * place.y / FIELD.height}%`;
  return { circle, place, node, halo, dots, arcs, figures, today };
}

function showCircle(made, state, greatest) {
  const all = group(state, 'all', 'circle', made.circle.id);
  const now = group(state, 'today', 'circle', made.circle.id);
  for (const metric of ['activities', 'residents']) {
    say(made.figures[metric], compact(all?.[metric]));
    say(made.today[metric], signed(now?.[metric], (n) => compact(n, 10000)));
    made.today[metric].classList.toggle('moved', Boolean(now?.[metric]));
  }
  for (const { metric, side, base, tip } of made.arcs) {
    const whole = (all?.[metric] ?? 0) / greatest[metric];
    const before = Math.max(0, whole - (now?.[metric] ?? 0) / greatest[metric]);
    put(base, 'd', arc(side, 0, before));
    put(tip, 'd', arc(side, before, whole));
  }
  for (const dot of made.dots) {
    dot.classList.toggle('awake', activeIn(state, dot.dataset.community));
  }
  label(made, all, now);
}

function label({ node, circle }, all, now) {
  const text = t('circles.label', {
    name: circle.name, activities: count(all?.activities), residents: count(all?.residents),
    activitiesToday: count(now?.activities), residentsToday: count(now?.residents) });
  put(node, 'aria-label', text);
}

function greatestOf(state) {
  const list = state.catalogue.circles.map(({ id }) => group(state, 'all', 'circle', id));
  const most = (metric) => Math.max(1, ...list.map((figures) => figures?.[metric] ?? 0));
  return { activities: most('activities'), residents: most('residents') };
}

const activeIn = (state, id) => group(state, 'today', 'community', id)?.activities > 0;

function activeToday(state) {
  if (!totals(state, 'today', 'community')) return undefined;
  return state.catalogue.communities.filter(({ id }) => activeIn(state, id)).length;
}

// Threads from the middle to the circles, and faint orbits: the ground of the picture.
function ground(places) {
  const { x, y, rx, ry } = FIELD;
  const orbit = (k, extra) => svg('ellipse', { cx: x, cy: y, rx: rx * k, ry: ry * k,
                                               class: `orbit ${extra ?? ''}` });
  const threads = places.map((p) => {
    const bend = { x: (x + p.x) / 2 + (p.y - y) * 0.16, y: (y + p.y) / 2 - (p.x - x) * 0.16 };
    return svg('path', { class: 'thread', d: `M${x} ${y}Q${bend.x} ${bend.y} ${p.x} ${p.y}` });
  });
  return svg('svg', { class: 'ground', viewBox: `0 0 ${FIELD.width} ${FIELD.height}`,
                      'aria-hidden': 'true' },
             orbit(1), orbit(0.62, 'dashed'), ...threads);
}

// The member units as ticks around the middle: longer and brighter if active this month or today.
const RING = { inner: 130, asleep: 137, month: 143, today: 149 };

function tickOf(i, n) {
  const angle = radians(-90 + (i + 0.5) * 360 / n);
  const at = (radius) => `${(radius * Math.cos(angle)).toFixed(1)} ${(radius * Math.sin(angle)).toFixed(1)}`;
  const way = (until) => `M${at(RING.inner)}L${at(RING[until])}`;
  return { node: svg('path', { class: 'tick', 'stroke-width': Math.min(6, 500 / n) }), way };
}

function mountCentre() {
  const units = el('span');
  const communities = el('span');
  const sum = el('strong', null, `1+${count()}`);
  const ring = svg('svg', { class: 'ring', viewBox: '-152 -152 304 304', 'aria-hidden': 'true' });
  const node = el('a', { class: 'centre', href: '#range=all' }, ring, sum,
                  el('em', null, t('circles.centre')), units, communities);
  node.style.left = `${100 * FIELD.x / FIELD.width}%`;
  node.style.top = `${100 * FIELD.y / FIELD.height}%`;
  let ticks = [];

  function build(list) {
    say(sum, `1+${count(list.circles.length)}`);
    say(units, t('circles.units', { n: count(list.units.length) }));
    say(communities, t('circles.communities', { n: count(list.communities.length) }));
    ticks = list.units.map(({ id }, i) => ({ id, ...tickOf(i, list.units.length) }));
    ring.replaceChildren(...ticks.map((tick) => tick.node));
  }

  function show(state) {
    const active = (range, id) => {
      const figures = group(state, range, 'unit', id);
      return figures?.activities > 0 || figures?.problems_solved > 0;
    };
    for (const { id, node: tick, way } of ticks) {
      const how = active('today', id) ? 'today' : active('month', id) ? 'month' : 'asleep';
      if (tick.dataset.how === how) continue;
      tick.dataset.how = how;
      tick.setAttribute('d', way(how));
    }
  }
  return { node, build, show };
}

function legend() {
  const line = (key, mark) => el('li', null, el('i', { class: `key key-${mark}` }), t(key));
  return [
    el('ul', { class: 'legend legend-left', 'aria-hidden': 'true' },
       line('circles.left', 'left'), line('circles.right', 'right'),
       line('circles.bright', 'bright')),
    el('ul', { class: 'legend legend-right', 'aria-hidden': 'true' },
       line('circles.dot', 'dot'), line('circles.awake', 'awake'), line('circles.tick', 'tick')),
  ];
}

// Something that moves once over the picture and is gone.
function flash(host, before, name, place, frames, options) {
  const mark = el('i', { class: name });
  mark.style.left = place.left;
  mark.style.top = place.top;
  const run = animate(mark, frames, options);
  if (!run) return;
  host.insertBefore(mark, before);
  run.onfinish = () => mark.remove();
}

function pulse(made, field, centre) {
  if (field.querySelectorAll('.spark').length >= SPARKS || made.busy) return;
  made.busy = true;
  const run = animate(made.halo, [{ transform: 'scale(.94)', opacity: 0 },
                                  { transform: 'scale(1)', opacity: 1, offset: 0.25 },
                                  { transform: 'scale(1.14)', opacity: 0 }],
                      { duration: 1600, easing: 'ease-out' });
  if (run) run.onfinish = () => { made.busy = false; };
  const away = `translate(calc(-50% + ${FIELD.x - made.place.x}px),
                          calc(-50% + ${FIELD.y - made.place.y}px))`;
  flash(field, centre, 'spark', made.node.style,
        [{ transform: 'translate(-50%, -50%)', opacity: 0 }, { opacity: 1, offset: 0.2 },
         { transform: away, opacity: 0.9 }],
        { duration: 1100, easing: 'cubic-bezier(.5, 0, .3, 1)' });
}

function ping(made, dot) {
  const at = (name) => `${50 + Number(dot.dataset[name]) / 2.24}%`;
  flash(made.node, null, 'ping', { left: at('x'), top: at('y') },
        [{ transform: 'translate(-50%, -50%) scale(.4)', opacity: 1 },
         { transform: 'translate(-50%, -50%) scale(1.6)', opacity: 0 }], { duration: 1400 });
}

function mount(host, { spec, kind }) {
  const field = el('div', { class: 'field' });
  const awake = el('b');
  const aside = el('span', { class: 'aside' }, t('circles.active.before'), awake,
                   t('circles.active.after'));
  const title = el('span', null, spec.title ?? t('circles.title', { n: count() }));
  host.append(...frame(title, aside, field), ...legend());
  const centre = mountCentre();
  let known = null;
  let made = [];

  function build(list) {
    known = list;
    const places = list.circles.map((_, i) => placeOf(i, list.circles.length));
    made = list.circles.map((circle, i) => mountCircle(
      circle, list.communities.filter((c) => c.circle === circle.id), places[i]));
    say(title, spec.title ?? t('circles.title', { n: count(list.circles.length) }));
    field.replaceChildren(ground(places), centre.node, ...made.map(({ node }) => node));
    centre.build(list);
  }

  function land(state, events) {
    const circles = new Set(events.map((event) => circleOf(state, event)));
    const places = new Set(events.map((event) => communityOf(state, event)));
    for (const one of made.filter(({ circle, busy }) => circles.has(circle.id) && !busy)) {
      pulse(one, field, centre.node);
      one.dots.filter((dot) => places.has(dot.dataset.community))
        .forEach((dot) => ping(one, dot));
    }
  }

  return {
    update({ state, before }) {
      if (!state.catalogue) return;
      if (state.catalogue !== known) build(state.catalogue);
      const greatest = greatestOf(state);
      for (const one of made) showCircle(one, state, greatest);
      say(awake, count(activeToday(state)));
      centre.show(state);
      land(state, arrivals(before, state));
    },
    // The picture has a size of its own, and is scaled into the place that it gets.
    resize({ width, height }) {
      if (kind === 'flow') return;
      const fit = Math.min(width / FIELD.width, height / FIELD.height);
      field.style.setProperty('--fit', `scale(${fit.toFixed(4)})`);
    },
    table: (state) => ({
      head: ['circle', 'activities', 'residents', 'activities today', 'residents today'],
      rows: (state.catalogue?.circles ?? []).map(({ id, name }) => {
        const all = group(state, 'all', 'circle', id);
        const today = group(state, 'today', 'circle', id);
        return [name, all?.activities, all?.residents, today?.activities, today?.residents];
      }),
    }),
  };
}

export default {
  bare: true,
  needs: [['all', 'circle'], ['today', 'circle'], ['today', 'community'], ['today', 'unit'],
          ['month', 'unit']],
  mount,
};
