// What a place is divided into, each part with its figure and as a way on; in the catalogue's order,
// never by rank.

import { el, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { ESTIMATE } from './contribution.js';
import { addressOf } from './view.js';
import { unitOf } from './words.js';

function section(title, ...body) {
  return el('section', { class: 'drill-section' }, el('h3', null, title), ...body);
}

function partOf(view, { by, list }) {
  const figures = new Map(list.map(({ id }) => [id, el('b')]));
  const rest = el('li', { class: 'rest', hidden: '' }, el('span', null, t(`drill.rest.${by}`)), el('b'));
  const lines = list.map(({ id, name }) => el('li', null,
    el('a', { href: addressOf(view, { by, id, event: null }) }, el('bdi', null, name), figures.get(id))));
  const node = section(t(`drill.parts.${by}`),
                       el('ul', { class: `drill-parts drill-parts-${by}` }, ...lines, rest));

  // What belongs to none of the parts makes up the difference, if both were told at once.
  function remainder(answers, whole, metric) {
    const own = answers[view.by ?? by];
    if (metric === ESTIMATE || own.rev !== answers[by].rev) return;
    const groups = new Map(answers[by].groups.map((group) => [group.id, group]));
    const left = (whole?.[metric] ?? 0) - list.reduce((sum, { id }) => sum + (groups.get(id)?.[metric] ?? 0), 0);
    rest.hidden = left <= 0;
    say(rest.lastChild, `${count(left)} ${unitOf(metric)}`);
  }

  return { node,
           show(answers, whole, metric) {
             for (const group of answers[by].groups) {
               const figure = figures.get(group.id);
               if (figure) say(figure, `${count(group[metric])} ${unitOf(metric)}`);
             }
             if (metric === ESTIMATE) rest.hidden = true;
             remainder(answers, whole, metric);
           } };
}

function besideOf(view, { by, list }) {
  return section(t(`drill.beside.${by}`), el('ul', { class: 'drill-beside' },
    ...list.map(({ id, name }) => el('li', null,
      el('a', { href: addressOf(view, { by, id, event: null }) }, el('bdi', null, name))))));
}

/** The parts and relations of PLACE: {node, show(answers, whole, metric)}. */
export function createGroups(view, place) {
  const parts = place.parts.filter(({ list }) => list.length).map((part) => partOf(view, part));
  const beside = place.beside.filter(({ list }) => list.length).map((one) => besideOf(view, one));
  const node = el('div', { class: 'drill-groups' }, ...parts.map((part) => part.node), ...beside);
  return { node,
           show: (answers, whole, metric) => parts.forEach((part) => part.show(answers, whole, metric)) };
}

/** The whole alliance's units, or its projects by category, each with its activities. */
export function createRoster(view, catalogue) {
  const metric = 'activities';
  const sections = view.metric === 'units'
    ? [{ title: t('drill.metric.units'), by: 'unit', list: catalogue.units }]
    : catalogue.categories.map(({ id, name }) => ({
      title: name, by: 'project', list: catalogue.projects.filter(({ category }) => category === id) }));
  const figures = new Map();
  const line = (by, one) => {
    const figure = el('b');
    figures.set(`${by} ${one.id}`, figure);
    const status = one.status && el('span', { class: `status status-${one.status}` }, t(`status.${one.status}`));
    return el('li', null, el('a', { href: addressOf(view, { by, id: one.id, metric, event: null }) },
                             el('bdi', null, one.name), status, figure));
  };
  const node = el('div', { class: 'drill-groups' }, ...sections.map(({ title, by, list }) =>
    section(title, el('ul', { class: 'drill-parts drill-roster' }, ...list.map((one) => line(by, one))))));
  return { node,
           show(answers) {
             for (const [by, { groups }] of Object.entries(answers)) {
               for (const group of groups) {
                 const figure = figures.get(`${by} ${group.id}`);
                 if (figure) say(figure, `${count(group[metric])} ${unitOf(metric)}`);
               }
             }
           } };
}
