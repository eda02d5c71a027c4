// Two alliances on one daemon, in one browser: each page shows, keeps and sends its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove, until } from './fixture.mjs';
import { addPerson, comesTo, PHONE, reads, shows } from './phone.mjs';

const files = folder();
const daemon = new Daemon({ args: ['--config', path.join(files, 'tallyd.json')] });
const browser = new Browser();
const [west, east] = [daemon.as('west'), daemon.as('east')];
const EXAMPLE = path.join(path.dirname(process.env.TALLYD), 'config', 'alliance.json');

let serial = 0;
const activity = (fields) => ({ id: `a-${++serial}`, kind: 'activity', title: '读书会',
                                at: new Date().toISOString(), community: 's08', ...fields });

const tap = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
const signedIn = (page) => reads(page, '我的');

/** A page, and what it asks the server's interface for. */
async function watched(url, size) {
  const page = await browser.open('about:blank', size);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => asked.push(new URL(socket.url()).pathname));
  await page.goto(url);
  return { page, asked: () => asked.filter((at) => /\/api\/|\/ws$/.test(at)) };
}

async function report(page, title) {
  await page.getByRole('navigation').getByRole('link', { name: '上报' }).click();
  await tap(page, '活动');
  await page.getByLabel('标题').fill(title);
  await page.getByLabel('社区').selectOption({ label: '社区08' });
  await tap(page, '上报');
}

describe('alliances', () => {
  let phone;

  before(async () => {
    const { opening, ...example } = JSON.parse(fs.readFileSync(EXAMPLE, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
    const write = (name, content) => fs.writeFileSync(path.join(files, name), JSON.stringify(content));
    for (const id of ['west', 'east']) write(`${id}.json`, { ...example, alliance: { id, name: `${id} 联盟` } });
    write('east-screen.json', { title: '东区联盟驾驶舱' });
    write('tallyd.json', { alliances: [{ id: 'west', file: 'west.json' },
                                       { id: 'east', file: 'east.json', screen: 'east-screen.json' }] });
    await daemon.start();
    for (const alliance of [west, east]) await alliance.addToken();
    await browser.start();
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
    remove(files);
  });

  test('each cockpit shows its own alliance, live, and asks only for it', async () => {
    await east.count(activity(), activity());
    await west.count(activity());
    const here = await watched(`${daemon.url}/`);
    const there = await watched(`${daemon.url}/a/east/`);
    await shows(here.page, 'activities', 1);
    await shows(there.page, 'activities', 2);
    await there.page.getByText('东区联盟驾驶舱').first().waitFor();
    await east.count(activity(), activity());
    await shows(there.page, 'activities', 4);
    await west.count(activity());
    await shows(here.page, 'activities', 2);
    await shows(there.page, 'activities', 4);

    // Down to the single events.
    const before = there.asked().length;
    await there.page.locator('[data-metric="activities"]').first().click();
    await there.page.locator('dialog[open], [role="dialog"]').first().waitFor();
    await until(() => there.asked().slice(before).some((at) => at.endsWith('/events')), 'the events to be asked for');
    assert.deepEqual(there.asked().filter((at) => !/^\/(api\/v1\/alliances\/east\/|a\/east\/ws$)/.test(at)), []);
    assert.deepEqual(here.asked().filter((at) => !/^\/(api\/v1\/(?!alliances)|ws$)/.test(at)), []);
    assert.deepEqual(browser.faults.splice(0), []);
    for (const { page } of [here, there]) await page.close();
  });

  test('one browser is signed in to both, and what each phone page sends is counted in its own', async () => {
    const link = await addPerson(east, 'clinic', 'report', 'u01');
    assert.ok(link.startsWith(`${daemon.url}/a/east/m/#in=`), link);
    phone = await watched(link, PHONE);
    await signedIn(phone.page);
    const plain = await watched(await addPerson(west, 'school', 'report', 'u02'), PHONE);
    await signedIn(plain.page);
    const before = (await west.get('totals')).totals.activities;
    await report(phone.page, '东区义诊');
    await comesTo(east, 'activities', 5);
    await report(plain.page, '西区课堂');
    await comesTo(west, 'activities', before + 1);
    await comesTo(east, 'activities', 5);
    assert.equal((await east.get('events?limit=1')).events[0].title, '东区义诊');
    assert.equal((await west.get('events?limit=1')).events[0].title, '西区课堂');
    assert.deepEqual(phone.asked().filter((at) => !/^\/(api\/v1\/alliances\/east\/|a\/east\/ws$)/.test(at)), []);

    // What the browser keeps tells whose it is.
    const kept = (page) => page.evaluate(() => Object.fromEntries(Object.entries(localStorage)));
    const all = await kept(phone.page);
    assert.equal(JSON.parse(all['east/m.session']).name, 'clinic');
    assert.equal(JSON.parse(all['m.session']).name, 'school');
    await plain.page.reload();
    await signedIn(plain.page);
    await plain.page.close();
  });

  test('the page can be kept: as an app of its own, and without a network', async () => {
    const { page } = phone;
    const manifest = await page.evaluate(() => document.querySelector('link[rel="manifest"]').href);
    assert.equal(manifest, `${daemon.url}/a/east/manifest.webmanifest`);
    const { start_url: start, scope, id } = await (await fetch(manifest)).json();
    assert.equal(new URL(start, manifest).pathname, '/a/east/m/');
    assert.equal(new URL(scope, manifest).pathname, '/a/east/m/');
    assert.equal(id, undefined, 'it goes by its start_url');
    const worker = await page.evaluate(() => navigator.serviceWorker.ready.then(({ scope: at }) => at));
    assert.equal(worker, `${daemon.url}/a/east/m/`);
    await browser.context.setOffline(true);
    await page.goto(`${daemon.url}/a/east/m/`);
    await signedIn(page);
    await browser.context.setOffline(false);
    browser.faults.length = 0; // what couldn't be loaded was told
  });

  test('the office of one alliance knows nobody of another', async () => {
    const office = await watched(await addPerson(east, 'office', 'admin'));
    await reads(office.page, 'clinic');
    assert.ok(!(await office.page.textContent('body')).includes('school'));
    assert.deepEqual(office.asked().filter((at) => !at.startsWith('/api/v1/alliances/east/')), []);
    assert.deepEqual(browser.faults.splice(0), []);
  });
});
