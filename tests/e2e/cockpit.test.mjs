// The cockpit in a real browser on the real daemon: what a person in front of it would notice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon } from './fixture.mjs';

const STAGES = [[1920, 1080], [2560, 1440], [1366, 768]];
const PHONE = [390, 844];

const daemon = new Daemon();
const browser = new Browser();
let cockpit;
let catalogue;

let serial = 0;
const activity = (fields) => ({ id: `cockpit-${++serial}`, kind: 'activity', title: '读书会',
                                at: new Date().toISOString(), community: 's08', ...fields });

const number = (page, metric) => page.locator(`[data-metric="${metric}"]`);

const valueOf = async (page, metric) => {
  const value = await number(page, metric).getAttribute('data-value');
  return value === null ? null : Number(value);
};

/** Awaits that a headline number is N, for programs and for eyes. */
async function shows(page, metric, n) {
  await page.waitForFunction(([name, value, digits]) => {
    const node = document.querySelector(`[data-metric="${name}"]`);
    return node?.dataset.value === value && node.textContent === digits;
  }, [metric, String(n), n.toLocaleString('en-US')]);
}

/** Awaits that the badge says WORD. */
const says = (page, word) => page.waitForFunction(
  (text) => document.querySelector('.badge')?.textContent === text, word);

async function headline(page) {
  const figures = {};
  for (const metric of ['activities', 'venues', 'residents', 'problems_solved']) {
    figures[metric] = await valueOf(page, metric);
  }
  return figures;
}

/** Gives the page another size, and awaits that it has taken it. */
async function resize(page, [width, height]) {
  await page.setViewportSize({ width, height });
  await page.waitForFunction(([w, h]) => {
    const { right, bottom } = document.querySelector('.stage').getBoundingClientRect();
    const chart = document.querySelector('.chart svg')?.getBoundingClientRect();
    return innerWidth === w && right <= w + 1 && !(chart?.right > w)
      && (document.documentElement.dataset.layout === 'flow' || bottom <= h + 1);
  }, [width, height]);
}

const layout = (page) => page.evaluate(() => document.documentElement.dataset.layout);

/** Texts of the page that stick out of the screen or of what cuts them off. */
const cutOff = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest('noscript, .feed ol')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) found.push(node.data);
    if (document.documentElement.dataset.layout === 'stage'
        && (box.bottom > innerHeight + 1 || box.top < -1)) found.push(node.data);
  }
  return found;
});

/** Panels of the stage that lie over one another. */
const overlaps = (page) => page.evaluate(() => {
  const boxes = [...document.querySelectorAll('[data-panel]')]
    .map((node) => [node.dataset.panel, node.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
                       && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${one} over ${other}`));
});

const scrolls = (page) => page.evaluate(() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return { across: scrollWidth > innerWidth, down: scrollHeight > innerHeight };
});

describe('cockpit', () => {
  before(async () => {
    await daemon.start();
    await daemon.addToken();
    await browser.start();
    catalogue = await daemon.get('catalogue');
    cockpit = await browser.open(daemon.url);
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
  });

  test('shows the catalogue and the totals, live', async () => {
    await says(cockpit, '实时');
    const { totals } = await daemon.get('totals');
    for (const [metric, n] of Object.entries(await headline(cockpit))) {
      assert.equal(n, totals[metric], metric);
      await shows(cockpit, metric, n);
    }
    await shows(cockpit, 'units', catalogue.units.length);
    await shows(cockpit, 'projects', catalogue.projects.length);
    assert.equal(await cockpit.title(), `${catalogue.alliance.name}数字驾驶舱`);
    assert.equal(await cockpit.locator('[data-circle]').count(), catalogue.circles.length);
    assert.match(await cockpit.locator('.as-of').textContent(), /^数据截至 \d\d:\d\d:\d\d$/);
    assert.match(await cockpit.locator('.clock-time').textContent(), /^\d\d:\d\d:\d\d$/);
    for (const { name } of catalogue.categories) {
      assert.equal(await cockpit.locator('.round .name', { hasText: name }).count(), 1, name);
    }
    await cockpit.locator('.chart svg').waitFor();
  });

  test('an event moves its numbers and appears in the feed', async () => {
    const before = await headline(cockpit);
    await daemon.count(activity({ title: '义诊进楼道', residents: 1234, unit: catalogue.units[0].id }));
    await shows(cockpit, 'activities', before.activities + 1);
    await shows(cockpit, 'residents', before.residents + 1234);
    assert.equal(await valueOf(cockpit, 'venues'), before.venues);
    const line = cockpit.locator('.feed li').first();
    const text = await line.textContent();
    assert.ok(text.includes('义诊进楼道'), text);
    assert.ok(text.includes('+1,234人次'), text);
    assert.ok(text.includes(catalogue.units[0].name), text);
    const { circle } = catalogue.communities.find(({ id }) => id === 's08');
    await cockpit.waitForFunction((id) => document.querySelector(`[data-circle="${id}"] .residents`)
      .textContent.startsWith('1,234'), circle);
  });

  test('each kind of event has its line', async () => {
    const at = new Date().toISOString();
    const { problems_solved: solved, venues } = await headline(cockpit);
    await daemon.count(
      { id: 'k1', kind: 'venue', at, venue: 'v-new', shared: true, name: '议事厅', community: 's01' },
      { id: 'k2', kind: 'problem', at, problem: 'q1', status: 'raised', title: '路灯不亮', community: 's01' },
      { id: 'k3', kind: 'problem', at, problem: 'q1', status: 'solved', unit: catalogue.units[1].id },
      { id: 'k4', kind: 'plan', at, plan: 'n1', title: '露天电影', starts: at, community: 's01' },
      activity({ id: 'k5', title: '误报的活动' }),
      { id: 'k6', kind: 'void', at, of: 'k5', reason: '重复登记' });
    await shows(cockpit, 'venues', venues + 1);
    await shows(cockpit, 'problems_solved', solved + 1);
    for (const metric of ['venues', 'problems_solved']) {
      assert.equal(await cockpit.locator(`.figure-${metric} .change`).textContent(), '+1', metric);
    }
    const lines = { k1: '新增共享阵地议事厅', k2: '提出民生问题路灯不亮', k3: '解决民生问题路灯不亮',
                    k4: '活动预告露天电影', k5: '共享活动误报的活动', k6: '更正误报的活动 · 重复登记' };
    for (const [id, text] of Object.entries(lines)) {
      const found = await cockpit.locator(`.feed li[data-id="${id}"] .what`).textContent();
      assert.equal(found, text);
    }
  });

  test('whatever a title holds is text', async () => {
    const titles = ['<img src=x onerror=alert(1)><script>alert(2)</script>', '"><b>粗体</b>&amp;',
                    '\u202E\u2067从右到左', '长'.repeat(200), '👩‍👩‍👧‍👦🎉 庆祝'];
    for (const title of titles) {
      const event = activity({ title });
      await daemon.count(event);
      const line = cockpit.locator(`.feed li[data-id="${event.id}"]`);
      await line.waitFor();
      assert.equal(await line.locator('bdi').textContent(), title);
      assert.equal(await line.locator('img, script, .words b').count(), 0);
      const { width } = await line.boundingBox();
      assert.ok(width < 500, 'no title widens its line');
    }
  });

  test('the trend has two spans and ends in what is live', async () => {
    const button = (name) => cockpit.getByRole('button', { name });
    const axis = () => cockpit.locator('.chart').textContent();
    assert.equal(await button('近30天').getAttribute('aria-pressed'), 'true');
    await button('近12月').click();
    assert.equal(await button('近12月').getAttribute('aria-pressed'), 'true');
    await cockpit.waitForFunction(() => /\d月/.test(document.querySelector('.chart').textContent));
    await button('近30天').click();
    await cockpit.waitForFunction(() => /\d-\d/.test(document.querySelector('.chart').textContent));
    assert.doesNotMatch(await axis(), /月/);
  });

  test('fits big screens without scrolling, cutting or overlapping', async () => {
    for (const stage of STAGES) {
      await resize(cockpit, stage);
      assert.equal(await layout(cockpit), 'stage');
      assert.deepEqual(await scrolls(cockpit), { across: false, down: false }, stage.join('×'));
      assert.deepEqual(await cutOff(cockpit), [], stage.join('×'));
      assert.deepEqual(await overlaps(cockpit), [], stage.join('×'));
    }
  });

  test('has no text under 18 px at 1920×1080', async () => {
    await resize(cockpit, STAGES[0]);
    const small = await cockpit.evaluate(() => [...document.querySelectorAll('.stage *')]
      .filter((node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 18)
      .map((node) => node.textContent));
    assert.deepEqual(small, []);
  });

  test('flows in one column on a phone', async () => {
    await resize(cockpit, PHONE);
    assert.equal(await layout(cockpit), 'flow');
    assert.deepEqual(await scrolls(cockpit), { across: false, down: true });
    assert.deepEqual(await cutOff(cockpit), []);
    assert.deepEqual(await overlaps(cockpit), []);
    await resize(cockpit, STAGES[0]);
  });

  test('the mobile page shows the same totals', async () => {
    const mobile = await browser.open(`${daemon.url}/m/`, PHONE);
    await says(mobile, '实时');
    const figures = await headline(cockpit);
    assert.deepEqual(await headline(mobile), figures);
    assert.deepEqual(await scrolls(mobile), { across: false, down: false });
    await daemon.count(activity());
    await shows(mobile, 'activities', figures.activities + 1);
    await mobile.close();
  });

  test('nothing failed to load, was forbidden or went wrong so far', () => {
    assert.deepEqual(browser.faults, []);
  });

  test('says so when the daemon dies, keeps its figures, and is live again with the same', async () => {
    await says(cockpit, '实时');
    const { totals } = await daemon.get('totals');
    await shows(cockpit, 'activities', totals.activities);
    const figures = await headline(cockpit);
    await daemon.kill();
    await says(cockpit, '重连中');
    assert.match(await cockpit.locator('.as-of').textContent(), /^数据截至 \d\d:\d\d:\d\d · /);
    assert.deepEqual(await headline(cockpit), figures);
    const dips = await watchForDips(cockpit);
    await daemon.start();
    await says(cockpit, '实时');
    assert.deepEqual(await headline(cockpit), figures);
    assert.deepEqual((await daemon.get('totals')).totals, totals);
    await daemon.count(activity());
    await shows(cockpit, 'activities', figures.activities + 1);
    assert.deepEqual(await dips.evaluate((seen) => seen), []);
  });
});

/** Notes every moment in which a headline number is less than it was, or none at all. */
function watchForDips(page) {
  return page.evaluateHandle(() => {
    const seen = [];
    const nodes = [...document.querySelectorAll('[data-metric]')];
    const first = new Map(nodes.map((node) => [node, Number(node.dataset.value)]));
    const observer = new MutationObserver(() => nodes.forEach((node) => {
      if (!(Number(node.dataset.value) >= first.get(node))) seen.push(node.dataset.metric);
    }));
    nodes.forEach((node) => observer.observe(node, { attributes: true }));
    return seen;
  });
}
