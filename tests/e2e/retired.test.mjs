// What the catalogue has retired stays on the board, and can't be chosen any more.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove } from './fixture.mjs';
import { addPerson, PHONE } from './phone.mjs';

const own = folder();
const browser = new Browser();
const RETIRED = { communities: 's08', units: 'u05' };
let daemon;
let catalogue;

/** The example's catalogue, with some of it retired. */
async function write() {
  const plain = new Daemon();
  await plain.start();
  catalogue = await plain.get('catalogue');
  await plain.stop();
  for (const [list, id] of Object.entries(RETIRED)) catalogue[list].find((one) => one.id === id).retired = true;
  catalogue.projects.find(({ status }) => status === 'running').retired = true;
  fs.writeFileSync(path.join(own, 'alliance.json'), JSON.stringify(catalogue));
  fs.writeFileSync(path.join(own, 'tallyd.json'), '{}');
}

/** The names that a select offers once it offers more than NONE. The page may draw it anew before. */
async function offered(page, label, none = 1) {
  const chosen = page.getByLabel(label, { exact: true }).filter({ visible: true }).first();
  await chosen.locator('option').nth(none).waitFor({ state: 'attached' });
  return chosen.evaluate((node) => [...node.options].map(({ value }) => value).filter(Boolean));
}

const live = (list) => catalogue[list].filter(({ retired }) => !retired).map(({ id }) => id);

describe('retired', () => {
  before(async () => {
    await write();
    daemon = new Daemon({ args: ['--config', path.join(own, 'tallyd.json')] });
    await daemon.start();
    await daemon.addToken();
    await browser.start();
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
    remove(own);
  });

  test('a reporter chooses among those that are not', async () => {
    const page = await browser.open(await addPerson(daemon, 'all', 'report'), PHONE);
    await page.getByRole('navigation').getByRole('link', { name: '上报' }).click();
    await page.getByRole('button', { name: '活动', exact: true }).filter({ visible: true }).first().click();
    assert.deepEqual((await offered(page, '社区')).sort(), live('communities').sort());
    assert.deepEqual(await offered(page, '单位'), live('units'));
    const open = catalogue.projects.filter(({ retired, status }) => !retired && status !== 'done');
    assert.deepEqual((await offered(page, '项目')).sort(), open.map(({ id }) => id).sort());
    await page.close();
  });

  test('an admin binds a token to none that is', async () => {
    const page = await browser.open(await addPerson(daemon, 'boss', 'admin'));
    assert.deepEqual(await offered(page, '单位'), live('units'));
    await page.close();
  });

  test('the board lists it still', async () => {
    const { groups } = await daemon.get('totals?by=unit');
    assert.ok(groups.some(({ id }) => id === RETIRED.units));
    assert.deepEqual(browser.faults, []);
  });
});
