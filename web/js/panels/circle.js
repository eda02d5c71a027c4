// One circle at a time, the one that the scene is about: its figures and those of its communities.

import { el, put, say } from '../dom.js';
import { compact, count, NONE, signed } from '../format.js';
import { t } from '../i18n.js';
import { byCircle, participation, partOf } from '../figures.js';
import { group, viewKey } from '../model.js';
import { filled, isBroad, scaleTo, style } from './rows.js';
import { partWord } from './wall.js';

const FIGURES = ['activities', 'residents', 'venues', 'problems_solved'];
const USUAL = { width: 560, height: 470 };
const MOST = 2;     // times as large as usual
// A broad box has the name and the sums on the left, each part as large as its own place allows.
const BROAD = { from: 760, ratio: 0.55, head: { width: 330, height: 330 },
                list: { width: 640, height: 330 } };
const HEAD = 0.38;  // of a broad box is the left part
const EDGE = 46;    // px that a box has around what it holds
const GAP = 44;     // px between the parts
const ROOMY = 620;  // px at usual size: in less, rows do without words and bars
const HIGH = 68;    // px at usual size of a row that has its bar below

const groupsOf = (state, range) => state.views[viewKey(range, 'community')]?.groups;
const partIn = (state, id) => partOf(id, groupsOf(state, 'month'), groupsOf(state, 'today'));

function showChange(node, n, write) {
  say(node, signed(n, write));
  node.classList.toggle('moved', Boolean(n));
}

function mountSum(metric) {
  const figure = el('b', null, NONE);
  const today = el('span', { class: 'change' }, NONE);
  const foot = metric === 'venues' ? null : el('small', null, t('head.today'), ' ', today);
  const node = el('a', { class: 'circle-sum' }, el('span', null, t(`metric.${metric}`)),
                  el('p', null, figure, el('i', null, t(`unit.${metric}`))), foot);
  return { node, show(id, all, now) {
    put(node, 'href', `#circle=${id}&metric=${metric}`);
    say(figure, compact(all?.[metric]));
    showChange(today, now?.[metric], compact);
  } };
}

function mountRow({ id, name }) {
  const bar = el('i');
  const activities = el('b', null, NONE);
  const today = el('span', { class: 'change' }, NONE);
  const residents = el('b', null, NONE);
  const word = el('em', { class: 'tag' });
  const lamp = el('i', { class: 'lamp', 'aria-hidden': 'true' });
  const node = el('li', null, el('a', { href: `#community=${id}` }, name), word, lamp,
    el('i', { class: 'track', 'aria-hidden': 'true' }, bar),
    el('span', { class: 'tell' }, activities, t('unit.activities')),
    el('span', { class: 'tell tell-today' }, t('head.today'), ' ', today),
    el('span', { class: 'tell' }, residents, t('unit.residents')));
  return { id, node, show(state, most) {
    const all = group(state, 'all', 'community', id);
    const part = partIn(state, id);
    for (const one of [word, lamp]) put(one, 'data-part', part ?? 'unknown');
    say(word, partWord(part));
    say(activities, compact(all?.activities));
    say(residents, compact(all?.residents));
    showChange(today, group(state, 'today', 'community', id)?.activities);
    style(bar, 'width', filled(all?.activities, most));
  } };
}

/** The rows of a circle's communities, which know how much their place can bear. */
function createMembers() {
  const node = el('ul', { class: 'members' });
  let rows = [];

  return {
    node,
    build(communities) {
      rows = communities.map(mountRow);
      node.replaceChildren(...rows.map((row) => row.node));
    },
    show(state) {
      const activities = rows.map(({ id }) => group(state, 'all', 'community', id)?.activities ?? 0);
      const most = Math.max(1, ...activities);
      for (const { show } of rows) show(state, most);
    },
    fit(width, scale) {
      const slim = width / scale < ROOMY;
      const high = !slim && rows.length > 0 && node.clientHeight / rows.length >= HIGH * scale;
      node.toggleAttribute('data-slim', slim);
      node.toggleAttribute('data-high', high);
    },
  };
}

function createHead() {
  const name = el('h2');
  const share = el('p', { class: 'share' });
  const sums = FIGURES.map(mountSum);
  const node = el('div', { class: 'circle-head' }, el('header', null, name, share),
                  el('div', { class: 'circle-sums' }, ...sums.map((sum) => sum.node)));
  return { node, show(state, circle) {
    const taking = participation(circle.communities.map(({ id }) => partIn(state, id)));
    const all = group(state, 'all', 'circle', circle.id);
    const now = group(state, 'today', 'circle', circle.id);
    say(name, circle.name);
    say(share, t('circle.share', { n: count(taking.all), month: count(taking.month),
                                   today: count(taking.today) }));
    for (const { show } of sums) show(circle.id, all, now);
  } };
}

function tableOf(state, circle) {
  return {
    head: ['community', 'activities', 'residents', 'activities today', 'residents today'],
    rows: (circle?.communities ?? []).map(({ id, name }) => {
      const [all, now] = ['all', 'today'].map((range) => group(state, range, 'community', id));
      return [name, all?.activities, all?.residents, now?.activities, now?.residents];
    }),
  };
}

function mount(host, { focus, kind }) {
  host.classList.replace('circle', 'one-circle'); // "circle" is one in the picture of all of them
  const head = createHead();
  const members = createMembers();
  host.append(head.node, members.node);
  let known = {};
  let box = null;

  // In a scene that isn't about one circle after another it is the first.
  function about({ catalogue }) {
    const circles = catalogue ? byCircle(catalogue) : [];
    return circles.find(({ id }) => id === focus()) ?? circles[0];
  }

  function fit() {
    if (!box) return;
    const { width, height } = box;
    if (kind === 'flow') return members.fit(width - EDGE, 1);
    const broad = isBroad(box, BROAD.from, BROAD.ratio);
    const inner = width - EDGE;
    const [left, right] = broad ? [inner * HEAD, inner * (1 - HEAD) - GAP] : [width, width];
    host.toggleAttribute('data-broad', broad);
    scaleTo(head.node, { width: left, height }, broad ? BROAD.head : USUAL, MOST);
    const scale = scaleTo(members.node, { width: right, height }, broad ? BROAD.list : USUAL, MOST);
    members.fit(broad ? right : inner, scale);
  }

  return {
    update({ state }) {
      const circle = about(state);
      if (!circle) return;
      if (known.catalogue !== state.catalogue || known.id !== circle.id) {
        members.build(circle.communities);
        fit();
      }
      known = { catalogue: state.catalogue, id: circle.id };
      head.show(state, circle);
      members.show(state);
    },
    resize(own) {
      box = own;
      fit();
    },
    table: (state) => tableOf(state, about(state)),
  };
}

export default {
  needs: [['all', 'circle'], ['today', 'circle'], ['all', 'community'], ['today', 'community'],
          ['month', 'community']],
  mount,
};
