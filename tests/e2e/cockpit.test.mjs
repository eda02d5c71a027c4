// The cockpit in a real browser on the real daemon: what a person in front of it would notice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon } from './fixture.mjs';

const PHONE = [390, 844];

const daemon = new Daemon();
const browser = new Browser();
let cockpit;
let catalogue;

let serial = 0;
const activity = (fields) => ({ id: `cockpit-${++serial}`, kind: 'activity', title: '读书会',
                                at: new Date().toISOString(), community: 's08', ...fields });

const number = (page, metric) => page.locator(`[data-metric="${metric}"]`).first();

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

const scrolls = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

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
    assert.equal(await cockpit.locator('.scene:not([data-off]) [data-circle]').count(), catalogue.circles.length);
    assert.match(await cockpit.locator('.as-of').textContent(), /^数据截至 \d\d:\d\d:\d\d$/);
    assert.match(await cockpit.locator('.clock-time').textContent(), /^\d\d:\d\d:\d\d$/);
    const latest = catalogue.projects.at(-1).round;
    const current = catalogue.categories.filter(({ id }) => catalogue.projects
      .some(({ category, round }) => category === id && round === latest));
    for (const { name } of current) {
      assert.equal(await cockpit.locator('.scene:not([data-off]) .projects .name', { hasText: name }).count(), 1, name);
    }
    await cockpit.locator('.scene:not([data-off]) .chart svg').waitFor();
  });

  test('an event moves its numbers and appears in the feed', async () => {
    const before = await headline(cockpit);
    await daemon.count(activity({ title: '义诊进楼道', residents: 1234, unit: catalogue.units[0].id }));
    await shows(cockpit, 'activities', before.activities + 1);
    await shows(cockpit, 'residents', before.residents + 1234);
    assert.equal(await valueOf(cockpit, 'venues'), before.venues);
    const line = cockpit.locator('.scene:not([data-off]) .feed li').first();
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
    const unit = catalogue.units[1].id;
    const kinds = [
      ['新增共享阵地议事厅', { kind: 'venue', venue: 'v-new', shared: true, name: '议事厅', community: 's01' }],
      ['提出民生问题路灯不亮', { kind: 'problem', problem: 'q1', status: 'raised', title: '路灯不亮', community: 's01' }],
      ['认领民生问题路灯不亮', { kind: 'problem', problem: 'q1', status: 'claimed', unit }],
      ['解决民生问题路灯不亮', { kind: 'problem', problem: 'q1', status: 'solved', unit }],
      ['活动预告露天电影', { kind: 'plan', plan: 'n1', title: '露天电影', starts: at, community: 's01' }],
      ['共享活动误报的活动', activity({ title: '误报的活动' })],
      ['更正误报的活动 · 重复登记', { kind: 'void', of: 'k6', reason: '重复登记' }],
    ];
    for (const [i, [text, event]] of kinds.entries()) {
      const id = `k${i + 1}`;
      await daemon.count({ at, ...event, id });
      const line = cockpit.locator(`.scene:not([data-off]) .feed li[data-id="${id}"] .what`);
      await line.waitFor();
      assert.equal(await line.textContent(), text);
    }
    await shows(cockpit, 'venues', venues + 1);
    await shows(cockpit, 'problems_solved', solved + 1);
    for (const metric of ['venues', 'problems_solved']) {
      assert.equal(await cockpit.locator(`.figure-${metric} .change`).textContent(), '+1', metric);
    }
  });

  test('whatever a title holds is text', async () => {
    const titles = ['<img src=x onerror=alert(1)><script>alert(2)</script>', '"><b>粗体</b>&amp;',
                    '\u202E\u2067从右到左', '长'.repeat(200), '👩‍👩‍👧‍👦🎉 庆祝'];
    for (const title of titles) {
      const event = activity({ title });
      await daemon.count(event);
      const line = cockpit.locator(`.scene:not([data-off]) .feed li[data-id="${event.id}"]`);
      await line.waitFor();
      assert.equal(await line.locator('bdi').textContent(), title);
      assert.equal(await line.locator('img, script, .words b').count(), 0);
      const { width } = await line.boundingBox();
      assert.ok(width < 500, 'no title widens its line');
    }
  });

  test('the trend has two spans and ends in what is live', async () => {
    const button = (name) => cockpit.getByRole('button', { name });
    const axis = () => cockpit.locator('.scene:not([data-off]) .chart').textContent();
    assert.equal(await button('近30天').getAttribute('aria-pressed'), 'true');
    await button('近12月').click();
    assert.equal(await button('近12月').getAttribute('aria-pressed'), 'true');
    await cockpit.waitForFunction(() => /\d月/.test(document.querySelector('.chart').textContent));
    await button('近30天').click();
    await cockpit.waitForFunction(() => /\d-\d/.test(document.querySelector('.chart').textContent));
    assert.doesNotMatch(await axis(), /月/);
  });

  test('the mobile page shows the same totals', async () => {
    const mobile = await browser.open(`${daemon.url}/m/`, PHONE);
    await says(mobile, '实时');
    const figures = await headline(cockpit);
    await shows(mobile, 'activities', figures.activities);
    assert.deepEqual(await headline(mobile), figures);
    assert.equal(await scrolls(mobile), false);
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
