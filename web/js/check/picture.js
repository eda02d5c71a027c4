// The test picture for one stage: a numbered grid, the seams, the outermost edge, a circle, greys,
// pure colours, the smallest text, and the sizes in words.

import { pagePath } from '../base.js';
import { el, svg } from '../dom.js';
import { divide } from '../place.js';
import { t } from '../i18n.js';

const CELL = 120;         // units between the grid's lines
const EDGE = 0.01;        // of each side: the overscan frame
const INSIDE = 70;        // units from the edge to what is to be read
const BAND = 150;         // the greys' height
const GREYS = [0, 3, 6, 10, 20, 30, 40, 50, 60, 70, 80, 90, 94, 97, 100];
const COLOURS = ['red', 'green', 'blue', 'cyan', 'magenta', 'yellow', 'white'];
const SMALLEST = 18;      // units: the cockpit never writes smaller
const LEAST_PIXELS = 14;  // fewer physical pixels a line of small text aren't legible

const round = (n, places = 0) => Number(n.toFixed(places));

function grid({ width, height }) {
  const lines = [];
  for (let x = CELL, n = 1; x < width; x += CELL, n += 1) {
    lines.push(svg('path', { d: `M${x} 0V${height}` }), svg('text', { x: x + 6, y: 46 }, n));
  }
  for (let y = CELL, n = 1; y < height; y += CELL, n += 1) {
    lines.push(svg('path', { d: `M0 ${y}H${width}` }),
               svg('text', { x: width * EDGE + 8, y: y - 8 }, String.fromCharCode(64 + n)));
  }
  return svg('g', { class: 'grid' }, ...lines);
}

// The frame is drawn on the very edge: what is cut off, is missing.
function edge({ width, height }) {
  const [x, y] = [width * EDGE, height * EDGE];
  return svg('g', { class: 'edge' },
    svg('rect', { class: 'rim', x: 1, y: 1, width: width - 2, height: height - 2 }),
    svg('rect', { class: 'inner', x, y, width: width - 2 * x, height: height - 2 * y }),
    svg('path', { d: `M0 0L${width} ${height}M${width} 0L0 ${height}` }));
}

function circle({ width, height }) {
  const [x, y, r] = [width / 2, height / 2 - 40, 340];
  return svg('g', { class: 'round' },
    ...[r, r * 2 / 3, r / 3].map((radius) => svg('circle', { cx: x, cy: y, r: radius })),
    svg('path', { d: `M${x - r - 20} ${y}H${x + r + 20}M${x} ${y - r - 20}V${y + r + 20}` }));
}

function seams({ width, height }, { columns = [], rows = [] }) {
  return svg('g', { class: 'seams' },
    ...columns.map((share) => svg('path', { d: `M${share * width} 0V${height}` })),
    ...rows.map((share) => svg('path', { d: `M0 ${share * height}H${width}` })));
}

function ratio(width, height) {
  return `${round(width / height, 3)} : 1`;
}

/** [[what, value], …] of how the picture arrives. */
function sizes(stage, wall) {
  const dpr = devicePixelRatio;
  const scale = stage.scale[1];
  const small = SMALLEST * scale * dpr;
  const found = [
    ['css', t('check.size.value', { width: innerWidth, height: innerHeight })],
    ['dpr', round(dpr, 3)],
    ['physical', t('check.size.value', { width: round(innerWidth * dpr), height: round(innerHeight * dpr) })],
    ['scale', stage.scale.map((n) => round(n, 3)).filter((n, i, all) => n !== all[i - 1]).join(' × ')],
    ['signal', ratio(innerWidth, innerHeight)],
    ['wall', wall.ratio ? `${round(wall.ratio, 3)} : 1` : t('check.wall.same')],
    ['kind', t(`check.kind.${stage.kind}`)],
    ['small', t(small < LEAST_PIXELS ? 'check.small.few' : 'check.small.good', { n: round(small, 1) })],
  ];
  const columns = wall.seams?.columns ?? [];
  const rows = wall.seams?.rows ?? [];
  const all = [...columns, ...rows].map((share) => `${round(share * 100, 1)} %`);
  return [...found, ['seams', all.length ? all.join(' · ') : t('check.seams.none')]];
}

function report(stage, wall) {
  return el('section', { class: 'plate' }, el('h2', null, t('check.sizes')),
    el('dl', null, ...sizes(stage, wall).flatMap(([name, value]) => [
      el('dt', null, t(`check.size.${name}`)), el('dd', null, value)])),
    el('h2', null, t('check.text')),
    el('p', { class: 'smallest' }, t('check.text.sample')));
}

function steps() {
  const cells = GREYS.map((percent) => {
    const level = Math.round(percent * 2.55);
    const cell = el('li', { class: percent < 50 ? 'dark' : 'light' }, `${percent} %`);
    cell.style.background = `rgb(${level}, ${level}, ${level})`;
    return cell;
  });
  const colours = COLOURS.map((name) => el('li', { class: `pure ${name}` }, t(`check.colour.${name}`)));
  const band = el('section', { class: 'band' },
    el('ol', { 'aria-label': t('check.greys') }, ...cells),
    el('ol', { 'aria-label': t('check.colours') }, ...colours));
  band.style.height = `${BAND}px`;
  return band;
}

function middle() {
  return el('section', { class: 'middle' }, el('h1', null, t('check.title')),
    el('p', null, t('check.round')), el('p', null, t('check.edge')),
    el('p', null, el('a', { href: pagePath('/') }, t('check.back'))));
}

// Columns keep clear of the wall's seams, as the cockpit's do.
function columns(stage, wall, ready) {
  const parts = [report(stage, wall), middle(), ready];
  const seam = (wall.seams?.columns ?? []).map((share) => share * stage.width);
  const side = Math.min(560, (stage.width - 2 * INSIDE) * 0.3);
  divide(INSIDE, stage.width - INSIDE, [side, stage.width - 2 * INSIDE - 2 * side, side], 30, seam)
    .forEach(({ at, size }, i) => {
      parts[i].style.left = `${at}px`;
      parts[i].style.width = `${size}px`;
    });
  return parts;
}

/** The whole picture on STAGE; READY is the readiness plate. */
export function picture(stage, wall, ready) {
  const canvas = el('div', { class: 'canvas' },
    svg('svg', { viewBox: `0 0 ${stage.width} ${stage.height}`, 'aria-hidden': 'true' },
        grid(stage), circle(stage), edge(stage), seams(stage, wall.seams ?? {})),
    ...columns(stage, wall, ready), steps());
  canvas.style.width = `${stage.width}px`;
  canvas.style.height = `${stage.height}px`;
  canvas.style.transform = `translate(-50%, -50%) scale(${stage.scale.join(', ')})`;
  return canvas;
}
