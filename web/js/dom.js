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

/** Runs a Web Animation, unless the viewer asked for stillness; null then. */
export function animate(node, frames, options) {
  return still.matches ? null : node.animate(frames, options);
}
