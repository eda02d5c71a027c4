// Help: the keys, what the badge's states mean, and what is counted.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog } from './dialog.js';

const KEYS = ['←  →', '1 – 6', 'f', 'v', 't', 'e', 'p', '?', 'Esc'];
const NAMES = ['scenes', 'ranges', 'full', 'visit', 'theme', 'export', 'print', 'help', 'escape'];
const STATES = ['live', 'stale', 'paused', 'reconnecting', 'offline', 'loading'];
const WORDS = ['residents', 'unique', 'activities', 'venues', 'today'];

const list = (pairs, tag = 'b') => el('dl', null, ...pairs.flatMap(([term, text]) => [
  el('dt', null, el(tag, null, term)), el('dd', null, text)]));

export function help() {
  document.addEventListener('wish-help', () => openDialog('help', t('help.title'),
    el('h3', null, t('help.keys')),
    list(KEYS.map((key, i) => [key, t(`help.key.${NAMES[i]}`)]), 'kbd'),
    el('h3', null, t('help.states')),
    list(STATES.map((state) => [t(`link.${state}`), t(`help.state.${state}`)])),
    el('h3', null, t('help.words')),
    list(WORDS.map((word) => [t(`help.word.${word}`), t(`help.word.${word}.text`)]))));
}
