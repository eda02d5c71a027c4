// The alliance's frame as its operator words it: great numerals with what each stands for. The text
// is as large as its place allows.

import { el, frame } from '../dom.js';
import { ems } from '../figures.js';
import { t } from '../i18n.js';
import { calm } from './rows.js';

const SIZES = [36, 33, 30, 28, 26, 24, 22, 20, 19, 18]; // px
const BROAD = 760;
const SENTENCE = 12; // ems: longer ones have a line each

const isText = (v) => typeof v === 'string' && v !== '';

/** What screen.json holds, as far as it is what it should be. */
function read(found) {
  const parts = (Array.isArray(found?.parts) ? found.parts : []).filter((part) => isText(part?.number));
  return { title: isText(found?.title) ? found.title : null, note: isText(found?.note) ? found.note : null,
           parts: parts.map(({ number, label, lines }) => ({
             number, label: isText(label) ? label : '',
             lines: (Array.isArray(lines) ? lines : []).filter(isText) })) };
}

const isList = (lines) => ems(lines.join('')) <= SENTENCE * lines.length;

const part = ({ number, label, lines }) => el('li', null, el('strong', null, number),
  el('div', null, label ? el('h3', null, label) : null,
     el('ul', isList(lines) ? { class: 'chips' } : null, ...lines.map((line) => el('li', null, line)))));

function mount(host, { spec, screen, kind }) {
  host.classList.replace('frame', 'alliance-frame');
  const { title, note, parts } = read(screen.frame);
  const list = el('ol', { class: 'frame-parts' }, ...parts.map(part));
  const foot = note ? el('p', { class: 'frame-note' }, note) : null;
  host.append(...frame(spec.title ?? title ?? t('frame.title'), null,
                       parts.length ? list : calm(t('frame.empty'))));
  if (foot) host.append(foot);
  const fits = () => list.scrollHeight <= list.clientHeight + 1;

  return {
    update() {},
    // All in the largest text that fits; where even the smallest doesn't, without the labels, and
    // if that is still too much the labels alone.
    resize({ width, height }) {
      if (kind === 'flow') return;
      host.toggleAttribute('data-broad', width >= BROAD && height < width);
      for (const show of ['all', 'lines', 'labels']) {
        host.dataset.show = show;
        if (SIZES.some((size) => {
          host.style.setProperty('--text', `${size}px`);
          return fits();
        })) return;
      }
    },
    table: () => ({ head: ['number', 'label', 'text'],
                    rows: parts.map(({ number, label, lines }) => [number, label, lines.join(' · ')]) }),
  };
}

export default { mount };
