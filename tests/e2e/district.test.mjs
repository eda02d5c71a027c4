// A district's page, in front of fifty streets on a daemon of their own: their sums and their states,
// live; what is left of them when they are gone; and the way from a number to a street's own screen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove, until } from './fixture.mjs';
import { cutOff, overPanel, overText, scrolls, small, teach } from './geometry.mjs';
import { shows } from './phone.mjs';

const STREETS = Array.from({ length: 50 }, (_, i) => `s${String(i + 1).padStart(2, '0')}`);
const FEW = STREETS.slice(0, 6);
const NOBODY = 's07'; // a member of the few's that was never reached
const SIZES = [[360, 740], [390, 844], [1024, 768], [1366, 768], [1920, 1080], [3840, 1080], [7680, 2160]];
const CONFIG = path.join(path.dirname(process.env.TALLYD), 'config');
const FOLDER = process.env.TALLYD_SCREENS ?? 'screens';

// What each street begins with: as wide as figures may well become.
const OPENING = { activities: 8760, residents: 98760, problems_solved: 7650 };

const files = folder();
const at = (name) => path.join(files, name);
const streets = new Daemon({ args: ['--config', at('streets.json')] });
const district = new Daemon({ args: ['--config', at('district.json')] });
const browser = new Browser();

const write = (name, content) => fs.writeFileSync(at(name), JSON.stringify(content));
const grouped = (n) => n.toLocaleString('en-US');
/** The sum of METRIC of N streets that began and of MORE, as it is written. */
const summed = (metric, n, more) => grouped(n * OPENING[metric] + more);
const nameOf = (id) => `第${Number(id.slice(1))}街道`;

let serial = 0;
const activity = (residents) => ({ id: `a-${++serial}`, kind: 'activity', title: '读书会', residents,
                                   at: new Date().toISOString(), community: 's08', unit: 'u01' });

function writeStreets() {
  const example = JSON.parse(fs.readFileSync(path.join(CONFIG, 'alliance.json'), 'utf8')
    .replace(/^\s*\/\/.*$/gm, ''));
  const [begun] = example.opening;
  for (const id of STREETS) {
    write(`${id}.json`, { ...example, alliance: { id, name: `${nameOf(id)}党建联盟` },
                          opening: [{ ...begun, metrics: OPENING }] });
  }
  write('streets.json', { alliances: STREETS.map((id) => ({ id, file: `${id}.json` })) });
  return { units: example.units.length, projects: example.projects.length };
}

const catalogue = (id, name, members) => ({
  alliance: { id, name }, circles: [{ id: 'c1', name: '城区' }],
  communities: members.map((one) => ({ id: one, name: nameOf(one), circle: 'c1' })),
  units: [], categories: [], projects: [] });

function writeDistrict() {
  const member = (id) => ({ id, url: `${streets.url}/a/${id}/` });
  write('all.json', catalogue('all', '湖滨区党建联盟', STREETS));
  write('few.json', catalogue('few', '湖滨区城区党建联盟', [...FEW, NOBODY]));
  fs.copyFileSync(path.join(CONFIG, 'screen-district.json'), at('screen-district.json'));
  const screen = 'screen-district.json';
  write('district.json', { alliances: [
    { id: 'all', file: 'all.json', screen, members: STREETS.map(member) },
    { id: 'few', file: 'few.json', screen,
      members: [...FEW.map(member), { id: NOBODY, url: `${streets.url}/a/nobody/` }] }] });
}

// Each of them has a token of its own.
const known = new Map();
async function post(id, ...events) {
  const street = known.get(id) ?? streets.as(id);
  if (!known.has(id)) await street.addToken();
  known.set(id, street);
  await street.count(...events);
}

const tile = (id) => `.street-tiles a[href*="community=${id}"]`;

/** Awaits that a page's tiles are as many as FOUND says, by state. */
const stand = (page, found) => page.waitForFunction((wanted) => {
  const tiles = [...document.querySelectorAll('.street-tiles a')].map((node) => node.dataset.is);
  return Object.entries(wanted).every(([is, n]) => tiles.filter((one) => one === is).length === n);
}, found);

/** Awaits that a page's METRIC is that of N streets and MORE. */
const sums = (page, metric, n, more) => shows(page, metric, n * OPENING[metric] + more);

/** Awaits that the street ID's tile says N activities more than it began with. */
const held = (page, id, n) => page.waitForFunction(([one, text]) => document
  .querySelector(`${one} [data-of="activities"] b`)?.textContent === text, [tile(id), summed('activities', 1, n)]);

const reads = (page, text) => page.waitForFunction(
  (wanted) => document.querySelector('.connection').textContent.includes(wanted), text);

async function open(where, size = [1920, 1080], badge = 'live') {
  const page = await browser.open('about:blank', size);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  await page.goto(`${district.url}${where}`);
  await page.waitForFunction((state) => document.querySelector('.badge')?.dataset.state === state
    && document.querySelector('[data-metric="activities"]')?.dataset.value
    && document.querySelector('.street-tiles a') && document.querySelector('.chart svg')
    && !document.querySelector('.strip'), badge);
  return { page, asked: () => asked.filter(({ origin }) => origin === district.url).map(({ pathname }) => pathname) };
}

/** Tiles whose figures stick out of them. */
const tooFull = (page) => page.evaluate(() => [...document.querySelectorAll('.street-tiles a')]
  .filter((node) => [...node.querySelectorAll('.sums b, .sums i')]
    .some((one) => one.getBoundingClientRect().right > node.getBoundingClientRect().right - 2))
  .map((node) => node.textContent));

async function look(page, name) {
  await teach(page);
  const flow = await page.evaluate(() => document.documentElement.dataset.layout === 'flow');
  await page.screenshot({ path: path.join(FOLDER, `${name}.jpg`), type: 'jpeg', quality: 80, fullPage: flow });
  assert.deepEqual(await cutOff(page), [], `${name}: cut off`);
  assert.deepEqual(await overText(page), [], `${name}: text over text`);
  assert.deepEqual(await overPanel(page), [], `${name}: panel over panel`);
  assert.deepEqual(await tooFull(page), [], `${name}: too full`);
  assert.deepEqual(await scrolls(page), { across: false, down: flow }, `${name}: scrolls`);
  if (!flow) assert.deepEqual(await small(page, 18), [], `${name}: too small`);
}

describe('district', () => {
  let each;
  let wall;

  before(async () => {
    fs.mkdirSync(FOLDER, { recursive: true });
    each = writeStreets();
    await streets.start();
    writeDistrict();
    await post('s01', activity(100), activity(20));
    await post('s02', activity(3));
    await district.start();
    await browser.start();
  });

  after(async () => {
    await browser.stop();
    await district.stop();
    await streets.stop();
    remove(files);
  });

  test('shows the sum of fifty streets, and moves with any of them', async () => {
    wall = await open('/');
    const { page } = wall;
    await stand(page, { live: 50 });
    await sums(page, 'activities', 50, 3);
    await sums(page, 'residents', 50, 123);
    await shows(page, 'units', 50 * each.units);
    await shows(page, 'projects', 50 * each.projects);
    await held(page, 's01', 2);
    await held(page, 's50', 0);
    await post('s50', activity(7));
    await post('s01', activity(1));
    await sums(page, 'activities', 50, 5);
    await sums(page, 'residents', 50, 131);
    await held(page, 's01', 3);
    await held(page, 's50', 1);
    const names = await page.locator('.street-tiles .name').allTextContents();
    assert.deepEqual(names, STREETS.map(nameOf), 'in the catalogue\'s order');
    assert.equal(await page.locator('.feed .who').first().textContent(), nameOf('s01'));
    assert.equal(await page.locator('.connection .note').textContent(), '');
  });

  test('a range can be chosen for the streets', async () => {
    const { page } = wall;
    await page.locator('.streets .switch button', { hasText: '今日' }).click();
    await page.waitForFunction((one) => document.querySelector(`${one} [data-of="activities"] b`).textContent === '3',
                               tile('s01')); // an opening balance is of no day
    assert.match(await page.locator(tile('s01')).getAttribute('href'), /^#range=today&/);
    await page.locator('.streets .switch button', { hasText: '累计' }).click();
  });

  test('a number leads to the streets that it is the sum of, and on to their own screens', async () => {
    const { page, asked } = wall;
    await page.locator('a.figure-residents').click();
    const drawer = page.getByRole('dialog');
    const whole = summed('residents', 50, 131);
    await drawer.getByText(`50 个街道合计 ${whole} 人次 = 页面数字 ${whole} ✓`).waitFor();
    const shares = await drawer.locator('.drill-streets b').allTextContents();
    assert.equal(shares.length, 50);
    assert.deepEqual([shares[0], shares[1], shares[2], shares[49]],
                     [121, 3, 0, 7].map((n) => `${summed('residents', 1, n)} 人次`));
    assert.equal(await drawer.locator('.drill-prove, .drill-events').filter({ visible: true }).count(), 0);

    await drawer.getByRole('link', { name: '本年' }).click();
    await drawer.locator('.drill-streets a[href*="range=year"]').first().waitFor();
    await drawer.locator('.drill-streets a').first().click();
    await page.waitForURL(`${streets.url}/a/s01/#range=year&metric=residents`);
    await page.locator('.drill-number[data-value="121"]').waitFor();
    await page.locator('.drill-events li').first().waitFor();
    await page.goBack();
    await stand(page, { live: 50 });
    assert.deepEqual(asked().filter((one) => /\/events/.test(one)), [], 'events are the streets\'');
  });

  test('a street\'s tile leads to its figures and its cockpit', async () => {
    await wall.page.close();
    wall = await open('/');
    const { page, asked } = wall;
    await page.locator(tile('s01')).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('heading', { name: nameOf('s02') }).waitFor();
    await drawer.locator(`.drill-number[data-value="${OPENING.activities + 1}"]`).waitFor();
    await drawer.locator('.drill-trend svg').waitFor();
    const link = drawer.getByRole('link', { name: '打开该街道的驾驶舱' });
    assert.equal(await link.getAttribute('href'), `${streets.url}/a/s02/#range=all&metric=activities`);
    assert.equal(await drawer.locator('.drill-prove, .drill-events').filter({ visible: true }).count(), 0);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.locator('a.figure-units').click();
    await drawer.getByText(`50 个街道合计 ${grouped(50 * each.units)} 家`).waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    assert.deepEqual(asked().filter((one) => /\/events/.test(one)), []);
  });

  test('who was never reached has no figures, and is in no sum', async () => {
    const { page } = await open('/a/few/');
    await stand(page, { live: 6, unknown: 1 });
    await shows(page, 'units', 6 * each.units);
    assert.deepEqual(await page.locator(`${tile(NOBODY)} b`).allTextContents(), ['—', '—', '—']);
    await reads(page, '1 个街道从未连上，未计入');
    assert.equal(await page.locator('.badge').textContent(), '实时');
    await page.locator('a.figure-activities').click();
    const drawer = page.getByRole('dialog');
    const whole = summed('activities', 6, 4);
    await drawer.getByText(`6 个街道合计 ${whole} 场 = 页面数字 ${whole} ✓`).waitFor();
    await drawer.getByText('1 个街道从未连上，未计入').waitFor();
    await page.goto(`${district.url}/a/few/#community=${NOBODY}`);
    await drawer.getByRole('heading', { name: nameOf(NOBODY) }).waitFor();
    assert.equal(await drawer.locator('.drill-number').textContent(), '—');
    await page.close();
  });

  for (const size of SIZES) {
    test(`nothing is cut at ${size.join('×')}, with seven and with fifty`, async () => {
      for (const [where, n] of [['/a/few/', 7], ['/', 50]]) {
        const { page } = await open(where, size);
        await page.waitForFunction((many) => document.querySelectorAll('.street-tiles a').length === many, n);
        await look(page, `district-${n}-${size.join('x')}`);
        await page.close();
      }
    });
  }

  test('streets that are gone keep their figures, with their age, and come back', async () => {
    const { page } = wall;
    await streets.kill();
    await stand(page, { away: 50 });
    await reads(page, '50 个街道离线，显示其最后数据');
    await sums(page, 'activities', 50, 5);
    await held(page, 's01', 3);
    assert.equal(await page.locator('.badge').textContent(), '核实中', 'with none live, nothing is called so');
    assert.match(await page.locator(tile('s01')).getAttribute('aria-label'), /离线；数据截至 \d\d:\d\d · \d+ \S+前/);
    await page.waitForFunction((one) => /\d/.test(document.querySelector(`${one} .span`).textContent), tile('s01'));
    await teach(page);
    assert.deepEqual(await cutOff(page), []);

    // A page that begins only now is told the same.
    const { page: late } = await open('/a/few/', undefined, 'stale');
    await stand(late, { away: 6, unknown: 1 });
    await reads(late, '6 个街道离线（最早');
    await sums(late, 'activities', 6, 4);
    await teach(late);
    assert.deepEqual(await cutOff(late), []);
    await late.screenshot({ path: path.join(FOLDER, 'district-away.jpg'), type: 'jpeg', quality: 80 });
    await late.close();

    await streets.start();
    await stand(page, { live: 50 });
    await until(async () => await page.locator('.connection .note').textContent() === '', 'the note to go');
    await post('s02', activity(9));
    await sums(page, 'activities', 50, 6);
    await held(page, 's02', 2);
  });

  test('a street\'s own page has nothing of a district', async () => {
    const page = await browser.open(`${streets.url}/a/s01/`);
    await sums(page, 'activities', 1, 3);
    await shows(page, 'units', each.units);
    assert.equal(await page.locator('.street-tiles').count(), 0);
    await page.locator('a.figure-activities').click();
    await page.locator('.drill-events li').first().waitFor();
    assert.equal(await page.locator('.drill-prove').isVisible(), true);
    assert.equal(await page.locator('.drill-streets').count(), 0);
    await page.close();
  });

  test('nothing failed to load, was forbidden or went wrong', () => {
    assert.deepEqual(browser.faults.filter((text) => !/WebSocket connection/.test(text)), []);
  });
});
