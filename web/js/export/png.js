// A picture of the screen as it stands, at the stage's own size or twice it, with a line under it
// that says of when it is. The page is copied with its style sheet into an SVG, which the browser
// then draws on a canvas: so a picture's drawings and words are styled as the page's are, which the
// usual libraries, copying each element's style by itself, don't manage inside of an SVG.

import { svg } from '../dom.js';

const STRIP = 44; // px under the picture
const LEFT_OUT = '.toolbar, .scenes, .scene[data-off], .halo, .ping, .spark, noscript';

// As it was written: what the browser says of its rules isn't always what they were.
async function rules() {
  const links = [...document.querySelectorAll('link[rel="stylesheet"]')];
  const texts = await Promise.all(links.map(async ({ href }) => (await fetch(href)).text()));
  return texts.join('\n');
}

// The page as a document of its own: its root's attributes, its style, the backdrop and the stage.
async function copyOf(stage) {
  const root = document.documentElement.cloneNode(false);
  root.style.setProperty('--scale', 1);
  root.style.isolation = 'isolate'; // or the backdrop would lie behind its ground
  const style = document.createElement('style');
  style.textContent = await rules();
  const body = document.createElement('body');
  const copy = stage.cloneNode(true);
  copy.querySelectorAll(LEFT_OUT).forEach((node) => node.remove());
  Object.assign(copy.style, { top: '0', left: '0', transform: 'none' });
  body.append(document.querySelector('.backdrop').cloneNode(), copy);
  root.append(style, body);
  return root;
}

async function draw(stage, { width, height }, times) {
  const scaled = { width: width * times, height: height * times };
  const whole = svg('svg', { ...scaled, viewBox: `0 0 ${width} ${height}` },
                    svg('foreignObject', { width, height }, await copyOf(stage)));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${
    encodeURIComponent(new XMLSerializer().serializeToString(whole))}`;
  await image.decode();
  return image;
}

function stamp(pen, { width, height }, text) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  pen.fillStyle = colour('--night');
  pen.fillRect(0, height, width, STRIP);
  pen.fillStyle = colour('--cream-dim');
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.font = `18px ${style.fontFamily}`;
  pen.fillText(text, width / 2, height + STRIP / 2, width - 20);
}

/** A PNG of STAGE, TIMES its own size, with TEXT under it. */
export async function picture(stage, times, text) {
  const flow = document.documentElement.dataset.layout === 'flow';
  const size = flow ? { width: document.body.clientWidth, height: document.body.scrollHeight }
    : { width: stage.offsetWidth, height: stage.offsetHeight };
  const canvas = document.createElement('canvas');
  canvas.width = size.width * times;
  canvas.height = (size.height + STRIP) * times;
  const pen = canvas.getContext('2d');
  pen.drawImage(await draw(stage, size, times), 0, 0);
  pen.scale(times, times);
  stamp(pen, size, text);
  return new Promise((done) => { canvas.toBlob(done, 'image/png'); });
}
