// The communities by their circles, in the catalogue's order: which had something this month or
// today, and how many activities the month brought each, as a bar.

import { el, frame, put, say } from '../dom.js';
import { count, NONE } from '../format.js';
import { t } from '../i18n.js';
import { byCircle, groupsFit, participation, partOf, shortName } from '../figures.js';
import { viewKey } from '../model.js';
import { filled, style } from './rows.js';
import { partWord, wallKey } from './wall.js';

const LOW = 300; // px: less leaves the looks' key out, for the rows

const groupsOf = (state, range) => state.views[viewKey(range, 'community')]?.groups;

function partsOf(state) {
  const [month, today] = [groupsOf(state, 'month'), groupsOf(state, 'today')];
  return state.catalogue.communities.map(({ id }) => partOf(id, month, today));
}

function mountTile({ id, name }) {
  const short = shortName(name, t('communities.suffix'));
  const fill = el('i');
  const figure = el('b');
  const link = el('a', { href: `#community=${id}` }, el('span', { class: 'name' }, short), figure,
                  el('i', { class: 'track' }, fill));
  return { id, short, node: el('li', null, link), show(part, n, most) {
    put(link, 'data-part', part ?? 'unknown');
    say(figure, count(n));
    style(fill, 'width', filled(n, most));
    const text = t('communities.label', { name, part: partWord(part), n: count(n) });
    put(link, 'aria-label', text);
    put(link, 'title', text);
  } };
}

function mountCircle({ id, name, communities }) {
  const tiles = communities.map(mountTile);
  const label = el('a', { class: 'of', href: `#circle=${id}`, title: name, 'aria-label': name });
  const node = el('section', null, label, el('ul', null, ...tiles.map((tile) => tile.node)));
  return { name, label, node, tiles };
}

/** The tiles under their circles. */
function createGroups(inFlow) {
  const node = el('div', { class: 'community-groups' });
  let circles = [];

  // In one column there is room for the circles' whole names above their tiles.
  function fit() {
    if (!circles.length) return;
    const names = circles.map(({ name }) => name);
    const made = inFlow ? { whole: true, scale: 1, label: 0, bare: false, numbered: false }
      : groupsFit(names, names.map((name) => shortName(name, t('venues.suffix'))),
                  circles.map(({ tiles }) => tiles.map(({ short }) => short)),
                  node.clientWidth, node.clientHeight);
    circles.forEach(({ label, name }) => say(label, made.whole ? name : shortName(name, t('venues.suffix'))));
    node.style.setProperty('--label', `${made.label}px`);
    node.style.setProperty('--k', made.scale);
    node.toggleAttribute('data-bare', made.bare);
    node.toggleAttribute('data-numbered', made.numbered);
  }

  return {
    node, fit,
    build(catalogue) {
      circles = byCircle(catalogue).filter(({ communities }) => communities.length).map(mountCircle);
      node.style.setProperty('--most', Math.max(1, ...circles.map(({ tiles }) => tiles.length)));
      node.replaceChildren(...circles.map((circle) => circle.node));
      fit();
    },
    show(month, today) {
      const most = Math.max(0, ...Object.values(month ?? {}).map((one) => one.activities ?? 0));
      for (const { id, show } of circles.flatMap(({ tiles }) => tiles)) {
        show(partOf(id, month, today), month?.[id]?.activities, most);
      }
    },
  };
}

function tableOf(state) {
  const parts = state.catalogue ? partsOf(state) : [];
  const month = groupsOf(state, 'month');
  return {
    head: ['community', 'name', 'circle', 'takes part', 'activities this month'],
    rows: (state.catalogue?.communities ?? []).map(({ id, name, circle }, i) => [
      id, name, state.catalogue.byId.circle.get(circle)?.name ?? '', partWord(parts[i]),
      month?.[id]?.activities ?? '']),
  };
}

function mount(host, { spec, kind }) {
  const active = el('b', null, NONE);
  const rest = el('span');
  const aside = el('span', { class: 'aside' }, t('communities.month'), active, rest);
  const groups = createGroups(kind === 'flow');
  host.append(...frame(spec.title ?? t('communities.title'), aside, groups.node, wallKey()));
  let known = {};

  return {
    update({ state }) {
      const { catalogue } = state;
      if (!catalogue) return;
      const [month, today] = [groupsOf(state, 'month'), groupsOf(state, 'today')];
      if (catalogue === known.catalogue && month === known.month && today === known.today) return;
      if (catalogue !== known.catalogue) groups.build(catalogue);
      known = { catalogue, month, today };
      groups.show(month, today);
      const sums = participation(partsOf(state));
      say(active, count(sums.month));
      say(rest, t('communities.of', { n: count(sums.all) }));
    },
    resize({ height }) {
      if (kind !== 'flow') host.toggleAttribute('data-low', height < LOW);
      groups.fit();
    },
    table: tableOf,
  };
}

export default { needs: [['month', 'community'], ['today', 'community']], mount };
