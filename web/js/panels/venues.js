// Venues that are shared now: how many in each circle, in the catalogue's order, and the newest.

import { el, frame, put, say } from '../dom.js';
import { count, NONE, shortTime } from '../format.js';
import { t } from '../i18n.js';
import { shortName, venueFigures } from '../figures.js';
import { group, serverNow, totals } from '../model.js';
import { calm, filled, fittingList, isBroad, scaleTo, style } from './rows.js';

const USUAL = { width: 520, height: 420 };
const HEAD = 76;   // px of a panel that aren't its body
const BROAD = 760; // px: from here on the list stands beside the columns
const COLUMNS = { least: 100, share: 0.44, most: 300 }; // how high, px and of the body

function mountColumn(name, href, short = shortName(name, t('venues.suffix'))) {
  const figure = el('b', null, NONE);
  const fill = el('i');
  const node = el('a', { class: 'column', href, title: name }, figure,
                  el('i', { class: 'track' }, fill), el('span', null, short));
  return { node, show(n, most) {
    say(figure, count(n));
    style(fill, 'height', filled(n, most));
    put(node, 'aria-label', `${name} ${count(n)} ${t('unit.venues')}`);
  } };
}

/** One column a circle, and one for what is shared outside all of them. */
function createColumns() {
  const node = el('div', { class: 'columns' });
  const other = mountColumn(t('venues.outside'), '#metric=venues', t('venues.outside.short'));
  let circles = [];

  return {
    node,
    build(list) {
      circles = list.map(({ id, name }) => ({ id, ...mountColumn(name, `#circle=${id}`) }));
      node.replaceChildren(...circles.map((circle) => circle.node), other.node);
    },
    show(state, outside) {
      const counted = circles.map(({ id }) => group(state, 'all', 'circle', id)?.venues);
      const most = Math.max(1, outside ?? 0, ...counted.filter(Boolean));
      circles.forEach(({ show }, i) => show(counted[i], most));
      other.show(outside, most);
      other.node.hidden = !outside;
    },
  };
}

function mountRow(event, { catalogue, zone }, now) {
  const { community, unit } = catalogue.byId;
  const place = community.get(event.community)?.name ?? unit.get(event.unit)?.name ?? '';
  return el('li', null,
    el('a', { class: 'what', href: `#event=${event.id}` },
       el('bdi', null, event.name ?? event.venue)),
    el('span', { class: 'who' }, place),
    el('time', null, shortTime(event.at, now, zone)));
}

function tableOf(state) {
  const figures = venueFigures(state.venues, undefined, state.catalogue);
  return {
    head: ['venue', 'name', 'community', 'unit', 'shared since', 'event'],
    rows: (figures?.named ?? []).map((one) => [
      one.venue, one.name ?? '', one.community ?? '', one.unit ?? '', one.at, one.id]),
  };
}

function mount(host, { spec, kind }) {
  const sum = el('b', null, NONE);
  const opening = el('span');
  const aside = el('a', { class: 'aside', href: '#metric=venues' }, sum, t('unit.venues'), opening);
  const columns = createColumns();
  const list = fittingList({ name: 'new-venues', row: 44, flow: 5, inFlow: kind === 'flow',
                             empty: calm(t('venues.empty')) });
  host.append(...frame(spec.title ?? t('venues.title'), aside,
                       el('div', { class: 'panel-parts' }, columns.node, list.node)));
  let known = {};
  let figures = null;
  let now = null;

  function take(state, total) {
    const { venues, catalogue } = state;
    if (catalogue && catalogue !== known.catalogue) {
      columns.build(catalogue.circles);
      list.forget();
    }
    known = { venues, catalogue };
    figures = venueFigures(venues, total, catalogue);
    list.show(figures?.named ?? null, ({ id, at }) => `${id}|${at}`,
              (event) => mountRow(event, state, now ?? state.asOf));
  }

  return {
    tick({ state, now: reader }) { now = serverNow(state, reader); },
    update({ state }) {
      const total = totals(state, 'all')?.venues;
      if (state.venues !== known.venues || state.catalogue !== known.catalogue) take(state, total);
      columns.show(state, figures?.outside);
      say(sum, count(total));
      say(opening, figures?.opening > 0 ? t('venues.opening', { n: count(figures.opening) }) : '');
    },
    resize(box) {
      if (kind === 'flow') return;
      const broad = isBroad(box, BROAD);
      host.toggleAttribute('data-broad', broad);
      const scale = scaleTo(host, box, USUAL);
      const share = Math.max(COLUMNS.least, (box.height - HEAD) * COLUMNS.share);
      const high = Math.round(Math.min(COLUMNS.most * scale, share));
      columns.node.style.height = broad ? '' : `${high}px`;
      list.fit(scale);
    },
    table: tableOf,
  };
}

export default { needs: [['all'], ['all', 'circle']], sources: ['venues'], mount };
