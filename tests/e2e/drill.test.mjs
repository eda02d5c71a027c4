// "Where does this number come from?": whatever figure the drawer shows, the events behind it add up
// to it; and the drawer can be reached, shared and left by address, keyboard and finger.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import { Browser, Daemon, until } from './fixture.mjs';

const SIZES = [[1920, 1080], [3840, 1080], [1366, 768], [390, 844]];
const METRICS = ['activities', 'venues', 'residents', 'residents_unique', 'problems_raised',
  'problems_solved'];
const TITLES = ['<img src=x onerror=alert(1)><script>alert(2)</script>', '"><b>粗体</b>&amp;',
  '\u202E\u2067从右到左\u200F', '长'.repeat(200), 'W'.repeat(200), '👩‍👩‍👧‍👦🎉 庆祝'];
const BULK = 1200; // more than the proof takes in one bite

const daemon = new Daemon();
const browser = new Browser();
let page;
let place; // one of each dimension, all of the same circle and category
let figures; // of the test's own history, by nobody else's sums

const now = () => new Date().toISOString();
const PAST = '2024-05-17T10:00:00+08:00';
const later = (day) => `2024-05-${day}T10:00:00+08:00`;

const activity = (id, fields) => ({ id, kind: 'activity', at: now(), title: '读书会',
                                    community: place.community, unit: place.unit,
                                    project: place.project, ...fields });
const reach = (id, of, fields) => ({ id, kind: 'reach', at: now(), activity: of, ...fields });
const venue = (id, of, at, fields) => ({ id, kind: 'venue', at, venue: of, shared: true,
                                         name: '共享书房', community: place.community,
                                         unit: place.unit, ...fields });
const withdrawn = (id, of, at) => ({ id, kind: 'venue', at, venue: of, shared: false });
const problem = (id, of, status, fields) => ({ id, kind: 'problem', at: now(), problem: of, status,
                                               ...fields });
const voided = (id, of) => ({ id, kind: 'void', at: now(), of, reason: '重复登记' });
const opening = (id, fields) => ({ id, kind: 'opening', at: '2022-09-20T00:00:00+08:00', ...fields });

/** A history in which nearly everything that can happen to a figure happens. */
async function history() {
  const { community, unit, project, circle } = place;
  const raised = { title: '路灯不亮', community };
  await daemon.count(
    opening('o1', { metrics: { activities: 5, venues: 2, residents: 70 }, circle }),
    opening('o2', { metrics: { problems_raised: 3, problems_solved: 2 }, community }),
    opening('o3', { metrics: { activities: 4, residents: 9 }, unit }),
    opening('o4', { metrics: { activities: 1, residents: 8, venues: 1 }, project }),
    activity('a1', { residents: 12 }),
    activity('a2', { residents: 0 }),
    activity('a3', { residents: 500 }),
    activity('a4', { at: PAST, residents: 33, project: undefined }),
    activity('a5', { unit: undefined }),
    reach('r1', 'a1', { residents: 7 }),
    reach('r2', 'a1', { resident: 'p1' }),
    reach('r3', 'a1', { resident: 'p1' }),
    reach('r4', 'a2', { resident: 'p1' }),
    reach('r5', 'a2', { resident: 'p2' }),
    reach('r6', 'a3', { residents: 40 }),
    reach('r7', 'a3', { resident: 'p3' }),
    reach('r8', 'a4', { at: PAST, resident: 'p2' }),
    reach('r9', 'a5', { resident: 'p4' }),
    reach('r10', 'a5', { resident: 'p4' }));
  await daemon.count(
    voided('x1', 'a3'), // and with it r6 and r7
    voided('x2', 'r9'), // so that r10 counts
    voided('x3', 'o4'),
    venue('v1', 'w1', later('01')),
    venue('v2', 'w2', later('02')),
    withdrawn('v3', 'w2', later('03')),
    venue('v4', 'w3', later('04')),
    withdrawn('v5', 'w3', later('05')),
    voided('x4', 'v5'), // w3 is shared again
    venue('v6', 'w4', now()),
    problem('q1', 'k1', 'raised', raised),
    problem('q2', 'k1', 'raised', raised), // says the same again
    problem('q3', 'k1', 'claimed', { unit }),
    problem('q4', 'k1', 'solved', { unit }),
    problem('q5', 'k2', 'raised', { ...raised, at: PAST }),
    problem('q6', 'k2', 'solved', { unit }),
    voided('x5', 'q6'),
    problem('q7', 'k3', 'raised', raised),
    problem('q8', 'k3', 'solved', {}));
  for (let i = 0; i < BULK; i += 400) {
    await daemon.count(...Array.from({ length: 400 }, (_, n) =>
      activity(`b${i + n}`, { at: (i + n) % 3 ? now() : PAST, residents: (i + n) % 5 })));
  }
}

const number = () => page.locator('.drill-number');
const proof = () => page.locator('.drill-proof');
const open = () => page.evaluate(() => document.documentElement.hasAttribute('data-drill'));
const isOpen = () => page.waitForFunction(() => document.documentElement.hasAttribute('data-drill'));
const isShut = () => page.waitForFunction(() => !document.documentElement.hasAttribute('data-drill'));

/** Until the page is laid out for it: the window has its size before the page hears of it. */
async function resize([width, height]) {
  await page.setViewportSize({ width, height });
  await page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height]);
  await page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
  }));
}
const go = (to) => page.evaluate((text) => { location.hash = text; }, to);
const hash = () => page.evaluate(() => location.hash);
const addressIs = (text) => page.waitForFunction((to) => location.hash === to, text);

const hashOf = (range, by, metric) =>
  `#range=${range}${by ? `&${by}=${place[by]}` : ''}&metric=${metric}`;

/** What the server says that a figure is. */
function told(range, by, metric) {
  const { totals, groups } = figures[`${range} ${by ?? ''}`];
  return by ? groups.find(({ id }) => id === place[by])[metric] : totals[metric];
}

async function shows(n) {
  await page.waitForFunction((value) => {
    const node = document.querySelector('.drill-number');
    return node?.dataset.value === String(value) && node.textContent === value.toLocaleString('en-US');
  }, n);
}

async function verdict() {
  await page.waitForFunction(() => {
    const { verdict: v } = document.querySelector('.drill-proof')?.dataset ?? {};
    return v && v !== 'running';
  });
  return { verdict: await proof().getAttribute('data-verdict'),
           text: await page.locator('.drill-outcome').textContent() };
}

describe('drill-down', () => {
  before(async () => {
    await daemon.start();
    await daemon.addToken();
    await browser.start();
    const { projects, communities, units } = await daemon.get('catalogue');
    const { id, circle } = communities.find((c) => c.id === 's08');
    place = { circle, community: id, unit: units[0].id, project: projects[0].id,
              category: projects[0].category, name: communities.find((c) => c.id === id).name };
    await history();
    figures = {};
    for (const range of ['all', 'month']) {
      for (const by of [null, 'circle', 'community', 'unit', 'project', 'category']) {
        figures[`${range} ${by ?? ''}`] = await daemon.get(`totals?range=${range}${by ? `&by=${by}` : ''}`);
      }
    }
    page = await browser.open(daemon.url);
    await page.waitForFunction(() => document.querySelector('.badge')?.dataset.state === 'live');
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
  });

  for (const range of ['all', 'month']) {
    for (const by of [null, 'circle', 'community', 'unit', 'project']) {
      test(`the events add up to each figure: ${range}, ${by ?? 'alliance'}`, async () => {
        for (const metric of METRICS) {
          const n = told(range, by, metric);
          await go(hashOf(range, by, metric));
          await page.waitForFunction((id) => document.getElementById(id)?.ariaSelected === 'true',
                                     `drill-tab-${metric}`);
          await shows(n);
          await page.getByRole('button', { name: '核对', exact: true }).click();
          const { verdict: found, text } = await verdict();
          assert.equal(found, 'agrees', `${metric}: ${text}`);
          const said = text.match(/[\d,]+/g).map((part) => Number(part.replaceAll(',', '')));
          if (metric === 'residents_unique') assert.ok(said.includes(n), text);
          else assert.deepEqual(said.slice(1), [n, n], text);
        }
      });
    }
  }

  test('where the list is whole, its running sum ends in the figure', async () => {
    for (const [range, by, metric] of [['all', null, 'venues'], ['all', 'circle', 'problems_raised'],
      ['all', 'project', 'problems_solved'], ['month', 'unit', 'venues']]) {
      const n = told(range, by, metric);
      await go(hashOf(range, by, metric));
      await shows(n);
      await page.waitForFunction(() => /^全部|还没有/.test(document.querySelector('.drill-note').textContent));
      const sums = await page.locator('.drill-events .sum').allTextContents();
      assert.equal(Number((sums.at(-1) ?? '0').replace(/\D/g, '')), n, `${metric} of ${by}`);
    }
    await go(hashOf('all', 'community', 'activities'));
    const rows = page.locator('.drill-events li');
    await rows.nth(99).waitFor();
    await page.getByRole('button', { name: '再列 100 条' }).click();
    await rows.nth(199).waitFor();
    assert.match(await rows.first().locator('.gained').textContent(), /^\+1 场合计 1$/);
    assert.match(await rows.last().locator('.sum').textContent(), /^合计 200$/);
  });

  test('a difference is told as it is, and proving can be stopped', async () => {
    await go(hashOf('all', 'circle', 'residents'));
    const n = told('all', 'circle', 'residents');
    await shows(n);
    const answer = (route, change) => route.fetch().then(async (response) =>
      route.fulfill({ response, json: change(await response.json()) }));
    await page.route(/events\?.*limit=1000/, (route) => answer(route, (body) => ({
      ...body, events: body.events.filter(({ id }) => id !== 'r1') })));
    await page.getByRole('button', { name: '核对', exact: true }).click();
    const { verdict: found, text } = await verdict();
    assert.equal(found, 'differs');
    assert.match(text, /相差 7$/);
    assert.ok(text.includes(`≠ 页面数字 ${n.toLocaleString('en-US')}`), text);
    await page.unroute(/events\?.*limit=1000/);

    let held;
    await page.route(/events\?.*limit=1000/, (route) => { held = route; });
    await page.getByRole('button', { name: '核对', exact: true }).click();
    await until(() => held, 'the proof to ask for events');
    await page.getByRole('button', { name: '停止核对' }).click();
    assert.deepEqual(await verdict(), { verdict: 'stopped', text: '已停止，没有核对完' });
    await held.abort().catch(() => {});
    await page.unroute(/events\?.*limit=1000/);
  });

  test('what is counted meanwhile comes into the figure and the list', async () => {
    await go(hashOf('today', 'community', 'activities'));
    const { groups } = await daemon.get('totals?range=today&by=community');
    const n = groups.find(({ id }) => id === place.community).activities;
    await shows(n);
    await daemon.count(activity('live1', { title: '刚刚发生的活动' }));
    await shows(n + 1);
    await page.locator('[data-event="live1"]').waitFor();
    await daemon.count(voided('live2', 'live1'));
    await shows(n);
    await page.locator('[data-event="live1"]').waitFor({ state: 'detached' });
  });

  test('an event tells what it counted, and what took it back', async () => {
    const fact = (name) => page.locator('.drill-fields div', { hasText: name }).locator('dd');
    await go('#event=a1');
    await page.locator('.drill-name', { hasText: '读书会' }).waitFor();
    assert.match(await page.locator('.drill-counted').textContent(), /\+1 场.*\+12 人次/s);
    assert.equal(await fact('事件编号').textContent(), 'a1');
    assert.match(await fact('计入次序').textContent(), /^修订号 \d+$/);
    assert.equal(await fact('社区').textContent(), place.name);
    await go('#event=r1');
    await fact('所属活动').getByText('读书会').click();
    await addressIs('#range=all&metric=activities&event=a1');
    await go('#event=r6');
    await page.locator('.drill-void', { hasText: '重复登记' }).getByRole('link').click();
    await page.locator('.drill-name', { hasText: '重复登记' }).waitFor();
    await fact('更正的是').getByRole('link').click();
    await page.locator('.drill-void').waitFor();
    assert.equal(await page.locator('.drill-counted').count(), 0);
    for (const id of ['v2', 'v3', 'r3', 'q2']) {
      await go(`#event=${id}`);
      await page.waitForFunction((one) => document.querySelector('.drill-fields code')?.textContent === one, id);
      assert.equal(await page.locator('.drill-uncounted').count(), 1, id);
    }
    await go('#event=nobody');
    await page.getByText('没有编号为 nobody 的事件').waitFor();
    browser.faults = browser.faults.filter((text) => !/404/.test(text)); // this one was meant
    await page.getByRole('link', { name: '返回明细' }).click();
    await shows(told('all', null, 'activities'));
  });

  test('parts lead on, in the catalogue’s order, and back leads back', async () => {
    await page.keyboard.press('Escape');
    await isShut();
    await page.locator('.figure-residents').click();
    await isOpen();
    assert.equal(await hash(), '#metric=residents');
    const { circles, communities } = await daemon.get('catalogue');
    assert.deepEqual(await page.locator('.drill-parts-circle bdi').allTextContents(),
                     circles.map(({ name }) => name));
    const circle = circles.find(({ id }) => id === place.circle);
    await page.locator('.drill-parts-circle').getByText(circle.name).click();
    await addressIs(`#range=all&circle=${circle.id}&metric=residents`);
    await shows(told('all', 'circle', 'residents'));
    assert.deepEqual(await page.locator('.drill-parts-community bdi').allTextContents(),
                     communities.filter((c) => c.circle === circle.id).map(({ name }) => name));
    await page.locator('.drill-parts-community').getByText(place.name).click();
    await shows(told('all', 'community', 'residents'));
    assert.equal(await page.locator('#drill-title').textContent(), place.name);
    await page.goBack();
    assert.equal(await page.locator('#drill-title').textContent(), circle.name);
    await page.goBack();
    await shows(told('all', null, 'residents'));
    await page.goForward();
    await shows(told('all', 'circle', 'residents'));
    await page.goBack();
    await page.goBack();
    await isShut();
  });

  test('closing piles up no history', async () => {
    const length = () => page.evaluate(() => history.length);
    const once = async () => {
      await page.locator('.figure-venues').click();
      await isOpen();
      await page.getByRole('tab', { name: '辐射居民' }).click();
      await page.waitForFunction(() => location.hash.endsWith('residents'));
      await page.getByRole('button', { name: '关闭' }).click();
      await isShut();
      assert.equal((await hash()).length <= 1, true);
      return length();
    };
    const first = await once();
    for (let i = 0; i < 3; i += 1) assert.equal(await once(), first);
  });

  test('a shared address shows the same view; what it doesn’t know is passed over', async () => {
    const mine = page;
    for (const address of [`#circle=${place.circle}&metric=residents&range=month`,
      `#nonsense=1&range=month&metric=residents&circle=${place.circle}&unit=nobody`]) {
      page = await browser.open(`${daemon.url}/${address}`);
      await shows((await daemon.get('totals?range=month&by=circle')).groups
        .find(({ id }) => id === place.circle).residents);
      assert.equal(await page.locator('.drill-ranges [aria-current]').textContent(), '本月');
      await page.keyboard.press('Escape');
      await isShut();
      await page.close();
    }
    page = mine;
    for (const address of ['#circle=nope', '#range=2025-13', '#', '#%E0%A4%A&x', '#metric=money']) {
      await go(address);
      assert.equal(await open(), false, address);
    }
    await go(`#range=2023-02-29&community=${place.community}`);
    await isOpen();
    assert.equal(await page.locator('.drill-ranges [aria-current]').textContent(), '累计');
    await page.keyboard.press('Escape');
    await isShut();
  });

  test('the keyboard alone is enough', async () => {
    const focused = () => page.evaluate(() => document.activeElement.className + document.activeElement.id);
    await page.locator('.figure-venues').focus();
    await page.keyboard.press('Enter');
    await isOpen();
    assert.equal(await focused(), 'drill-title');
    await page.keyboard.press('ArrowRight');
    await addressIs('#range=all&metric=residents');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await addressIs('#range=all&metric=activities');
    for (const [key, range] of [['2', 'today'], ['3', 'week'], ['4', 'month'], ['5', 'year'], ['1', 'all']]) {
      await page.keyboard.press(key);
      await addressIs(`#range=${range}&metric=activities`);
    }
    await page.keyboard.press('Control+2');
    assert.equal(await hash(), '#range=all&metric=activities');
    const seen = new Set();
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate(() => document.activeElement.closest('[role=dialog]') !== null));
    }
    await page.keyboard.press('Shift+Tab');
    assert.deepEqual([...seen], [true], 'the focus stays inside');
    await page.keyboard.press('6');
    await page.locator('.drill-calendar .days').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.drill-calendar').isHidden(), true);
    assert.equal(await open(), true);
    await page.keyboard.press('Escape');
    await isShut();
    assert.match(await focused(), /figure-venues/, 'the focus is given back');
    await page.keyboard.press('4');
    await isOpen();
    await shows((await daemon.get('totals?range=month')).totals.activities);
    await page.keyboard.press('Escape');
    await isShut();
    await page.keyboard.press('6');
    await page.locator('.drill-calendar .days').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await isShut();
  });

  test('a month and a day can be picked', async () => {
    await go(hashOf('2024', 'community', 'activities'));
    await isOpen(); // the new address is told to the page only after it has been set
    await page.keyboard.press('6');
    await page.locator('.months').getByRole('link', { name: '2024年5月', exact: true }).click();
    await addressIs(`#range=2024-05&community=${place.community}&metric=activities`);
    await page.locator('.days').getByRole('link', { name: '2024年5月17日' }).click();
    await addressIs(`#range=2024-05-17&community=${place.community}&metric=activities`);
    assert.equal(await page.locator('.drill-calendar').isHidden(), true);
    await shows((await daemon.get('totals?range=2024-05-17&by=community')).groups
      .find(({ id }) => id === place.community).activities);
    await page.locator('.drill-trend a.chosen').waitFor();
  });

  test('the catalogue’s own numbers open their lists', async () => {
    const { units, projects } = await daemon.get('catalogue');
    await go('#metric=units');
    await shows(units.length);
    assert.deepEqual(await page.locator('.drill-roster bdi').allTextContents(), units.map(({ name }) => name));
    await go('#metric=projects');
    await shows(projects.length);
    assert.equal(await page.locator('.drill-roster bdi').count(), projects.length);
    await page.locator('.drill-roster a').first().click();
    await shows(told('all', 'project', 'activities') ?? 0);
  });

  test('whatever a title holds is text, in the list and in the event', async () => {
    await daemon.count(...TITLES.map((title, i) => activity(`t${i}`, { title })),
                       voided('tx', 't3'), { ...voided('ty', 't4'), reason: TITLES[0] });
    for (const size of [SIZES[0], SIZES[3]]) {
      await resize(size);
      await go('#');
      await isShut();
      await go('#range=today&metric=activities');
      for (const i of [0, 1, 2, 5]) {
        const row = page.locator(`[data-event="t${i}"]`);
        await row.waitFor();
        assert.equal(await row.locator('bdi').textContent(), TITLES[i]);
        assert.equal(await row.locator('img, script, .words b').count(), 0);
      }
      for (const [i, title] of TITLES.entries()) {
        await go(`#range=today&metric=activities&event=t${i}`);
        const name = page.locator('.drill-name bdi');
        await page.waitForFunction((text) => document.querySelector('.drill-name bdi')?.textContent === text, title);
        assert.equal(await name.locator('*').count(), 0);
        assert.deepEqual(await sticksOut(), [], `${title} at ${size}`);
      }
    }
    await resize(SIZES[0]);
  });

  test('without an answer it says so, and fills itself once there is one', async () => {
    await go('#');
    await isShut();
    await page.route('**/api/v1/**', (route) => route.abort());
    await go('#range=2024&metric=venues');
    await page.locator('.drill-trouble', { hasText: '暂时取不到数据' }).waitFor();
    assert.equal(await number().textContent(), '—', 'no zero that nobody told');
    await page.unroute('**/api/v1/**');
    await shows((await daemon.get('totals?range=2024')).totals.venues);
    await page.locator('.drill-events li').first().waitFor();
    await page.locator('.drill-trend svg').waitFor();
    await page.waitForFunction(() => document.querySelector('.drill-trouble').textContent === '');
    browser.faults = browser.faults.filter((text) => !/ERR_FAILED/.test(text)); // those were meant
  });

  test('is in order for whoever can’t see or point', async () => {
    await page.evaluate(axe.source);
    for (const theme of ['hall', 'office']) {
      await page.evaluate((name) => { document.documentElement.dataset.theme = name; }, theme);
      for (const address of ['#range=2024-05&metric=residents', '#metric=projects', '#event=r6']) {
        await go(address);
        await page.waitForFunction(() => !document.querySelector('.drill-events[aria-busy="true"], .drill-one .drill-note'));
        if (address.includes('2024')) await page.keyboard.press('6');
        const { violations } = await page.evaluate(async () => {
          const drawer = document.querySelector('.drill');
          await Promise.all(drawer.getAnimations({ subtree: true }).map((motion) => motion.finished));
          return window.axe.run('.drill');
        });
        const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]);
        assert.deepEqual(found, [], `${theme} ${address}`);
      }
    }
  });

  test('fits every size, with no text too small for a wall', async () => {
    for (const size of SIZES) {
      await resize(size);
      for (const address of ['#range=all&metric=residents', hashOf('month', 'circle', 'activities'),
        '#metric=projects', '#event=a1', '#range=today&metric=problems_solved']) {
        await go(address);
        await page.waitForFunction(() => document.querySelector('.drill-page')
          && !document.querySelector('.drill-events[aria-busy="true"]'));
        assert.deepEqual(await sticksOut(), [], `${address} at ${size.join('×')}`);
      }
    }
    await resize(SIZES[0]);
    const small = await page.evaluate(() => [...document.querySelectorAll('.drill *')]
      .filter((node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
        && !node.closest('.drill-unseen') && parseFloat(getComputedStyle(node).fontSize) < 18)
      .map((node) => node.textContent));
    assert.deepEqual(small, []);
    await page.keyboard.press('Escape');
    await isShut();
    assert.equal(await page.locator('.drill').count(), 0, 'nothing of it stays behind');
  });

  test('nothing failed to load, was forbidden or went wrong', () => {
    assert.deepEqual(browser.faults, []);
  });
});

/** Texts that stick out of the drawer sideways, and whether the drawer itself leaves the window. */
function sticksOut() {
  return page.evaluate(async () => {
    const panel = document.querySelector('.drill-panel');
    await Promise.all(panel.getAnimations().map((motion) => motion.finished));
    const frame = panel.getBoundingClientRect();
    const body = document.querySelector('.drill-body');
    const found = [];
    if (body.scrollWidth > body.clientWidth + 1) found.push('the body scrolls sideways');
    if (frame.right > innerWidth + 1 || frame.bottom > innerHeight + 1 || frame.left < -1) found.push('the drawer');
    const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim() || node.parentElement.closest('.drill-unseen, title')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (!box.width) continue; // not shown
      const cut = node.parentElement.closest('.what, .who, .drill-parts'); // they end in an ellipsis
      if (!cut && (box.right > frame.right + 1 || box.left < frame.left - 1)) found.push(node.data);
    }
    return found;
  });
}
