// Reporting an activity in one screen: everything is preset from last time but its title and how
// many came. The same form mends what was refused, and corrects what was counted: that takes the
// old one back and counts the new one in one request.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { newId } from './ids.js';
import { keep, recall, remember } from './kept.js';
import { iso, momentOrNow } from './moment.js';
import { choice, communities, projects, unitField, venues } from './places.js';
import { button, field, fields, stepper, textInput } from './ui.js';

const MOST = 100000;
const AHEAD = 600000; // ms: further in the future nothing may be

const filled = (event) => Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));

export function activityForm(app, scope) {
  const last = recall('last', {});
  const title = textInput({ placeholder: t('m.activity.example') });
  const recent = el('div', { class: 'chips' });
  const unit = unitField(app, scope);
  const community = choice(app, scope, { entries: ({ catalogue }) => communities(catalogue),
                                         preset: last.community ?? recall('community'), empty: t('m.choose') });
  const project = choice(app, scope, { entries: ({ catalogue }) => projects(catalogue, app.unit()),
                                       preset: last.project, empty: t('m.none') });
  const venue = choice(app, scope, { entries: (state) => venues(state, app.unit()),
                                     preset: last.venue, empty: t('m.none') });
  const residents = stepper(t('m.residents'), MOST);
  const time = momentOrNow(app, t('m.time'));
  const error = el('p', { class: 'error', role: 'alert' });
  const about = el('p', { class: 'about' });
  const leave = button(t('m.cancel'), () => clear(), 'quiet');
  const send = button(t('m.send'), save, 'main');
  let purpose = {}; // {item} to mend, {corrects} an event's id, {plan} that it fulfils

  function read() {
    const at = time.value();
    const why = (!title.value.trim() && 'm.activity.title.none')
      || (!community.value() && !unit.value() && 'm.place.none')
      || (!(at <= app.now() + AHEAD) && 'm.time.bad');
    say(error, why ? t(why) : '');
    return why ? null : filled({ kind: 'activity', at: iso(at), title: title.value.trim(),
      community: community.value(), unit: unit.value(), project: project.value(),
      venue: venue.value(), plan: purpose.plan, residents: residents.value() || undefined });
  }

  const voided = (of) => ({ id: newId(), kind: 'void', at: iso(app.now()), of, reason: t('m.reason.correct') });

  async function save() {
    const event = read();
    if (!event) return;
    const { item, corrects } = purpose;
    keep('last', { community: event.community, project: event.project, venue: event.venue });
    remember('titles', event.title);
    clear();
    if (item) {
      const was = item.events.at(-1).id;
      const id = item.code === 'conflict' ? newId() : was;
      await app.mend(item, { events: [...item.events.slice(0, -1), { id, ...event }] });
    } else {
      await app.add({ kind: 'events', events: [...(corrects ? [voided(corrects)] : []), { id: newId(), ...event }] });
    }
    app.kept();
    if (item || corrects) app.go('mine');
  }

  function showRecent() {
    const titles = recall('titles', []).filter((text) => text !== title.value).slice(0, 4);
    recent.hidden = !titles.length;
    recent.replaceChildren(...titles.map((text) => button(text, () => {
      title.value = text;
      showRecent();
    }, 'chip')));
  }

  function intend(next, words) {
    purpose = next;
    say(about, words);
    about.parentElement.hidden = !words;
    say(send, t(next.corrects ? 'm.correct.send' : 'm.send'));
  }

  function clear() {
    title.value = '';
    residents.set(0);
    time.set(null);
    say(error, '');
    intend({}, '');
    showRecent();
  }

  /** Fills it with an EVENT's fields, for a PURPOSE, said in WORDS. */
  function fill(event, next, words) {
    title.value = event.title ?? '';
    community.set(event.community);
    project.set(event.project);
    venue.set(event.venue);
    residents.set(event.residents ?? 0);
    time.set(event.at ?? null);
    intend({ plan: event.plan, ...next }, words);
    showRecent();
  }

  const node = el('div', { class: 'form' }, el('div', { class: 'purpose' }, about, leave),
    field(t('m.title.field'), title), recent, unit.node, field(t('m.community'), community.node),
    field(t('m.project'), project.node), field(t('m.venue'), venue.node),
    fields(t('m.residents'), residents.node), fields(t('m.time'), time.node), error, send);
  clear();
  return { node, fill, show: showRecent };
}
