// Visit mode: while guests stand before the wall nothing changes its place. No carousel, no reload,
// no notice; the figures stay live. It ends by hand, with the page, or by itself if it was forgotten.

const LONGEST = 4 * 3600 * 1000;
const root = document.documentElement;

let end = 0;

export function toggleVisit() {
  clearTimeout(end);
  const on = root.toggleAttribute('data-visit');
  if (on) end = setTimeout(toggleVisit, LONGEST);
  document.dispatchEvent(new CustomEvent('visit', { detail: { on } }));
}

export function visit() {
  document.addEventListener('wish-visit', toggleVisit);
}
