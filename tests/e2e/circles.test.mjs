// The picture of the circles tells how many there are, in an alliance that isn't the example's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove } from './fixture.mjs';

const own = folder();
const browser = new Browser();
let daemon;

const alliance = {
  alliance: { id: 'donghu', name: '东湖街道党建联盟' },
  circles: [{ id: 'c1', name: '湖东联盟圈' }, { id: 'c2', name: '湖西联盟圈' }],
  communities: [{ id: 's01', name: '望湖社区', circle: 'c1' }],
  units: [{ id: 'u01', name: '东湖小学' }],
  categories: [{ id: 'wenhua', name: '文化利民' }],
  projects: [],
  opening: [],
};

describe('circles', () => {
  before(async () => {
    fs.writeFileSync(path.join(own, 'alliance.json'), JSON.stringify(alliance));
    fs.writeFileSync(path.join(own, 'tallyd.json'), '{}');
    daemon = new Daemon({ args: ['--config', path.join(own, 'tallyd.json')] });
    await daemon.start();
    await browser.start();
  });

  after(async () => {
    await browser.stop();
    await daemon.stop();
    remove(own);
  });

  test('two circles are 1+2, in the middle and in the heading', async () => {
    const page = await browser.open(`${daemon.url}/`);
    const panel = page.locator('.scene:not([data-off]) .circles');
    await panel.locator('.centre strong', { hasText: '1+2' }).waitFor();
    assert.equal(await panel.locator('h2').textContent(), '「1+2」联盟圈');
    assert.deepEqual(browser.faults, []);
  });
});
