// The administrators' page on the real daemon: who may see it, and what it does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { Browser, Daemon, folder, remove, until } from './fixture.mjs';
import { addPerson, comesTo, isFit, linkFor, PHONE, reads, shows } from './phone.mjs';

const DESK = [1366, 768];
const PARTS = ['令牌', '单位', '待审核', '审计', '复算'];

const daemon = new Daemon();
const browser = new Browser();
const other = new Browser(); // somebody else's
let page;
let cockpit;

const tap = (where, name) => where.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
const part = (name) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
const row = (text) => page.locator('tbody tr').filter({ hasText: text }).first();

async function raise(title) {
  const answer = await fetch(`${daemon.url}/api/v1/raise`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, community: 's05', device: 'phoneofatest12345' }) });
  assert.equal(answer.status, 202);
}

describe('admin', () => {
  before(async () => {
    await daemon.start();
    await daemon.addToken();
    await browser.start();
    await other.start();
    cockpit = await browser.open(daemon.url);
  });

  after(async () => {
    await browser.stop();
    await other.stop();
    await daemon.stop();
  });

  test('whoever isn\'t an administrator sees a calm notice and nothing else', async () => {
    const stranger = await other.open(`${daemon.url}/admin/`, PHONE);
    await reads(stranger, '仅限管理员');
    await isFit(stranger, 'notice', 40);
    await stranger.goto('about:blank');
    await stranger.goto((await addPerson(daemon, 'reporter', 'report', 'u02')).replace('/m/', '/admin/'));
    await reads(stranger, 'reporter');
    await reads(stranger, '仅限管理员');
    assert.equal(await stranger.locator('table').count(), 0);
    await stranger.close();
    other.faults = []; // a stranger's 401 is one to the browser
  });

  test('a link signs an administrator in and leaves no code in the address', async () => {
    const link = await addPerson(daemon, 'boss', 'admin');
    assert.ok(link.includes('/admin/#in='));
    page = await browser.open(link, DESK);
    await reads(page, '新增令牌');
    assert.equal(await page.evaluate(() => location.href), `${daemon.url}/admin/`);
    await row('boss').waitFor();
    await row('cockpit').waitFor();
    await page.reload();
    await row('boss').waitFor();
  });

  let issued;
  test('a token is added and its link shown once, as text and as a code', async () => {
    await page.getByLabel('名称').fill('不行');
    await tap(page, '新增并生成登录链接');
    await reads(page, /名称只能用/);
    await page.getByLabel('名称').fill('zjj-01');
    await page.getByLabel('单位').selectOption({ label: '区住建局' });
    await tap(page, '新增并生成登录链接');
    await page.locator('.link svg.qr').waitFor();
    issued = await page.getByLabel('登录链接').inputValue();
    assert.match(issued, /\/m\/#in=\w+$/);
    await row('zjj-01').filter({ hasText: '区住建局' }).waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), /tt_[0-9a-f]/, 'the token itself is never shown');
    await tap(page, '关闭');
    await page.locator('.link').waitFor({ state: 'detached' });
    await part('单位');
    await row('区住建局').filter({ hasText: 'zjj-01' }).waitFor();
    await reads(page, '42 家单位中，2 家有联络员');
  });

  test('the link signs a phone in; another can be made; revoking takes two taps and signs it out', async () => {
    const phone = await other.open(issued, PHONE);
    await reads(phone, '您好，区住建局');
    await part('令牌');
    await tap(row('zjj-01'), '登录链接');
    await page.locator('.link svg.qr').waitFor();
    assert.notEqual(await page.getByLabel('登录链接').inputValue(), issued);
    await tap(page, '关闭');
    await tap(row('zjj-01'), '撤销');
    const status = () => phone.evaluate(() => fetch('/api/v1/session').then((answer) => answer.status));
    assert.equal(await status(), 200, 'one tap is not enough');
    await tap(row('zjj-01'), '再点一次撤销');
    await row('zjj-01').waitFor({ state: 'detached' });
    await until(async () => await status() === 401, 'the phone to be signed out');
    await phone.close();
    other.faults = [];
  });

  test('a resident\'s problem counts once it is accepted, and not if it is refused', async () => {
    const before = (await daemon.get('totals')).totals;
    await raise('井盖松动');
    await raise('恶作剧一条');
    await part('待审核');
    await row('井盖松动').filter({ hasText: '社区05' }).waitFor();
    await tap(row('井盖松动'), '通过');
    await row('井盖松动').waitFor({ state: 'detached' });
    await comesTo(daemon, 'problems_raised', before.problems_raised + 1);
    await cockpit.locator('.scene:not([data-off]) .feed li').filter({ hasText: '井盖松动' }).first().waitFor();
    await shows(cockpit, 'problems_solved', before.problems_solved);
    await row('恶作剧一条').getByRole('combobox').selectOption({ label: '其他' });
    await tap(row('恶作剧一条'), '不通过');
    await tap(row('恶作剧一条'), '再点一次确认');
    await reads(page, '没有待审核的问题');
    assert.equal((await daemon.get('totals')).totals.problems_raised, before.problems_raised + 1);
  });

  test('the audit tells who did what, newest first, page by page', async () => {
    for (let i = 0; i < 50; i += 1) await linkFor(daemon, 'reporter');
    await part('审计');
    await page.locator('tbody tr').nth(49).waitFor();
    assert.match(await page.locator('tbody tr').first().innerText(), /cockpit.*生成登录链接.*reporter.*完成/s);
    await tap(page, '更早的记录');
    for (const words of [/boss.*新增令牌.*zjj-01/s, /boss.*撤销令牌.*zjj-01/s, /boss.*退回问题.*其他/s, /登录.*boss/s]) {
      await page.locator('tbody tr').filter({ hasText: words }).first().waitFor();
    }
  });

  test('the last recount is told', async () => {
    await part('复算');
    await reads(page, /还没有复算|逐条重算与计数一致/);
  });

  for (const [size, least] of [[DESK, 40], [PHONE, 40]]) {
    for (const language of ['zh', 'en']) {
      test(`every part fits ${size.join('×')} in ${language}`, async () => {
        await raise('要看的问题');
        await page.setViewportSize({ width: size[0], height: size[1] });
        await page.evaluate((tag) => localStorage.setItem('language', tag), language);
        await page.reload();
        const buttons = page.getByRole('navigation').getByRole('button');
        await buttons.first().waitFor();
        for (const [i, name] of PARTS.entries()) {
          await buttons.nth(i).click();
          await page.locator('table, dl, .part .calm').first().waitFor();
          await isFit(page, name, least);
        }
      });
    }
  }

  test('nothing failed to load, was forbidden or went wrong', () => {
    assert.deepEqual([...browser.faults, ...other.faults], []);
  });
});

describe('a cockpit that needs a token', () => {
  const place = folder();
  const settings = path.join(place, 'conf.json');
  fs.writeFileSync(settings, JSON.stringify({
    alliance: { file: path.join(path.dirname(process.env.TALLYD), 'config', 'alliance.json') },
    access: { viewers: 'token' } }));
  const closed = new Daemon({ args: ['--config', settings] });
  const eyes = new Browser();
  const note = (where) => where.locator('.connection .note');
  const live = (where) => where.waitForFunction(() => document.querySelector('.badge')?.dataset.state === 'live'
    && document.querySelector('[data-metric="activities"]')?.dataset.value);

  before(async () => {
    await closed.start();
    await closed.addToken();
    await eyes.start();
  });

  after(async () => {
    await eyes.stop();
    await closed.stop();
    remove(place);
  });

  test('says what is missing, is opened by a link once, and stays open when it is loaded again', async () => {
    const wall = await eyes.open(closed.url, [1920, 1080]);
    await note(wall).getByText('此屏幕需要登录').waitFor();
    assert.equal(await wall.locator('[data-metric="activities"]').getAttribute('data-value'), null);
    const link = await addPerson(closed, 'hall', 'view');
    assert.ok(link.startsWith(`${closed.url}/#in=`), link);
    await wall.goto('about:blank');
    await wall.goto(link);
    await live(wall);
    assert.equal(await wall.evaluate(() => location.href), `${closed.url}/`);
    assert.equal(await note(wall).textContent(), '');
    await wall.reload();
    await live(wall);

    await eyes.context.clearCookies();
    await wall.goto('about:blank');
    await wall.goto(link);
    await note(wall).getByText('登录链接已用过或已过期').waitFor();
    await wall.close();
  });

  test('a resident who sees no totals is told times of the alliance\'s zone', async () => {
    const at = new Date();
    await closed.count({ id: 'fair', kind: 'activity', at: at.toISOString(), title: '义诊', community: 's08' });
    const { path: link } = await (await fetch(`${closed.url}/api/v1/activities/fair/code`,
      { headers: { authorization: `Bearer ${closed.token}` } })).json();
    const abroad = new Browser({ timezoneId: 'America/New_York' });
    await abroad.start();
    try {
      const phone = await abroad.open(closed.url + link, PHONE);
      await reads(phone, '签到成功');
      const there = at.toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' });
      await reads(phone, `今天 ${there}`);
    } finally {
      await abroad.stop();
    }
  });

  test('a busy server leaves the link good, and a wall stays one', async () => {
    const wall = await eyes.open('about:blank', [1920, 1080]);
    let refused = 0;
    await wall.route('**/api/v1/session', (route) => {
      refused += 1;
      if (refused > 1) return route.fallback();
      return route.fulfill({ status: 429, headers: { 'retry-after': '1' }, json: { error: { code: 'too_many' } } });
    });
    const link = await addPerson(closed, 'lobby', 'view');
    await wall.goto(link.replace('/#in=', '/?kiosk#in='));
    await live(wall);
    assert.equal(refused, 2);
    assert.equal(await wall.evaluate(() => location.href), `${closed.url}/?kiosk`);
    await wall.close();
  });
});
