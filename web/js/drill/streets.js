// Where a district's figure comes from: its streets, each with its share and whether that is live,
// in the catalogue's order. Their events are theirs: each is a way to the street's own screen, where
// the same view goes on.

import { el, put, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { district, memberOf } from '../model.js';
import { datedOf, stateMark } from '../panels/marks.js';
import { addressOf, LISTS, screenAddress } from './view.js';
import { unitOf } from './words.js';

function lineOf({ id, name }) {
  const mark = stateMark();
  const figure = el('b');
  const dated = el('span', { class: 'dated' });
  const link = el('a', null, el('bdi', null, name), figure, mark.node, dated);
  return { id, name, node: el('li', null, link), show(view, member, n, when) {
    put(link, 'href', screenAddress(member.screen, view) ?? addressOf(view, { by: 'community', id }));
    mark.show(member.state);
    say(figure, `${count(n)} ${unitOf(view.metric)}`);
    say(dated, when ? `${when.at} · ${when.ago}` : '');
  } };
}

// What a street has of the view's metric; undefined where nobody knows.
function shareOf(view, answers, state) {
  const groups = new Map((answers?.community.groups ?? []).map((group) => [group.id, group]));
  return ({ id }) => {
    const member = memberOf(state, id);
    if (member.state === 'unknown') return undefined;
    return LISTS.includes(view.metric) ? member[view.metric] : groups.get(id)?.[view.metric];
  };
}

/** The streets of PLACE as rows: {node, show(answers, whole): the answers to askTotals and the view's
 * own figure, look(state, now), table()}. */
export function createStreets(view, place) {
  const lines = place.streets.map(lineOf);
  const sum = el('p', { class: 'drill-streets-note' });
  const lack = el('p', { class: 'drill-streets-lack' });
  const node = el('section', { class: 'drill-section' }, el('h3', null, t('drill.streets')),
    sum, lack, el('ul', { class: 'drill-parts drill-streets' }, ...lines.map((line) => line.node)));
  let told = { answers: null, whole: undefined };
  let last = null;

  // Both figures are of one answer, or they can't be compared.
  function add(state) {
    const { answers, whole } = told;
    const of = shareOf(view, answers, state);
    const shares = lines.map(of).filter((n) => n !== undefined);
    const total = shares.reduce((all, n) => all + n, 0);
    const one = Object.values(answers ?? {}).every(({ rev }) => rev === answers.community.rev);
    const values = { n: count(shares.length), sum: count(total), unit: unitOf(view.metric),
                     figure: count(whole) };
    const agrees = total === whole ? 'drill.streets.agrees' : 'drill.streets.differs';
    say(sum, shares.length && one && whole !== undefined ? t(agrees, values) : '');
  }

  // What is to be known of those whose figures aren't live.
  function tell(state) {
    const ids = new Set(lines.map(({ id }) => id));
    const members = state.members.filter(({ id }) => ids.has(id));
    const { away, unknown } = district({ ...state, members });
    say(lack, [away && t('drill.streets.away', { n: count(away) }),
               unknown && t('drill.streets.unknown', { n: count(unknown) })].filter(Boolean).join(t('say.and')));
  }

  function draw() {
    if (!last) return;
    const { state, now } = last;
    const of = shareOf(view, told.answers, state);
    for (const line of lines) {
      const member = memberOf(state, line.id);
      line.show(view, member, of(line), datedOf(member, state, now));
    }
    add(state);
    tell(state);
  }

  return {
    node,
    show(answers, whole) {
      told = { answers, whole };
      draw();
    },
    look(state, now) {
      last = { state, now };
      draw();
    },
    table() {
      const of = last && shareOf(view, told.answers, last.state);
      return { head: ['id', 'name', 'state', view.metric],
               rows: of ? lines.map((line) => [line.id, line.name,
                 t(`members.is.${memberOf(last.state, line.id).state}`), of(line) ?? '']) : [] };
    },
  };
}

/** Of one street: the way to its own screen, and whether its figures are live. */
export function createStreet() {
  const mark = stateMark();
  const dated = el('span');
  const link = el('a', { class: 'drill-open', hidden: '' }, t('drill.street.open'));
  const line = el('p', { class: 'drill-state', hidden: '' }, mark.node, dated);
  return {
    link, line,
    /** PLACE: a street, or anything else, of which there is nothing to say. */
    look(view, place, state, now) {
      const street = place.kind === 'street' ? memberOf(state, view.id) : null;
      const address = street && screenAddress(street.screen, view);
      link.hidden = !address;
      line.hidden = !street;
      if (address) put(link, 'href', address);
      if (!street) return;
      mark.show(street.state);
      const when = datedOf(street, state, now);
      say(dated, when ? `${when.time} · ${when.ago}` : '');
    },
  };
}
