// A screen that nobody looks after: it never shows old figures as live, whatever is stopped, and
// it keeps itself new, awake and unburnt. Everything is really stopped: the store, the daemon, the
// stream of changes between them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove, until } from './fixture.mjs';
import { Store } from './store.mjs';

const BUILT = path.dirname(process.env.TALLYD);
const ALLIANCE = { file: path.join(BUILT, 'config', 'alliance.json') };
const METRICS = ['activities', 'venues', 'residents', 'problems_solved'];

const browser = new Browser();
let serial = 0;
const activity = (fields) => ({ id: `un-${++serial}`, kind: 'activity', title: '读书会',
                                at: new Date().toISOString(), community: 's08', ...fields });

const says = (page, word, ms = 30_000) => page.waitForFunction(
  (text) => document.querySelector('.badge')?.textContent === text, word, { timeout: ms });
const line = (page) => page.locator('.as-of').textContent();

const headline = (page) => page.evaluate((metrics) => Object.fromEntries(metrics.map((metric) => [
  metric, document.querySelector(`[data-metric="${metric}"]`)?.dataset.value ?? null])), METRICS);

async function shows(page, metric, n, ms = 30_000) {
  await page.waitForFunction(([name, value]) => (
    document.querySelector(`[data-metric="${name}"]`)?.dataset.value === value),
  [metric, String(n)], { timeout: ms });
}

/** A browser of a test's own, whose time the test may move: a clock is a whole browser's. */
async function withTime(body) {
  const own = new Browser();
  await own.start();
  try {
    await own.context.clock.install();
    await body(own);
  } finally {
    browser.faults.push(...own.faults);
    await own.stop();
  }
}

/** Opens the cockpit and awaits that it is live. SCREEN: what /api/v1/screen says, in part. */
async function open(daemon, { screen, query = '', prepare, from = browser } = {}) {
  const page = await from.open('about:blank');
  if (screen) await page.route('**/api/v1/screen', (route) => route.fulfill({ json: screen }));
  if (prepare) await page.addInitScript(prepare);
  await page.goto(`${daemon.url}/${query}`);
  await says(page, '实时');
  return page;
}

/** Notes every figure that was ever less than now, or none. */
const watchForDips = (page) => page.evaluateHandle((metrics) => {
  const seen = [];
  for (const metric of metrics) {
    const node = document.querySelector(`[data-metric="${metric}"]`);
    const first = Number(node.dataset.value);
    new MutationObserver(() => {
      if (!(Number(node.dataset.value) >= first)) seen.push(`${metric} ${node.dataset.value}`);
    }).observe(node, { attributes: true });
  }
  return seen;
}, METRICS);

const storeOf = (daemon) => Number(fs.readFileSync(
  `/proc/${daemon.child.pid}/task/${daemon.child.pid}/children`, 'utf8').split(' ')[0]);

/** How a page stands that may begin anew: a mark that only a reload takes away. */
const mark = (page) => page.evaluate(() => { document.documentElement.dataset.before = ''; });
const isAnew = (page) => page.evaluate(() => document.documentElement.dataset.before === undefined)
  .catch(() => false);

/** What is AWAITED of PAGE; if it never comes, how the page stood is told as well. */
async function orTell(page, awaited) {
  try {
    return await awaited;
  } catch (error) {
    const stood = await page.evaluate(() => ({ ...document.documentElement.dataset,
      badge: document.querySelector('.badge')?.textContent, build: document.querySelector('meta[name="build"]').content,
      up: performance.now(), clock: document.querySelector('.clock-time')?.textContent }));
    throw new Error(`${error.message}: ${JSON.stringify(stood)}`, { cause: error });
  }
}

/** Awaits that PAGE begins anew, its clock helped on. */
const begins = (page) => orTell(page, until(async () => {
  await page.clock.runFor(50).catch(() => {}); // it may be between two pages
  return isAnew(page);
}, 'the page to begin anew', 150_000)); // an attempt that the machine was too slow for waits for the next

before(() => browser.start());
after(() => browser.stop());

describe('truth', () => {
  const daemon = new Daemon();
  let page;

  before(async () => {
    await daemon.start();
    await daemon.addToken();
    page = await open(daemon);
  });
  after(async () => {
    await page?.close();
    await daemon.stop();
  });

  test('a store that hangs is said, with what waits; all is there when it is back', async () => {
    await daemon.count(activity());
    const { totals } = await daemon.get('totals');
    await shows(page, 'activities', totals.activities);
    const dips = await watchForDips(page);
    const store = storeOf(daemon);
    process.kill(store, 'SIGSTOP');
    try {
      await says(page, '存储暂停', 60_000);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.condition), 'paused');
      await until(async () => (await daemon.post([activity()])).status === 202, 'an event to be queued');
      await page.waitForFunction(() => /· 1 条待计入$/.test(document.querySelector('.as-of').textContent));
      assert.match(await line(page), /^数据截至 \d\d:\d\d:\d\d · \d+ (秒|分钟)前 · 1 条待计入$/);
      assert.equal((await headline(page)).activities, String(totals.activities));
    } finally {
      process.kill(store, 'SIGCONT');
    }
    await says(page, '实时', 60_000);
    await shows(page, 'activities', totals.activities + 1);
    await page.waitForFunction(() => /^数据截至 \d\d:\d\d:\d\d$/.test(document.querySelector('.as-of').textContent));
    assert.deepEqual(await dips.jsonValue(), []);
  });

  test('a store that is killed comes back with the same figures', async () => {
    const figures = await headline(page);
    const dips = await watchForDips(page);
    const store = storeOf(daemon);
    process.kill(store, 'SIGKILL');
    await until(() => storeOf(daemon) > 0 && storeOf(daemon) !== store, 'another store');
    await until(() => fetch(`${daemon.url}/readyz`).then(({ ok }) => ok), 'the daemon to be ready');
    await says(page, '实时', 60_000);
    assert.deepEqual(await headline(page), figures);
    await daemon.count(activity());
    await shows(page, 'activities', Number(figures.activities) + 1);
    assert.deepEqual(await dips.jsonValue(), []);
  });

  test('a daemon that hangs is asked, not believed, and in the end is offline', async () => {
    const figures = await headline(page);
    const { pid } = daemon.child;
    process.kill(pid, 'SIGSTOP');
    try {
      await page.waitForFunction(() => document.querySelector('.badge').textContent !== '实时', null,
                                 { timeout: 60_000 });
      assert.equal(await page.locator('.badge').textContent(), '重连中');
      assert.match(await line(page), /^数据截至 \d\d:\d\d:\d\d · \d+ 秒前$/);
      await says(page, '离线', 90_000);
      assert.deepEqual(await headline(page), figures);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await says(page, '实时', 60_000);
    await daemon.count(activity());
    await shows(page, 'activities', Number(figures.activities) + 1);
  });

  test('a store that was emptied is told as restored, and no digit counts down', async () => {
    const figures = await headline(page);
    await page.waitForFunction(() => !document.querySelector('.strip')); // the last roll is over
    await daemon.kill();
    for (const name of fs.readdirSync(daemon.state)) remove(path.join(daemon.state, name));
    await page.evaluate(() => {
      window.strips = 0;
      new MutationObserver(() => { window.strips += document.querySelectorAll('.strip').length; })
        .observe(document.querySelector('[data-metric="activities"]'), { subtree: true, childList: true });
    });
    await daemon.start();
    await says(page, '实时', 60_000);
    await page.waitForFunction(() => /^数据已(从备份恢复|恢复至 )/.test(
      document.querySelector('.note').textContent));
    const now = await headline(page);
    assert.ok(Number(now.activities) < Number(figures.activities));
    assert.equal(await page.evaluate(() => window.strips), 0);
    await daemon.addToken();
  });

  test('a display whose clock is off shows the server\'s time, and says so', async () => {
    const off = await open(daemon, { prepare: () => {
      const [now, origin] = [Date.now, performance.timeOrigin];
      Date.now = () => now() - 754_000;
      Object.defineProperty(performance, 'timeOrigin', { get: () => origin - 754_000 });
    } }).catch(() => null);
    assert.ok(off, 'it becomes live');
    await off.waitForFunction(() => document.querySelector('.note').textContent
      === '本机时钟偏差 12 分钟，已按服务器时间显示');
    await until(async () => {
      const [hours, minutes, seconds] = (await off.locator('.clock-time').textContent())
        .split(':').map(Number);
      const server = new Date(Date.now() + 8 * 3_600_000);
      const apart = Math.abs(hours * 3600 + minutes * 60 + seconds - server.getUTCHours() * 3600
        - server.getUTCMinutes() * 60 - server.getUTCSeconds());
      return apart < 3 || apart > 86_397;
    }, 'the clock to show the server\'s time');
    await off.close();
  });

  test('offline at the start: the page is there, with the last figures marked as old', async () => {
    await page.reload();
    await says(page, '实时');
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
    const figures = await headline(page);
    await daemon.kill();
    await page.reload();
    await page.waitForFunction(() => document.querySelector('.as-of')?.textContent.startsWith('上次数据 截至 '));
    assert.deepEqual(await headline(page), figures);
    assert.match(await line(page), /^上次数据 截至 \d\d:\d\d:\d\d · \d+ (秒|分钟)前$/);
    assert.notEqual(await page.locator('.badge').textContent(), '实时');
    assert.equal(await page.locator('[data-circle]').count(), 7);
    const dips = await watchForDips(page);
    await daemon.start();
    await says(page, '实时', 60_000);
    assert.match(await line(page), /^数据截至/);
    assert.deepEqual(await headline(page), figures);
    assert.deepEqual(await dips.jsonValue(), []);
  });
});

describe('follower', () => {
  const store = new Store();
  let daemon;
  let page;

  before(async () => {
    await store.start();
    daemon = new Daemon({ redis: store.url });
    await daemon.start();
    await daemon.addToken();
    page = await open(daemon);
  });
  after(async () => {
    await page?.close();
    await daemon?.stop();
    await store.stop();
  });

  test('that is silently dead is noticed by the age of what it proved', async () => {
    await daemon.count(activity());
    const { totals } = await daemon.get('totals');
    await shows(page, 'activities', totals.activities);
    store.silenceFollower();
    await daemon.count(activity());
    // The daemon makes the connection anew again and again; none of them brings anything.
    await page.waitForFunction(() => Number(/ · (\d+) 秒前/.exec(
      document.querySelector('.as-of').textContent)?.[1]) > 20, null, { timeout: 120_000 });
    const seen = await page.evaluateHandle(() => {
      const words = [];
      setInterval(() => words.push(document.querySelector('.badge').textContent), 50);
      return words;
    });
    await page.waitForFunction(() => / · 1 分钟前/.test(document.querySelector('.as-of').textContent),
                               null, { timeout: 120_000 });
    assert.ok(!(await seen.jsonValue()).includes('实时'));
    assert.equal((await headline(page)).activities, String(totals.activities));
    store.hearFollower();
    await says(page, '实时', 120_000);
    await shows(page, 'activities', totals.activities + 1);
  });
});

describe('unattended', () => {
  const pages = folder();
  const settings = path.join(pages, 'conf.json');
  const web = path.join(pages, 'web');
  let daemon;

  before(async () => {
    fs.cpSync(path.join(BUILT, 'web'), web, { recursive: true });
    fs.writeFileSync(settings, JSON.stringify({ http: { pages: web }, alliance: ALLIANCE }));
    daemon = new Daemon({ args: ['--config', settings] });
    await daemon.start();
    await daemon.addToken();
  });
  after(async () => {
    await daemon.stop();
    remove(pages);
  });

  /** The server gets pages of another build. */
  async function rebuild(build) {
    await daemon.kill();
    for (const [name, from] of [['index.html', /(name="build" content=")[^"]*/], ['build.txt', /()^.*$/m]]) {
      const file = path.join(web, name);
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(from, `$1${build}`));
      for (const packed of [`${file}.gz`, `${file}.br`]) fs.rmSync(packed, { force: true });
    }
    await daemon.start();
  }

  const built = (page) => page.locator('meta[name="build"]').getAttribute('content');

  test('a new build is taken when nobody is there, without a white flash', () => withTime(async (from) => {
    const page = await open(daemon, { from });
    await mark(page);
    await rebuild('aaaaaaaaaaaa');
    await says(page, '实时', 60_000);
    const answered = page.waitForRequest((request) => new URL(request.url()).pathname === '/',
                                          { timeout: 120_000 });
    const frames = await film(page);
    await page.clock.fastForward(61_000);
    await orTell(page, answered);
    await begins(page);
    await says(page, '实时', 60_000);
    assert.equal(await built(page), 'aaaaaaaaaaaa');
    const brightest = Math.max(...await frames.brightness());
    assert.ok(brightest < 100, `the brightest frame is ${brightest} of 255`);
  }));

  test('a new build waits for hands, for reading and for visits', () => withTime(async (from) => {
    const page = await open(daemon, { from });
    await page.keyboard.press('v');
    await page.locator('.visit-mark').waitFor();
    await mark(page);
    await rebuild('bbbbbbbbbbbb');
    await says(page, '实时', 60_000);
    await page.clock.fastForward(61_000);
    await says(page, '实时', 60_000);
    await daemon.count(activity());
    const { totals } = await daemon.get('totals');
    await shows(page, 'activities', totals.activities);
    assert.equal(await isAnew(page), false, 'not during a visit');
    await page.keyboard.press('v');
    await page.locator('.visit-mark').waitFor({ state: 'hidden' });
    await page.clock.runFor(5000);
    assert.equal(await isAnew(page), false, 'not right after a touch');
    await page.clock.fastForward(600_000);
    await begins(page);
    assert.equal(await built(page), 'bbbbbbbbbbbb');
  }));

  test('the quiet hour begins a page anew that has been up for long', () => withTime(async (from) => {
    const zone = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(11, 16);
    const page = await open(daemon, { from, screen: { quiet: zone(Date.now() - 20 * 60_000) } });
    await mark(page);
    await page.clock.fastForward(50 * 60_000);
    await page.clock.runFor(3000);
    assert.equal(await isAnew(page), false, 'it is young');
    await page.clock.fastForward(11 * 60_000);
    await begins(page);
    const checked = await page.evaluate(() => JSON.parse(localStorage.getItem('self-check')));
    assert.ok(checked.nodes > 100 && checked.hours >= 1, JSON.stringify(checked));
  }));

  test('scenes change by their seconds, wait for hands and for visits', () => withTime(async (from) => {
    const scenes = [{ id: 'one', seconds: 90 }, { id: 'two', seconds: 20 }].map((scene) => ({
      ...scene, title: scene.id, wide: { columns: [{ panels: ['headline', 'feed'] }] } }));
    const page = await open(daemon, { from, screen: { scenes } });
    const scene = () => page.evaluate(() => document.documentElement.dataset.scene);
    const on = (id) => page.waitForFunction((want) => document.documentElement.dataset.scene === want, id);
    assert.equal(await scene(), 'one');
    await page.clock.runFor(95_000);
    await on('two');
    await page.clock.runFor(21_000);
    await on('one');
    await page.keyboard.press('ArrowRight');
    await on('two');
    await page.clock.runFor(59_000);
    assert.equal(await scene(), 'two', 'a touch holds it');
    await page.keyboard.press('ArrowLeft');
    await on('one');
    await page.keyboard.press('v');
    await page.clock.runFor(300_000);
    assert.equal(await scene(), 'one', 'a visit holds it');
    assert.equal(await page.locator('.visit-mark').isVisible(), true);
    await page.clock.fastForward(4 * 3_600_000);
    await page.locator('.visit-mark').waitFor({ state: 'hidden' });
  }));

  test('the picture drifts a little, and makes nothing scroll', () => withTime(async (from) => {
    const page = await open(daemon, { from });
    const stand = () => page.evaluate(() => {
      const { left, top } = document.querySelector('.stage').getBoundingClientRect();
      const { scrollWidth, scrollHeight } = document.documentElement;
      return { left, top, scrolls: scrollWidth > innerWidth || scrollHeight > innerHeight };
    });
    const first = await stand();
    const seen = [];
    for (let i = 0; i < 24; i += 1) {
      await page.clock.fastForward(61_000);
      seen.push(await stand());
    }
    const far = seen.map(({ left, top }) => Math.hypot(left - first.left, top - first.top));
    assert.ok(Math.max(...far) >= 2 && Math.max(...far) <= 8, far.join(' '));
    assert.ok(seen.every(({ scrolls }) => !scrolls));
  }));

  test('a kiosk has no pointer, no menu and no selection', async () => {
    const page = await open(daemon, { query: '?kiosk' });
    const kept = await page.evaluate(() => ['contextmenu', 'selectstart', 'dragstart'].map(
      (type) => document.querySelector('h1').dispatchEvent(
        new Event(type, { bubbles: true, cancelable: true }))));
    assert.deepEqual(kept, [false, false, false]);
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('h1')).cursor), 'none');
    await page.close();
  });

  test('the wall\'s self-check says how the picture arrives and whether all is ready', async () => {
    const seams = { columns: [0.25, 0.5], rows: [0.5] };
    fs.writeFileSync(path.join(pages, 'screen.json'), JSON.stringify({ wall: { seams } }));
    fs.writeFileSync(settings, JSON.stringify({ http: { pages: web }, alliance: ALLIANCE,
                                                screen: { file: path.join(pages, 'screen.json') } }));
    await daemon.kill();
    await daemon.start();
    const page = await browser.open(`${daemon.url}/check.html`);
    for (const name of ['server', 'store', 'socket', 'clock', 'layout', 'worker']) {
      await page.locator(`[data-line="${name}"][data-state="good"]`).waitFor();
    }
    const text = await page.locator('#check').textContent();
    for (const words of ['1920 × 1080', '1.778 : 1', '18 物理像素高', '25 % · 50 % · 50 %', '100 %']) {
      assert.ok(text.includes(words), words);
    }
    assert.equal(await page.locator('.seams path').count(), 3);
    const inside = await page.evaluate(() => {
      const { left, top, right, bottom } = document.querySelector('.rim').getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    });
    assert.ok(inside, 'the outermost frame is on the screen');
    await page.close();
  });
});

test('nothing was forbidden or went wrong, beside what was stopped', () => {
  const stopped = /ERR_CONNECTION_REFUSED|ERR_SOCKET_NOT_CONNECTED|WebSocket connection|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 503|status of 404/;
  assert.deepEqual(browser.faults.filter((fault) => !stopped.test(fault)), []);
});

/** Films the page: brightness() gives the mean brightness, 0 to 255, of each frame so far. */
async function film(page) {
  const session = await page.context().newCDPSession(page);
  const frames = [];
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    frames.push(data);
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
  });
  await session.send('Page.startScreencast', { format: 'jpeg', quality: 40, maxWidth: 480 });
  return { async brightness() {
    await session.send('Page.stopScreencast');
    const viewer = await page.context().newPage();
    const means = await viewer.evaluate(async (all) => {
      const canvas = new OffscreenCanvas(64, 36);
      const paint = canvas.getContext('2d', { willReadFrequently: true });
      const found = [];
      for (const data of all) {
        const blob = await (await fetch(`data:image/jpeg;base64,${data}`)).blob();
        paint.drawImage(await createImageBitmap(blob), 0, 0, 64, 36);
        const { data: points } = paint.getImageData(0, 0, 64, 36);
        found.push(points.reduce((sum, n, i) => sum + (i % 4 < 3 ? n : 0), 0) / (64 * 36 * 3));
      }
      return found;
    }, frames);
    await viewer.close();
    assert.ok(means.length > 1, 'it was filmed');
    return means;
  } };
}
