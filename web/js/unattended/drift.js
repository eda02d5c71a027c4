// Against burn-in: the whole picture wanders a few units about its place, a step a minute, too slow
// to be seen. Only the stage's transform moves, by whole pixels, so that text stays sharp.

const FAR = { x: 6, y: 4 };    // units of the canvas
const PERIOD = { x: 97, y: 61 }; // steps a round, without a common measure: the path fills its box
const MINUTE = 60000;

/** Where the picture stands at STEP, in units of a canvas that is shown at SCALE. */
export function driftAt(step, scale) {
  const along = (axis) => {
    const units = FAR[axis] * Math.sin(2 * Math.PI * step / PERIOD[axis]);
    return Math.round(units * scale) / scale;
  };
  return { x: along('x'), y: along('y') };
}

export function drift({ screen }) {
  if (screen.drift === false) return;
  const stage = document.getElementById('stage');
  const root = document.documentElement;
  let step = 0;

  function stand() {
    const flow = root.dataset.layout === 'flow';
    const scale = (Number(root.style.getPropertyValue('--scale')) || 1) * devicePixelRatio;
    const { x, y } = flow ? { x: 0, y: 0 } : driftAt(step, scale);
    stage.style.setProperty('--drift-x', `${x}px`);
    stage.style.setProperty('--drift-y', `${y}px`);
  }

  setInterval(() => {
    step += 1;
    stand();
  }, MINUTE);
  addEventListener('resize', () => {
    step = 0;
    stand();
  });
}
