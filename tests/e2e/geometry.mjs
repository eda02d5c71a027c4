// What a person's eye would catch on a page: texts that are cut, lie over one another, are too
// small, or run across a seam. All runs in the page itself.

/** The texts that can be seen, as {text, left, top, right, bottom, size, clip}. */
const texts = () => {
  const found = [];
  const look = (node, parent, box) => {
    // What cuts it off sideways may do so with an ellipsis: then that is where it ends.
    let { left, right, top, bottom } = box;
    for (let up = parent; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX === 'visible') continue;
      const clip = up.getBoundingClientRect();
      if (style.textOverflow === 'ellipsis' || style.overflowX === 'auto') {
        left = Math.max(left, clip.left);
        right = Math.min(right, clip.right);
      }
      if (['auto', 'scroll'].includes(style.overflowY) || style.webkitLineClamp !== 'none') {
        top = Math.max(top, clip.top);
        bottom = Math.min(bottom, clip.bottom);
      }
    }
    if (right <= left || bottom <= top) return;
    found.push({ node, parent, text: node.data.trim().slice(0, 30), left, right, top, bottom });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('noscript, .strip, .sr')) continue;
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const whole = range.getBoundingClientRect();
    if (!whole.width || !whole.height) continue;
    // What is for screen readers alone has no size to speak of.
    const own = parent.getBoundingClientRect();
    if (own.width <= 8 && own.height <= 8) continue;
    for (const box of range.getClientRects()) look(node, parent, box);
  }
  return found;
};

/** Installs the looks in a page. */
export async function teach(page) {
  await page.evaluate(`window.texts = ${texts}`);
}

/** Texts that stick out of the window or of what cuts them off. */
export const cutOff = (page) => page.evaluate(() => {
  const flow = document.documentElement.dataset.layout === 'flow';
  return window.texts().filter(({ parent, left, right, top, bottom }) => {
    if (right > innerWidth + 1 || left < -1) return true;
    if (!flow && (bottom > innerHeight + 1 || top < -1)) return true;
    for (let up = parent; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
      const clip = up.getBoundingClientRect();
      const leading = (bottom - top) * 0.2; // a line's own air may be cut
      if (right > clip.right + 2 || left < clip.left - 2) return true;
      if (bottom - leading > clip.bottom + 1 || top + leading < clip.top - 1) return true;
    }
    return false;
  }).map(({ text, parent }) => `${parent.closest('[data-panel], [data-always]')?.className ?? ''}: ${text}`);
});

/** Pairs of texts that lie over one another. */
export const overText = (page) => page.evaluate(() => {
  const list = window.texts();
  const pairs = [];
  const air = (t) => (t.bottom - t.top) * 0.18;
  for (const [i, a] of list.entries()) {
    for (const b of list.slice(i + 1)) {
      if (a.node !== b.node && a.left < b.right - 2 && b.left < a.right - 2
          && a.top + air(a) < b.bottom - air(b) && b.top + air(b) < a.bottom - air(a)) {
        pairs.push(`${a.text} | ${b.text}`);
      }
    }
  }
  return pairs;
});

/** Panels that lie over one another. */
export const overPanel = (page) => page.evaluate(() => {
  const boxes = [...document.querySelectorAll('[data-panel], [data-always]')]
    .filter((node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((node) => [node.dataset.panel ?? node.dataset.always, node.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
                       && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${one} over ${other}`));
});

/** Texts under PX pixels of the stage's own. */
export const small = (page, px) => page.evaluate((least) => window.texts()
  .filter(({ parent }) => parseFloat(getComputedStyle(parent).fontSize) < least)
  .map(({ text, parent }) => `${text}: ${getComputedStyle(parent).fontSize}`), px);

/** Texts that run across a seam at one of SHARES of the window's width. */
export const acrossSeam = (page, shares) => page.evaluate((list) => window.texts()
  .filter(({ left, right }) => list.some((share) => left < share * innerWidth - 1
                                                    && right > share * innerWidth + 1))
  .map(({ text }) => text), shares);

export const scrolls = (page) => page.evaluate(() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return { across: scrollWidth > innerWidth, down: scrollHeight > innerHeight };
});
