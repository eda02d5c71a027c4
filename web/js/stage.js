// The stage is 1920×1080 and is scaled to fit, so that a wall of any size shows the same picture
// and the system's own zoom changes nothing. Where that would make the text too small to read,
// the panels flow in one column instead.

const WIDTH = 1920;
const HEIGHT = 1080;
const roomy = matchMedia('(min-width: 1100px) and (min-aspect-ratio: 4/3)');

export function fit(stage) {
  function lay() {
    const root = document.documentElement;
    root.dataset.layout = roomy.matches ? 'stage' : 'flow';
    const scale = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
    stage.style.transform = roomy.matches ? `translate(-50%, -50%) scale(${scale})` : '';
  }
  addEventListener('resize', lay);
  roomy.addEventListener('change', lay);
  lay();
}
