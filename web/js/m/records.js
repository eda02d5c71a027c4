// The unit's last records: what each counted, and setting one right. Counted is never changed: a
// void takes its counts back, and a correction is a void with a new record beside it.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { ask, Lost } from './api.js';
import { keep, recall } from './kept.js';
import { titled } from './names.js';
import { record } from './record.js';
import { button, calm, redrawRows } from './ui.js';

const PAGE = 100;
const AT_LEAST = 12; // rows of the first page, check-ins not counted
const PAGES = 5;
const KEPT = 60;     // for when there is no network

/** Events of UNIT from BEFORE on, newest first, until enough of them are more than check-ins. */
async function read(unit, before) {
  let events = [];
  let next = before;
  for (let i = 0; i < PAGES; i += 1) {
    const { body } = await ask(`events?by=unit&id=${unit}&limit=${PAGE}${next ? `&before=${next}` : ''}`);
    if (!body?.events) break;
    events = [...events, ...body.events];
    next = body.next;
    if (!next || events.filter(({ kind }) => kind !== 'reach').length >= AT_LEAST) break;
  }
  return { events, next };
}

const targets = (events) => new Set(events.filter(({ kind }) => kind === 'void').map(({ of }) => of));

/** How many have checked in, by activity. */
function reaches(events) {
  const sums = new Map();
  for (const { kind, activity, residents } of events) {
    if (kind === 'reach') sums.set(activity, (sums.get(activity) ?? 0) + (residents ?? 1));
  }
  return sums;
}

export function records(app, scope) {
  const list = el('ul', { class: 'rows records' });
  const more = button(t('m.records.more'), () => load(page.next), 'quiet');
  let page = { unit: null, events: [], next: null };

  function show() {
    const { problems, catalogue } = app.state();
    const events = page.unit === app.unit() ? page.events : [];
    const [gone, going, came] = [targets(events), targets(app.made()), reaches(events)];
    const rows = events.filter(({ kind }) => kind !== 'reach').map((event) => {
      const told = titled(event, events, problems?.problems);
      const how = { came: came.get(event.id) ?? 0, gone: gone.has(event.id), going: going.has(event.id) };
      return [JSON.stringify([told, how, Math.floor(app.now() / 86400000), Boolean(catalogue)]),
              () => record(app, told, how)];
    });
    const nothing = t(app.unit() ? 'm.records.empty' : 'm.unit.choose');
    redrawRows(list, rows.length ? rows : [[nothing, () => el('li', null, calm(nothing))]]);
    more.hidden = !page.next;
  }

  async function load(before) {
    const unit = app.unit();
    const kept = recall('records');
    if (page.unit !== unit) page = kept?.unit === unit ? kept : { unit, events: [], next: null };
    show();
    if (!unit) return;
    try {
      const { events, next } = await read(unit, before);
      page = { unit, next, events: before ? [...page.events, ...events] : events };
      keep('records', { unit, events: page.events.slice(0, KEPT), next: page.events.length > KEPT ? null : next });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    show();
  }
  scope.on(app.bus, 'items', show);
  return { node: el('div', null, list, more), load: () => load() };
}
