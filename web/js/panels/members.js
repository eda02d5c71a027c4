// A district's members in the catalogue's order, each with its figures, whether they are live, and
// from when they are if not. As much of that as there is room for; no bars and no ranking.

import { animate, el, frame, put, say } from '../dom.js';
import { compact, count, NONE } from '../format.js';
import { t } from '../i18n.js';
import { current, tilesFit } from '../figures.js';
import { arrivals, communityOf, district, group, memberOf } from '../model.js';
import { datedOf, stateMark } from './marks.js';
import { calm } from './rows.js';
import { switchOf } from './switch.js';

const METRICS = ['activities', 'residents', 'problems_solved'];
const RANGES = ['all', 'month', 'today'];
const FLOW_FULL = 12; // more stand small where a page scrolls
const GENTLE = 3;     // more at once change without a flash

function mountFigure(metric) {
  const n = el('b', null, NONE);
  return { n, metric, node: el('span', { 'data-of': metric },
    el('small', null, t(`members.${metric}`), el('span', null, t('members.per', { unit: t(`unit.${metric}`) }))),
    n, el('i', null, t(`unit.${metric}`))) };
}

function mountTile({ id, name }) {
  const mark = stateMark();
  const figures = METRICS.map(mountFigure);
  const [time, at, ago, span] = ['time', 'at', 'ago', 'span'].map((part) => el('span', { class: part }));
  const link = el('a', null, el('span', { class: 'name' }, name), mark.node,
                  el('span', { class: 'sums' }, ...figures.map(({ node }) => node)),
                  el('span', { class: 'dated' }, time, at, ago, span));

  function date(member, state, now) {
    const dated = datedOf(member, state, now);
    say(time, dated?.time ?? '');
    say(at, dated?.at ?? '');
    say(ago, dated ? ` · ${dated.ago}` : '');
    say(span, dated?.span ?? '');
    const words = [t(`members.is.${member.state}`), dated && `${dated.time} · ${dated.ago}`].filter(Boolean);
    return words.join(t('say.and'));
  }

  return { id, link, node: el('li', null, link), show(state, range, now) {
    const member = memberOf(state, id);
    const known = member.state === 'unknown' ? null : group(state, range, 'community', id);
    mark.show(member.state);
    for (const { n, metric } of figures) say(n, compact(known?.[metric]));
    const label = t('members.label', { name, is: date(member, state, now), range: t(`drill.range.${range}`),
      ...Object.fromEntries(METRICS.map((metric) => [metric, count(known?.[metric])])) });
    put(link, 'href', `#range=${range}&community=${id}`);
    put(link, 'data-is', member.state);
    put(link, 'aria-label', label);
    put(link, 'title', label);
  } };
}

/** The tiles in their places. */
function createTiles(inFlow) {
  const node = el('ul', { class: 'street-tiles' });
  let tiles = [];
  let names = [];

  function fit() {
    if (!names.length) return;
    if (inFlow) return put(node, 'data-level', names.length > FLOW_FULL ? 'small' : 'full');
    const made = tilesFit(names, node.clientWidth, node.clientHeight);
    put(node, 'data-level', made.level);
    node.style.setProperty('--k', made.scale);
    node.style.gridTemplateColumns = `repeat(${made.columns}, minmax(0, 1fr))`;
    node.style.gridTemplateRows = `repeat(${made.rows}, minmax(0, 1fr))`;
  }

  return {
    node, fit,
    build(communities) {
      names = communities.map(({ name }) => name);
      tiles = communities.map(mountTile);
      node.replaceChildren(...tiles.map((tile) => tile.node));
      fit();
    },
    show: (...what) => tiles.forEach((tile) => tile.show(...what)),
    flash(ids) {
      if (ids.size > GENTLE) return;
      for (const { link } of tiles.filter(({ id }) => ids.has(id))) {
        animate(link, [{ opacity: 1 }, { opacity: 1, offset: 0.3 }, { opacity: 0 }],
                { duration: 1800, pseudoElement: '::before' });
      }
    },
  };
}

// Those that belong to the district now, or did and still have figures.
const listOf = ({ catalogue, members }) => (members ? catalogue.communities
  .filter((one) => current([one]).length || members.some(({ id }) => id === one.id)) : []);

function tableOf(state, range, now) {
  return {
    head: ['id', 'name', 'state', 'as of', ...METRICS],
    rows: (state.catalogue ? listOf(state) : []).map(({ id, name }) => {
      const member = memberOf(state, id);
      const known = member.state === 'unknown' ? null : group(state, range, 'community', id);
      return [id, name, t(`members.is.${member.state}`), datedOf(member, state, now)?.time ?? '',
              ...METRICS.map((metric) => known?.[metric] ?? '')];
    }),
  };
}

function mount(host, { spec, kind }) {
  host.classList.replace('members', 'streets'); // "members" are the rows of one circle
  const live = el('b', null, NONE);
  const rest = el('span');
  const tiles = createTiles(kind === 'flow');
  const empty = calm(t('members.none'));
  let range = RANGES[0];
  let known = '';
  let last = null;
  let now = 0;
  const choices = RANGES.map((wish) => [wish, t(`drill.range.${wish}`)]);
  const choice = switchOf(choices, t('drill.ranges'), range, (wish) => {
    range = wish;
    if (last) tiles.show(last, range, now);
  });
  host.append(...frame(spec.title ?? t('members.title'), el('div', { class: 'streets-head' },
    el('span', { class: 'aside' }, t('members.live'), live, rest), choice), tiles.node, empty));
  empty.hidden = true;

  return {
    tick(detail) {
      now = detail.now;
      if (last) tiles.show(last, range, now);
    },
    update({ state, before }) {
      if (!state.catalogue) return;
      const list = listOf(state);
      const is = list.map(({ id, name }) => `${id} ${name}`).join('\n');
      if (is !== known) tiles.build(list); // else who stands on one stays there
      known = is;
      last = state;
      empty.hidden = list.length > 0;
      const all = district(state);
      say(live, count(state.link === 'live' ? all?.live : undefined));
      say(rest, ` / ${count(all?.all)}`);
      tiles.show(state, range, now);
      const fresh = state.remembered ? [] : arrivals(before, state);
      tiles.flash(new Set(fresh.map((event) => communityOf(state, event))));
    },
    resize: () => tiles.fit(),
    table: (state) => tableOf(state, range, now),
  };
}

export default {
  needs: [['all', 'community'], ['month', 'community'], ['today', 'community']],
  mount,
};
