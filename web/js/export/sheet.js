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

/** The panels of all scenes, each once: {panel, …} as in screen.json. */
export function everyPanel(screen) {
  const seen = new Map();
  const listed = screen.scenes.filter(({ wide }) => wide).flatMap(({ wide }) => [...wide.top, ...wide.columns.flatMap((c) => c.panels)]);
  for (const spec of [...listed, ...screen.flow]) {
    if (!SKIP.has(spec.panel) && !seen.has(key(spec))) seen.set(key(spec), spec);
  }
  return [...seen.values()];
}

function mountPanel(spec, screen, focus) {
  const module = panels[spec.panel];
  const host = el('section', { class: `${module.bare ? '' : 'panel '}${spec.panel}`.trim(),
                               'data-panel': spec.panel });
  return { spec, host, mount: () => module.mount(host, { spec, screen, kind: 'flow', focus: () => focus }) };
}

export function printSheet({ screen, link }) {
  const root = document.documentElement;
  let sheet = null;

  function make() {
    if (sheet) return;
    const state = link.state();
    const focus = state.catalogue?.circles[0]?.id ?? null;
    const made = everyPanel(screen).map((spec) => mountPanel(spec, screen, focus));
    const node = el('div', { class: 'sheet', 'data-theme': 'office', 'data-layout': 'flow',
                             'aria-hidden': 'true' },
      el('header', null, el('h1', null, document.querySelector('h1').textContent), el('p', null, stampOf(state))),
      ...made.filter(isHead).map(({ host }) => host),
      el('div', { class: 'sheet-body' }, ...made.filter((one) => !isHead(one)).map(({ host }) => host)));
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

  const drawn = () => [...sheet.node.querySelectorAll('.chart')].every((c) => c.querySelector('svg path'));

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
