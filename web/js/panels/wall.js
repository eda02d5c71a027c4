// A wall of tiles, one for each who may take part, in the catalogue's order: dim, lit this month,
// or bright today; told by pattern and word as well as by colour. No figures and no ranking.

import { el, put, say } from '../dom.js';
import { t } from '../i18n.js';
import { initials, wallOf } from '../figures.js';

const FLOW_NAMED = 80; // more stand as letters where a page scrolls

export const partWord = (part) => t(`units.is.${part ?? 'unknown'}`);

/** KIND: what a tile's link speaks of, such as "unit". */
export function createWall(kind, inFlow) {
  const node = el('ul', { class: 'wall' });
  let tiles = [];

  // A dot is too small to be hit: those are looked at only, and the panel's sum leads on.
  function target(link, { id }, large) {
    put(link, large ? 'href' : 'role', large ? `#${kind}=${id}` : 'img');
    link.removeAttribute(large ? 'role' : 'href');
  }

  function write(mode, { side = 0, size = 18, lines = 2, letters = 1 } = {}) {
    node.dataset.mode = mode;
    node.style.setProperty('--lines', lines);
    node.style.setProperty('--side', `${side}px`);
    node.style.setProperty('--size', `${size}px`);
    for (const { entry, text, link } of tiles) {
      target(link, entry, mode !== 'dots');
      say(text, mode === 'names' ? entry.name : mode === 'initials' ? initials(entry.name, letters) : '');
    }
  }

  return {
    node,
    build(entries) {
      tiles = entries.map((entry) => {
        const text = el('span');
        const link = el('a', null, text);
        return { entry, text, link };
      });
      node.replaceChildren(...tiles.map(({ link }) => el('li', null, link)));
    },
    /** PARTS: "today", "month", "none" or undefined, for each entry. */
    show(parts) {
      tiles.forEach(({ entry, link }, i) => {
        const part = parts[i] ?? 'unknown';
        if (link.dataset.part === part) return;
        link.dataset.part = part;
        put(link, 'aria-label', `${entry.name} · ${partWord(parts[i])}`);
        put(link, 'title', `${entry.name} · ${partWord(parts[i])}`);
      });
    },
    fit() {
      if (!tiles.length) return;
      if (inFlow) return write(tiles.length <= FLOW_NAMED ? 'names' : 'initials');
      const names = tiles.map(({ entry }) => entry.name);
      const { columns, rows, mode, ...room } = wallOf(names, node.clientWidth, node.clientHeight);
      node.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
      node.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
      write(mode, room);
    },
  };
}

/** What the three looks of a tile mean. */
export const wallKey = () => el('ul', { class: 'wall-key', 'aria-hidden': 'true' },
  ...['today', 'month', 'none'].map((part) => el('li', null, el('i', { 'data-part': part }),
                                                 partWord(part))));
