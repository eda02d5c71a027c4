// Making elements. Text always becomes a text node, so what a title holds can't become markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** Writes text only where it differs: an untouched node costs the browser nothing. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The same for an attribute. */
export function put(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A panel's frame: heading with its mark, an aside in the same line, and the body. */
export function frame(title, aside, ...body) {
  return [el('header', { class: 'panel-head' }, el('h2', null, title), aside), ...body];
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

// Motion is for what happens now and then. Where changes come faster than eyes follow, the screen
// moves in a breath every few seconds and is still in between: each moving frame costs the machine
// a whole picture. What starts together belongs to one breath.
const BREATH = { together: 100, every: 20000, most: 3 };
let breath = { began: -Infinity, moves: true, left: BREATH.most };

function breathes() {
  const now = performance.now();
  const since = now - breath.began;
  if (since < BREATH.together) return breath.moves;
  const left = Math.min(BREATH.most, breath.left + since / BREATH.every);
  breath = { began: now, moves: left >= 1, left: left >= 1 ? left - 1 : left };
  return breath.moves;
}

/** Runs a Web Animation and gives it; null if the viewer asked for stillness, or too much moves. */
export function animate(node, frames, options) {
  return still.matches || !breathes() ? null : node.animate(frames, options);
}
