// Every size that is supported, from a phone to a wall: nothing is cut, nothing lies over anything,
// nothing scrolls that shouldn't. The pictures are kept for human eyes, in the build folder or
// where TALLYD_SCREENS says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon } from './fixture.mjs';
import { acrossSeam, cutOff, overPanel, overText, scrolls, small, teach } from './geometry.mjs';

const SIZES = [[360, 740], [390, 844], [768, 1024], [1024, 768], [1366, 768], [1920, 1080],
  [2560, 1440], [3840, 2160], [3840, 1080], [6720, 2160], [6656, 1792], [7680, 2160]];
const FOLDER = process.env.TALLYD_SCREENS ?? 'screens';

const daemon = new Daemon();
const browser = new Browser();

/** A day in the alliance's life, with everything that a screen can show. */
async function history() {
  const { communities, units, projects } = await daemon.get('catalogue');
  const hours = (n) => new Date(Date.now() - n * 3_600_000).toISOString();
  const titles = ['邻里文化节', '义诊进楼道', '垃圾分类小课堂', '青少年书法班', '社区议事会', '消防演练'];
  const events = [];
  for (let i = 0; i < 260; i += 1) {
    events.push({ id: `a${i}`, kind: 'activity', at: hours((i * i * 7) % 8000), title: titles[i % 6],
                  community: communities[(i * 11) % communities.length].id,
                  unit: units[(i * 5) % units.length].id, residents: 8 + ((i * 37) % 180),
                  project: projects[(i * 3) % projects.length].id });
  }
  for (let i = 0; i < 24; i += 1) {
    const problem = `q${i}`;
    const unit = units[i % units.length].id;
    events.push({ id: `r${i}`, kind: 'problem', at: hours(400 - i * 9), problem, status: 'raised',
                  title: ['路灯不亮', '井盖松动', '楼道堆物'][i % 3], community: communities[i].id });
    if (i % 4) events.push({ id: `c${i}`, kind: 'problem', at: hours(390 - i * 9), problem, status: 'claimed', unit });
    if (i % 4 > 1) events.push({ id: `s${i}`, kind: 'problem', at: hours(360 - i * 9), problem, status: 'solved', unit });
  }
  for (let i = 0; i < 9; i += 1) {
    events.push({ id: `v${i}`, kind: 'venue', at: hours(20 + i), venue: `v${i}`, shared: true,
                  name: ['议事厅', '排练厅', '停车场'][i % 3], community: communities[i * 3].id });
  }
  for (let i = 0; i < 6; i += 1) {
    events.push({ id: `p${i}`, kind: 'plan', at: hours(1), plan: `p${i}`, title: titles[i],
                  starts: new Date(Date.now() + (1 + i * 5) * 3_600_000).toISOString(),
                  community: communities[i * 2].id, unit: units[i].id });
  }
  await daemon.count(...events);
}

/** Opens the page at a size and awaits that everything on it stands. */
async function open([width, height], { screen, query = '' } = {}) {
  const page = await browser.open('about:blank', [width, height]);
  if (screen) {
    await page.route('**/api/v1/screen', (route) => route.fulfill({ json: screen }));
  }
  await page.goto(`${daemon.url}/${query}`);
  await page.waitForFunction(() => document.querySelector('.badge')?.dataset.state === 'live'
    && document.querySelector('[data-metric="activities"]')?.dataset.value
    && document.querySelector('.chart svg') && !document.querySelector('.strip'));
  await teach(page);
  return page;
}

const scenes = (page) => page.locator('.scenes button').count();

/** Shows scene N and awaits that its panels are there. */
async function show(page, n) {
  await page.locator('.scenes button').nth(n).click();
  await page.waitForFunction((i) => {
    const scene = document.querySelectorAll('.scene')[i];
    return getComputedStyle(scene).opacity === '1' && !document.getAnimations()
      .some((a) => a.playState === 'running' && a.effect?.target?.closest?.('.scene'))
      && !document.querySelector('.scene:not([data-off]) [data-loading]');
  }, n);
}

async function look(page, name) {
  const flow = await page.evaluate(() => document.documentElement.dataset.layout === 'flow');
  assert.deepEqual(await cutOff(page), [], `${name}: cut off`);
  assert.deepEqual(await overText(page), [], `${name}: text over text`);
  assert.deepEqual(await overPanel(page), [], `${name}: panel over panel`);
  assert.deepEqual(await scrolls(page), { across: false, down: flow }, `${name}: scrolls`);
  if (!flow) assert.deepEqual(await small(page, 18), [], `${name}: too small`);
}

describe('screens', () => {
  before(async () => {
    fs.mkdirSync(FOLDER, { recursive: true });
    await daemon.start();
    await daemon.addToken();
    await history();
    await browser.start();
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
  });

  for (const size of SIZES) {
    test(`${size.join('×')}`, async () => {
      const page = await open(size);
      const many = await scenes(page);
      const flow = await page.evaluate(() => document.documentElement.dataset.layout === 'flow');
      for (let n = 0; n < (flow ? 1 : many); n += 1) {
        if (n > 0) await show(page, n);
        const name = `${size.join('x')}-${n + 1}`;
        await page.screenshot({ path: path.join(FOLDER, `${name}.jpg`), type: 'jpeg', quality: 80,
                                fullPage: flow });
        await look(page, name);
      }
      await page.close();
    });
  }

  test('what the system enlarges looks the same', async () => {
    const page = await open([1920, 1080]);
    const place = () => page.evaluate(() => [...document.querySelectorAll('[data-panel]')].map((node) => {
      const box = node.getBoundingClientRect();
      return [box.left / innerWidth, box.top / innerHeight].map((n) => Math.round(n * 500));
    }));
    const before = await place();
    await page.setViewportSize({ width: 1280, height: 720 }); // 150 %
    await page.waitForFunction(() => innerWidth === 1280
      && document.querySelector('.stage').getBoundingClientRect().right <= innerWidth + 1);
    assert.deepEqual(await place(), before);
    await page.close();
  });

  test('no text crosses a wall\'s seams', async () => {
    const found = await daemon.get('screen').catch(() => ({}));
    for (const [size, columns] of [[[3840, 1080], [0.25, 0.5, 0.75]], [[6720, 2160], [1 / 3, 2 / 3]],
                                   [[1920, 1080], [0.28, 0.72]], [[6656, 1792], [0.2, 0.4, 0.6, 0.8]]]) {
      const page = await open(size, { screen: { ...found, wall: { seams: { columns, gap: 30 } } } });
      for (let n = 0; n < await scenes(page); n += 1) {
        if (n > 0) await show(page, n);
        assert.deepEqual(await acrossSeam(page, columns), [], `${size.join('×')}, scene ${n + 1}`);
        assert.deepEqual(await cutOff(page), [], `${size.join('×')}, scene ${n + 1}: cut off`);
        assert.deepEqual(await overText(page), [], `${size.join('×')}, scene ${n + 1}: text over text`);
      }
      await page.close();
    }
  });

  test('a wall of another shape than its signal gets a squashed picture that is right on it', async () => {
    const page = await open([1920, 1080], { screen: { wall: { ratio: 6656 / 1792 } } });
    const shape = await page.evaluate(() => {
      const circle = document.querySelector('.circle').getBoundingClientRect();
      const stage = document.querySelector('.stage').getBoundingClientRect();
      return { circle: circle.width / circle.height, kind: document.documentElement.dataset.kind,
               stage: [stage.left, stage.top, stage.right, stage.bottom].map(Math.round) };
    });
    assert.equal(shape.kind, 'ultra');
    assert.deepEqual(shape.stage, [0, 0, 1920, 1080]);
    assert.ok(Math.abs(shape.circle * (6656 / 1792) / (1920 / 1080) - 1) < 0.01, 'round on the wall');
    await page.close();
  });

  test('nothing failed to load, was forbidden or went wrong', () => {
    assert.deepEqual(browser.faults, []);
  });
});
