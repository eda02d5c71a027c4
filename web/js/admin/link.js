// A sign-in link, shown once: as a code to scan, and as text to copy. It isn't kept anywhere here.

import { el, say } from '../dom.js';
import { t } from '../i18n.js';
import { qrOf } from '../qr.js';
import { button, field } from '../m/ui.js';
import { written } from './table.js';

async function copy(input, done) {
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // Only trusted addresses have that; the old way needs a selection.
    input.select();
    document.execCommand('copy');
  }
  done();
}

const linkInput = (path, label) => el('input', { type: 'text', readonly: '', value: location.origin + path, 'aria-label': label });

// A wall is a viewer whose page has neither a pointer nor tools.
const forWall = (path) => field(t('admin.link.wall'), linkInput(path.replace('#', '?kiosk#'), t('admin.link.wall')));

/** ISSUED: {name, role, path, expires}; ON_CLOSE when it may go. */
export function signInLink({ name, role, path, expires }, onClose) {
  const input = linkInput(path, t('admin.link'));
  const copied = el('span', { role: 'status' });
  const picture = el('div', { class: 'code' });
  qrOf(location.origin + path, t('admin.link.label', { name })).then((node) => picture.replaceChildren(node));
  return el('section', { class: 'card link' }, el('h2', null, t('admin.link.of', { name })),
    el('p', null, t('admin.link.once', { when: written(expires) ?? '' })), picture, input,
    el('p', { class: 'actions' }, button(t('admin.link.copy'), () => copy(input, () => say(copied, t('admin.link.copied'))), 'small'),
       copied, button(t('admin.link.close'), onClose, 'small')),
    role === 'view' ? forWall(path) : null);
}
