// The print sheet: every panel of every scene once, the headline over all, on light paper with charts
// as vectors. It is made when the browser is about to print and gone afterwards; the screen itself
// isn't touched. What it looks like is print.css.

import { el } from '../dom.js';
import { panels } from '../panels/index.js';
import { stampOf } from './stamp.js';

const SKIP = new Set(['clock', 'connection', 'foot', 'title']);
const CHART_WAIT = 3000;

const isHead = ({ spec }) => spec.panel === 'headline';
const key = ({ panel, round, step, metric }) => [panel, round, step, metric].join('|');

const panelsOf = ({ wide, ultra }) => [...(wide ?? ultra).top,
  ...(wide ?? ultra).columns.flatMap((column) => column.panels)];

/** The panels of all scenes, each once, or once for each of CIRCLES if its scene is made for each:
 * [{spec: as in screen.json, focus}]. */
export function everyPanel(screen, circles) {
  const seen = new Set();
  const found = [];
  function add(spec, focuses) {
    if (SKIP.has(spec.panel) || seen.has(key(spec))) return;
    seen.add(key(spec));
    found.push(...focuses.map((focus) => ({ spec, focus })));
  }
  for (const scene of screen.scenes) {
    const focuses = scene.each && circles.length ? circles.map(({ id }) => id) : [null];
    for (const spec of panelsOf(scene)) add(spec, focuses);
  }
  for (const spec of screen.flow) add(spec, [circles[0]?.id ?? null]);
  return found;
}

function mountPanel({ spec, focus }, screen) {
  const module = panels[spec.panel];
  const host = el('section', { class: `${module.bare ? '' : 'panel '}${spec.panel}`.trim(),
                               'data-panel': spec.panel });
  return { spec, host,
           mount: () => module.mount(host, { spec, screen, kind: 'flow', focus: () => focus }) };
}

export function printSheet({ screen, link }) {
  const root = document.documentElement;
  let sheet = null;

  function make() {
    if (sheet) return;
    const state = link.state();
    const made = everyPanel(screen, state.catalogue?.circles ?? [])
      .map((one) => mountPanel(one, screen));
    const node = el('div', { class: 'sheet', 'data-theme': 'office', 'data-layout': 'flow',
                             'aria-hidden': 'true' },
      el('header', null, el('h1', null, document.querySelector('h1').textContent),
         el('p', null, stampOf(state))),
      ...made.filter(isHead).map(({ host }) => host),
      el('div', { class: 'sheet-body' },
         ...made.filter((one) => !isHead(one)).map(({ host }) => host)));
    node.inert = true;
    document.body.append(node);
    const mounted = made.map(({ host, mount }) => ({ host, panel: mount() }));
    const now = performance.timeOrigin + performance.now();
    for (const { host, panel } of mounted) {
      panel.tick?.({ state, now });
      panel.update?.({ state, before: state });
      panel.resize?.({ width: host.clientWidth, height: host.clientHeight, seams: [] });
    }
    root.toggleAttribute('data-print', true);
    sheet = { node, mounted };
  }

  function clear() {
    for (const { panel } of sheet?.mounted ?? []) panel.destroy?.();
    sheet?.node.remove();
    sheet = null;
    root.removeAttribute('data-print');
  }

  const drawn = () => [...sheet.node.querySelectorAll('.chart')]
    .every((chart) => chart.querySelector('svg path'));

  async function print() {
    make();
    const end = performance.now() + CHART_WAIT;
    while (!drawn() && performance.now() < end) await new Promise(requestAnimationFrame);
    window.print();
  }

  addEventListener('beforeprint', make);
  addEventListener('afterprint', clear);
  document.addEventListener('wish-print', print);
}
