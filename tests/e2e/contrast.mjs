// Contrast as an eye meets it: the words' own colour against the very pixels behind them, which
// also tells of gradients and pictures, where a rule of thumb has to give up.

// Everything but the words. Words that are cut out of a gradient go with it.
const HIDE = `
  * { color: transparent !important; -webkit-text-fill-color: transparent !important;
      text-shadow: none !important; transition: none !important; animation: none !important; }
  text, tspan { fill: transparent !important; }
  .masthead h1, .digits, .digits *, .drill-number, .frame-parts strong { background: none !important; }`;

/** Every run of words that can be seen on PAGE. */
const runs = (page) => page.evaluate(() => {
  const found = [];
  const open = document.querySelector('dialog[open]');
  const walker = document.createTreeWalker(open ?? document.body, NodeFilter.SHOW_TEXT);
  const opacity = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1);
  const ends = open?.getBoundingClientRect() ?? { top: -Infinity, bottom: Infinity };
  const covered = (parent, { left, top, width, height }) => [0.02, 0.5, 0.98].some((share) => {
    if (top < ends.top || top + height > ends.bottom) return true; // scrolled out of the dialog
    const hit = document.elementFromPoint(left + width / 2, top + height * share);
    return hit && !hit.contains(parent) && !parent.contains(hit);
  });
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('noscript')) continue;
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 2 && !covered(parent, box));
    const style = getComputedStyle(parent);
    const where = parent.closest('[data-panel], [data-always], dialog, .drill')?.className;
    found.push({ what: `${where}: ${node.data.trim().slice(0, 30)}`,
                 ink: parent.namespaceURI.endsWith('svg') ? style.fill : style.color,
                 large: parseFloat(style.fontSize) >= (Number(style.fontWeight) >= 700 ? 18.66 : 24),
                 opacity: opacity(parent),
                 boxes: boxes.map((box) => [box.left, box.top, box.width, box.height]) });
  }
  return found;
});

// A picture of the page without its words.
async function ground(page) {
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, HIDE);
  const shot = await page.screenshot();
  await page.evaluate(() => { document.adoptedStyleSheets = []; });
  return shot.toString('base64');
}

// Runs in a page of its own, which has no rules about what it may read.
async function measure([list, base64]) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const map = await createImageBitmap(new Blob([bytes]));
  const pen = new OffscreenCanvas(map.width, map.height).getContext('2d', { willReadFrequently: true });
  pen.drawImage(map, 0, 0);
  const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

  function behind([x, y, width, height]) {
    const left = Math.max(0, Math.ceil(x));
    const top = Math.max(0, Math.ceil(y + height * 0.15));
    const right = Math.min(map.width, Math.floor(x + width));
    const bottom = Math.min(map.height, Math.floor(y + height * 0.85));
    if (right - left < 2 || bottom - top < 2) return [];
    const { data } = pen.getImageData(left, top, right - left, bottom - top);
    return Array.from({ length: Math.ceil(data.length / 28) }, (_, i) => [...data.slice(i * 28, i * 28 + 3)]);
  }

  return list.map(({ what, ink, large, opacity, boxes }) => {
    const [r, g, b, alpha = 1] = ink.match(/[\d.]+/g).map(Number);
    const share = alpha * opacity;
    const ratios = boxes.flatMap(behind).map((pixel) => {
      const word = [r, g, b].map((c, n) => c * share + pixel[n] * (1 - share));
      const [more, less] = [light(word), light(pixel)].sort((p, q) => q - p);
      return (more + 0.05) / (less + 0.05);
    }).sort((p, q) => p - q);
    // A few pixels may belong to a line or a mark that runs by.
    return { what, ink, least: large ? 3 : 4.5, ratio: ratios[Math.floor(ratios.length * 0.05)] };
  }).filter(({ ratio }) => ratio !== undefined);
}

/** The words on PAGE whose contrast is less than WCAG AA asks. HELPER is an empty page. */
export async function faint(page, helper) {
  const list = await runs(page);
  const measured = await helper.evaluate(measure, [list, await ground(page)]);
  return { words: measured.length,
           faint: measured.filter(({ ratio, least }) => ratio < least)
             .map(({ what, ink, ratio, least }) => `${what} (${ink}): ${ratio.toFixed(2)} < ${least}`) };
}
