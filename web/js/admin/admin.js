// The administrators' page: who may do what, what waits to be looked at, and what was done. It signs
// in as the mobile page does; whoever isn't an administrator is told so and sees nothing.

import { pagePath } from '../base.js';
import '../m/old.js';
import { el, put } from '../dom.js';
import { language, setLanguage, t } from '../i18n.js';
import { ask, Lost, reasonOf } from '../m/api.js';
import { keepLanguage, keptLanguage } from '../m/kept.js';
import { readAddress } from '../m/route.js';
import { createSession } from '../m/session.js';
import { signInTrouble } from '../m/signin.js';
import { button, calm, card, sure } from '../m/ui.js';
import { audit } from './audit.js';
import { pending } from './pending.js';
import { recount } from './recount.js';
import { tokens } from './tokens.js';
import { units } from './units.js';

const PARTS = { tokens, units, pending, audit, recount };
const main = () => document.querySelector('main');

const session = createSession(() => draw());
let notice = null;
let part = 'tokens';

/** What parts share: asking with every trouble told in one place, and the catalogue. */
const desk = {
  catalogue: null,
  say(text) {
    const line = document.querySelector('.toast');
    if (line) line.textContent = text;
  },
  /** Gives the answer's body, or null after saying why there is none. */
  async ask(path, body) {
    try {
      const answer = await ask(path, { body });
      desk.say('');
      if (answer.status < 300) return answer.body;
      if (answer.status === 401) await session.refresh();
      desk.say(reasonOf(answer));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      desk.say(t('m.offline'));
    }
    return null;
  },
};

const reportNames = () => new Map((desk.catalogue?.units ?? []).map(({ id, name }) => [id, name]));
desk.unitName = (id) => reportNames().get(id) ?? id;

function head() {
  const other = button(t('tools.language'), () => {
    setLanguage(language() === 'zh' ? 'en' : 'zh');
    keepLanguage(language());
    draw();
  }, 'head-button');
  put(other, 'lang', language() === 'zh' ? 'en' : 'zh-CN');
  const leave = session.who() ? sure(t('m.leave'), t('m.leave.sure'), () => session.end().catch(() => {}), 'head-button') : null;
  return el('header', null, el('h1', null, t('admin.title')),
            el('p', null, session.who()?.name ?? ''), el('div', { class: 'tools' }, other, leave));
}

function tabs(show) {
  const buttons = Object.keys(PARTS).map((name) => [name, button(t(`admin.${name}`), () => show(name), 'tab')]);
  return { node: el('nav', { 'aria-label': t('m.tabs') }, ...buttons.map(([, node]) => node)),
           mark: (name) => buttons.forEach(([other, node]) => put(node, 'aria-pressed', String(other === name))) };
}

function work() {
  const bar = tabs(show);
  const host = el('div', { class: 'part' });
  function show(name) {
    part = name;
    bar.mark(name);
    desk.say('');
    host.replaceChildren(PARTS[name](desk));
  }
  main().replaceChildren(bar.node, host);
  show(part);
}

function draw() {
  document.title = t('admin.title');
  document.body.replaceChildren(head(), el('main'), el('p', { class: 'toast', role: 'status' }));
  if (session.who()?.role === 'admin') work();
  else main().replaceChildren(card(t('admin.closed'), calm(notice ?? t('admin.closed.more')),
                                   el('a', { class: 'button', href: pagePath('/m/') }, t('admin.mobile'))));
}

async function signIn(code) {
  notice = t('m.in.doing');
  draw();
  notice = null;
  try {
    const answer = await session.signIn(code);
    if (answer.status !== 200) notice = signInTrouble(answer);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    notice = t('m.in.lost');
  }
}

async function begin() {
  setLanguage(keptLanguage());
  const address = readAddress();
  if (address.in) await signIn(address.in);
  else await session.refresh();
  desk.catalogue = await ask('catalogue').then(({ status, body }) => (status === 200 ? body : null), () => null);
  draw();
}

addEventListener('hashchange', begin);
begin();
