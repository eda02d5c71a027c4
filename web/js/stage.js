// The stage: a canvas 1,080 units high and as wide as the screen's own shape asks, scaled to the
// window. So a wall of any size shows the same picture, and the system's zoom changes nothing.
// Three kinds: "wide" (16:9 and its like), "ultra" (LED walls from 2.3:1 on), and "flow", one
// scrolling column, where the stage's text would be too small to read.

const HEIGHT = 1080;
const NARROWEST = 1.25;
const WIDEST = 4.2;
const ULTRA = 2.3;
const ROOM = { width: 900, height: 500 }; // in CSS pixels: less is a phone, or a reader's zoom

/** The stage for a window of WIDTH × HEIGHT CSS pixels. WALL: {ratio, seams} of screen.json; a
 * ratio means a wall whose shape isn't the signal's: the picture is squashed to be right on it. */
export function stageFor(width, height, { wall = {}, kiosk = false } = {}) {
  const ratio = wall.ratio ?? width / height;
  const roomy = width >= ROOM.width && height >= ROOM.height && ratio >= NARROWEST;
  if (!kiosk && !roomy) return { kind: 'flow', width, height, scale: [1, 1], seams: {} };
  const shape = Math.min(WIDEST, Math.max(NARROWEST, ratio));
  const canvas = { width: Math.round(HEIGHT * shape), height: HEIGHT };
  const fit = Math.min(width / canvas.width, height / canvas.height);
  const scale = wall.ratio ? [width / canvas.width, height / canvas.height] : [fit, fit];
  return { kind: shape >= ULTRA ? 'ultra' : 'wide', ...canvas, scale, seams: wall.seams ?? {} };
}

export const isKiosk = () => new URLSearchParams(location.search).has('kiosk');

/** Keeps NODE scaled to the window, and tells ON_CHANGE the stage: now, and whenever it changes. */
export function keepStage(node, screen, onChange) {
  const root = document.documentElement;
  let last = '';

  function lay() {
    const stage = stageFor(innerWidth, innerHeight, { wall: screen.wall, kiosk: isKiosk() });
    const flow = stage.kind === 'flow';
    const key = JSON.stringify(stage);
    if (key === last) return;
    last = key;
    root.dataset.layout = flow ? 'flow' : 'stage';
    root.dataset.kind = stage.kind;
    root.style.setProperty('--scale', stage.scale[1]);
    node.style.width = flow ? '' : `${stage.width}px`;
    node.style.height = flow ? '' : `${stage.height}px`;
    node.style.setProperty('--fit', flow ? '' : `scale(${stage.scale.join(', ')})`);
    onChange(stage);
  }
  root.toggleAttribute('data-kiosk', isKiosk());
  addEventListener('resize', lay);
  lay();
}
