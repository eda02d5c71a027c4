// The cockpit for people: themes, languages, eyes, ears and hands of every kind, and what one can
// take away from it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, until } from './fixture.mjs';
import { faint } from './contrast.mjs';
import { cutOff, overText, scrolls, teach } from './geometry.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE = [1920, 1080];
const FLOW = [390, 844];
const THEMES = ['hall', 'office'];
const STAMP = /^数据截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d（UTC\+8）· revision \d+ · epoch \w+$/;
const PROVOKING = '=HYPERLINK("http://example.org","看")';

const daemon = new Daemon();
const browser = new Browser();
let helper; // an empty page that measures pictures

/** Opens the cockpit as a viewer with these settings has it, and awaits that it is live. */
async function open(size, { theme, language, hash = '', media } = {}) {
  const page = await browser.open('about:blank', size);
  if (media) await page.emulateMedia(media);
  await page.addInitScript(([chosen, spoken]) => {
    if (sessionStorage.getItem('begun')) return; // a page that is loaded again keeps its own
    sessionStorage.setItem('begun', 'yes');
    localStorage.clear();
    if (chosen) localStorage.setItem('theme', chosen);
    if (spoken) localStorage.setItem('language', spoken);
  }, [theme, language]);
  await page.goto(`${daemon.url}/${hash}`);
  await live(page);
  return page;
}

const live = (page) => page.waitForFunction(() => document.querySelector('.badge')?.dataset.state === 'live'
  && document.querySelector('[data-metric="activities"]')?.dataset.value
  && document.querySelector('[data-metric="units"]')?.dataset.value // the catalogue is there
  && document.querySelector('.chart svg') && !document.querySelector('.strip'));

const shows = (page, theme) => page.waitForFunction(
  (name) => document.documentElement.dataset.theme === name, theme);

const drilled = (page) => page.waitForFunction(() => document.querySelector('.drill-number')?.textContent
  && [...document.querySelectorAll('.drill :is(h2, h3)')].every((node) => node.textContent.trim()));

async function axe(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`), [], what);
}

async function download(page, button) {
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await page.locator('dialog.export[open]').waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), button(page.locator('dialog[open]')).click()]);
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

const sizeOf = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];

/** What people see it in: on a wall, scrolling, with a number's origin, with help and menu open. */
const WAYS = [
  ['wide', WIDE, {}], ['flow', FLOW, {}], ['drawer', WIDE, { hash: '#metric=residents' }],
  ['drawer in flow', FLOW, { hash: '#metric=activities' }],
  ['help', WIDE, {}, '?'], ['export', FLOW, {}, 'e']];

describe('people', () => {
  before(async () => {
    await daemon.start();
    await daemon.addToken();
    await browser.start();
    helper = await browser.open('about:blank');
    const at = new Date().toISOString();
    await daemon.count(
      { id: 'p1', kind: 'activity', at, title: '义诊进楼道', community: 's08', residents: 32 },
      { id: 'p2', kind: 'activity', at, title: PROVOKING, community: 's01' },
      { id: 'p3', kind: 'problem', at, problem: 'q1', status: 'raised', title: '路灯不亮', community: 's01' },
      { id: 'p4', kind: 'plan', at, plan: 'n1', title: '露天电影', starts: at, community: 's03' });
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
  });

  for (const theme of THEMES) {
    for (const [what, size, options, key] of WAYS) {
      test(`${theme}, ${what}: axe finds nothing, and all words stand out`, async () => {
        const page = await open(size, { theme, media: { reducedMotion: 'reduce' }, ...options });
        if (options.hash) await drilled(page);
        if (key) await page.keyboard.press(key);
        if (key) await page.locator('dialog[open]').waitFor();
        await axe(page, what);
        const found = await faint(page, helper);
        assert.ok(found.words > 10, `${found.words} words were measured`);
        assert.deepEqual(found.faint, []);
        await page.close();
      });
    }
  }

  test('a theme is chosen by hand, kept without a flash, and given back to the hours', async () => {
    const page = await open(WIDE);
    await shows(page, 'hall');
    const chart = () => page.locator('.chart svg').first().innerHTML();
    const ground = () => page.locator('meta[name="theme-color"]').getAttribute('content');
    const [dark, darkGround] = [await chart(), await ground()];
    await page.keyboard.press('t');
    await shows(page, 'office');
    await until(async () => await chart() !== dark, 'the chart in its new colours');
    assert.notEqual(await ground(), darkGround);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light');
    const first = page.evaluate(() => new Promise((done) => { addEventListener('pagehide', () => done()); }))
      .catch(() => {});
    await page.addInitScript(() => document.addEventListener('readystatechange', () => {
      window.begunWith ??= document.documentElement.dataset.theme;
    }));
    await page.reload();
    await first;
    await live(page); // from here on it hears its keys
    assert.equal(await page.evaluate(() => window.begunWith), 'office', 'before any module ran');
    await page.keyboard.press('t');
    await shows(page, 'hall');
    await page.keyboard.press('t');
    assert.equal(await page.evaluate(() => localStorage.getItem('theme')), null, 'auto again');
    await page.close();
  });

  test('the hours of screen.json set the theme by the server\'s clock', async () => {
    const page = await browser.open('about:blank', WIDE);
    await page.addInitScript(() => localStorage.clear());
    await page.route('**/api/v1/screen', (route) => route.fulfill({ json: { themes: { '00:00': 'office' } } }));
    await page.goto(daemon.url);
    await shows(page, 'office');
    await page.close();
  });

  test('speaks English in every layout, and nothing is cut', async () => {
    for (const size of [WIDE, [3840, 1080], [1366, 768], [768, 1024], FLOW]) {
      const page = await open(size, { language: 'en' });
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
      assert.equal(await page.locator('.badge').textContent(), 'Live');
      assert.match(await page.locator('.clock-date').textContent(), /^\d+ \w{3} \d{4}\w+day$/);
      await teach(page);
      assert.deepEqual(await cutOff(page), [], size.join('×'));
      assert.deepEqual(await overText(page), [], size.join('×'));
      assert.equal((await scrolls(page)).across, false, size.join('×'));
      await page.close();
    }
  });

  test('the language is switched by the toolbar and kept', async () => {
    const page = await open(WIDE);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: '中文' }).waitFor();
    await page.reload();
    await live(page);
    assert.equal(await page.locator('.figure-activities h2').textContent(), 'Shared activities');
    await page.close();
  });

  test('the headline is read with its name, value, unit and what today changed', async () => {
    const page = await open(WIDE);
    const { totals } = await daemon.get('totals');
    const label = await page.locator('.figure-activities').getAttribute('aria-label');
    assert.equal(label, `共享活动 ${totals.activities} 场，今日 +2`);
    await page.close();
  });

  test('landmarks and headings are in order, and the feed keeps quiet', async () => {
    const page = await open(WIDE);
    for (const role of ['banner', 'main', 'contentinfo']) {
      assert.equal(await page.getByRole(role).count(), 1, role);
    }
    const levels = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3, h4')]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest('[aria-hidden]'))
      .map((node) => Number(node.tagName[1])));
    assert.equal(levels[0], 1);
    assert.equal(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, i) => assert.ok(i === 0 || level <= levels[i - 1] + 1, `heading ${i}`));
    const loud = ':is([aria-live], [role="status"], [role="log"], [role="alert"])';
    assert.equal(await page.locator(`${loud} .feed`).count(), 0);
    await page.close();
  });

  test('help opens, tells the keys, and closes by its key or Escape', async () => {
    const page = await open(WIDE);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: '帮助' });
    await dialog.waitFor();
    const told = await dialog.locator('kbd').allTextContents();
    for (const key of ['f', 'v', 't', 'p', '?', 'Esc']) assert.ok(told.includes(key), key);
    assert.match(await dialog.textContent(), /人次.*计三人次/s);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.close();
  });

  test('tools are large enough for a finger, and not there in kiosk mode', async () => {
    for (const [size, least] of [[FLOW, 44], [WIDE, 40]]) {
      const page = await open(size);
      for (const box of await page.locator('.toolbar button').evaluateAll(
        (list) => list.map((node) => node.getBoundingClientRect().toJSON()))) {
        assert.ok(Math.min(box.width, box.height) >= least, `${box.width}×${box.height}`);
      }
      await page.close();
    }
    const page = await open(WIDE, { hash: '?kiosk' });
    assert.equal(await page.locator('.toolbar').isVisible(), false);
    await page.close();
  });

  test('nothing moves for whoever wants stillness', async () => {
    const page = await open(WIDE, { media: { reducedMotion: 'reduce' } });
    const before = (await daemon.get('totals')).totals.activities;
    const motions = await page.evaluateHandle(() => {
      const seen = new Set();
      const look = () => {
        document.getAnimations().forEach((one) => seen.add(one.animationName ?? one.constructor.name));
        requestAnimationFrame(look);
      };
      look();
      return seen;
    });
    await daemon.count({ id: 'still', kind: 'activity', at: new Date().toISOString(), title: '静',
                         community: 's02' });
    await page.waitForFunction((n) => document.querySelector('[data-metric="activities"]').dataset.value === n,
                               String(before + 1));
    await page.keyboard.press('ArrowRight');
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    assert.deepEqual(await motions.evaluate((seen) => [...seen]), []);
    await page.close();
  });

  test('figures are there in the system\'s own colours', async () => {
    const page = await open(WIDE, { media: { forcedColors: 'active' } });
    const fills = await page.locator('.digit, .masthead h1').evaluateAll(
      (list) => list.map((node) => getComputedStyle(node).webkitTextFillColor));
    assert.ok(fills.length > 5);
    for (const fill of fills) assert.doesNotMatch(fill, /, 0\)$/);
    await page.close();
  });

  test('status is told without colour: awake and asleep by shape, stages by pattern and word', async () => {
    const page = await open(WIDE);
    const shape = (selector) => page.locator(selector).first().evaluate((node) => getComputedStyle(node).rx);
    assert.notEqual(await shape('.dot.awake'), await shape('.dot:not(.awake)'));
    const paint = (name) => page.locator(`.part-${name}`).first().evaluate(
      (node) => getComputedStyle(node).backgroundImage.split('(')[0]);
    assert.equal(new Set([await paint('running'), await paint('preparing')]).size, 2);
    for (const word of ['进行', '筹备']) {
      assert.ok(await page.locator('.status', { hasText: word }).count() > 0, word);
    }
    await page.close();
  });

  test('a picture of the screen has the stage\'s size, once or twice', async () => {
    const page = await open([1366, 768]);
    const stage = await page.evaluate(() => document.getElementById('stage').offsetWidth);
    for (const times of [1, 2]) {
      const { name, bytes } = await download(
        page, (dialog) => dialog.getByRole('button', { name: 'PNG' }).nth(times - 1));
      assert.match(name, /-\d{8}-\d{6}-r\d+\.png$/);
      const [width, height] = sizeOf(bytes);
      assert.equal(width, stage * times);
      assert.ok(height > 1080 * times, 'the stamp stands under it');
      assert.ok(await colours(bytes) > 500, 'it shows what the screen shows');
    }
    await page.close();
  });

  test('every panel\'s table can be had, with its stamp, and no spreadsheet runs any of it', async () => {
    let page = await open(WIDE);
    await page.keyboard.press('e');
    const titles = await page.locator('dialog .tables button').allTextContents();
    assert.ok(titles.length >= 5, titles.join());
    await page.keyboard.press('Escape');
    for (const [i, title] of titles.entries()) {
      assert.match(title, /\S/);
      if (i % 5 === 4) { // Chromium stops a page that gives more than ten files in a row
        await page.close();
        page = await open(WIDE);
      }
      const { name, bytes } = await download(
        page, (dialog) => dialog.locator('.tables button').getByText(title, { exact: true }));
      assert.match(name, /-r\d+\.csv$/);
      assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'UTF-8 with its mark');
      const lines = bytes.subarray(3).toString('utf8').split('\r\n');
      assert.equal(lines.pop(), '', 'a line ends with CRLF');
      assert.match(lines.at(-1), STAMP, title);
      for (const line of lines) assert.doesNotMatch(line, /(^|,)"?[=+\-@\t](?!\d+(\.\d+)?(,|$))/, title);
      if (title === '实时动态') {
        assert.ok(lines.some((line) => line.includes(`"'${PROVOKING.replaceAll('"', '""')}"`)), 'defused and quoted');
      }
    }
    await page.close();
  });

  test('the print sheet has every panel whole, with vectors, and leaves nothing behind', async () => {
    const page = await open(WIDE);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    assert.match(pdf.toString('latin1'), /^%PDF-[\s\S]*\/MediaBox \[0 0 84[12]/, 'A4 on its side');
    await page.waitForFunction(() => !document.querySelector('.sheet'));

    await page.evaluate(() => { window.print = () => {}; });
    for (const [width, height] of [[1030, 700], [700, 1030]]) {
      await page.setViewportSize({ width, height });
      await page.keyboard.press('p');
      await page.locator('.sheet .chart svg').waitFor({ state: 'attached' });
      await page.emulateMedia({ media: 'print' });
      const sheet = await page.evaluate(() => {
        const node = document.querySelector('.sheet');
        const cut = [...node.querySelectorAll('section')].filter((section) => {
          const { left, right } = section.getBoundingClientRect();
          return left < -1 || right > innerWidth + 1 || section.scrollWidth > section.clientWidth + 2;
        });
        return { panels: [...node.querySelectorAll('section')].map(({ dataset }) => dataset.panel),
                 cut: cut.map(({ dataset }) => dataset.panel), stamp: node.querySelector('header p').textContent,
                 pictures: node.querySelectorAll('canvas, img').length,
                 seen: document.querySelector('.stage').checkVisibility() };
      });
      assert.deepEqual(sheet.cut, [], `${width}×${height}`);
      assert.match(sheet.stamp, STAMP);
      assert.equal(sheet.pictures, 0);
      assert.equal(sheet.seen, false, 'the screen itself isn\'t printed');
      for (const panel of ['headline', 'trend', 'circles', 'feed', 'projects']) {
        assert.ok(sheet.panels.includes(panel), panel);
      }
      const { circles } = await daemon.get('catalogue');
      assert.equal(sheet.panels.filter((name) => name === 'circle').length, circles.length);
      await page.emulateMedia({ media: null });
      await page.evaluate(() => dispatchEvent(new Event('afterprint')));
      assert.equal(await page.locator('.sheet').count(), 0);
    }
    await page.close();
  });

  test('nothing failed to load, was forbidden or went wrong so far', () => {
    assert.deepEqual(browser.faults, []);
  });

  test('a lost connection is told at once', async () => {
    const page = await open(WIDE);
    const told = page.locator('.unseen[role="status"]');
    await told.getByText('连接状态：实时').waitFor({ state: 'attached' });
    await daemon.kill();
    await told.getByText('连接状态：重连中').waitFor({ state: 'attached' });
    await page.close();
  });
});

/** How many colours a PNG has, by a coarse look. */
async function colours(bytes) {
  return helper.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const map = await createImageBitmap(new Blob([data]));
    const pen = new OffscreenCanvas(map.width, map.height).getContext('2d');
    pen.drawImage(map, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, map.width, map.height).data.buffer);
    return new Set(pixels.filter((_, i) => i % 97 === 0)).size;
  }, bytes.toString('base64'));
}
