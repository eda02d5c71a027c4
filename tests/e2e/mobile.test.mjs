// The mobile page on a phone's screen and the real daemon: what a reporter and a resident do with
// it, and that each of it is seen on an open cockpit.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, until } from './fixture.mjs';
import { addPerson, comesTo, isFit, linkFor, PHONE, reads, revoke, shows } from './phone.mjs';

const UNIT = 'u01';
const daemon = new Daemon();
const wall = new Browser();  // the cockpit's
const hand = new Browser();  // the reporter's
const other = new Browser(); // a resident's
const far = new Browser({ args: ['--host-resolver-rules=MAP office.example 127.0.0.1'] }); // on plain HTTP
let cockpit;
let phone;
let unitName;

const now = () => new Date().toISOString();
const totals = async () => (await daemon.get('totals')).totals;
const own = async (kind) => (await daemon.get(`events?by=unit&id=${UNIT}&kind=${kind}`)).events;
const tab = (name) => phone.getByRole('navigation').getByRole('link', { name }).click();
const tap = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
const feed = (title) => cockpit.locator('.scene:not([data-off]) .feed li').filter({ hasText: title }).first().waitFor();

async function fill(title, residents) {
  await tab('上报');
  await tap(phone, '活动');
  await phone.getByLabel('标题').fill(title);
  await phone.getByLabel('社区').selectOption({ label: '社区08' });
  for (let n = 0; n < Math.floor(residents / 10); n += 1) await tap(phone, '加 10');
  for (let n = 0; n < residents % 10; n += 1) await tap(phone, '加 1');
}

async function report(title, residents) {
  await fill(title, residents);
  await tap(phone, '上报');
}

/** The record of TITLE among one's own, opened. */
async function openRecord(title) {
  await tab('我的');
  const record = phone.locator('.records li').filter({ hasText: title }).first();
  await record.locator('summary').click();
  await record.locator('.counted').filter({ hasNotText: '读取中' }).waitFor();
  return record;
}

const unsent = () => phone.locator('.unsent li');

describe('mobile', () => {
  before(async () => {
    await daemon.start();
    await daemon.addToken();
    const { units } = await daemon.get('catalogue');
    unitName = units.find(({ id }) => id === UNIT).name;
    for (const browser of [wall, hand, other, far]) await browser.start();
    cockpit = await wall.open(daemon.url);
  });

  after(async () => {
    for (const browser of [wall, hand, other, far]) await browser.stop();
    await daemon.stop();
  });

  test('anybody sees the figures, what comes, and what a visit is', async () => {
    await daemon.count({ id: 'b1', kind: 'plan', at: now(), plan: 'n1', title: '露天电影', community: 's08',
                         starts: new Date(Date.now() + 3600000).toISOString() });
    const page = await other.open(`${daemon.url}/m/`, PHONE);
    await reads(page, '实时');
    for (const metric of ['activities', 'residents', 'problems_solved', 'venues']) {
      await shows(page, metric, (await totals())[metric]);
    }
    await reads(page, '露天电影');
    await page.getByLabel('我的社区').selectOption({ label: '社区01' });
    await reads(page, '社区01近期没有预告');
    await page.reload();
    assert.equal(await page.getByLabel('我的社区').locator('option:checked').textContent(), '社区01');
    await page.getByLabel('我的社区').selectOption('');
    await page.getByText('“人次”是什么？').click();
    await reads(page, /同一个人参加两场活动，计 2 人次/);
    assert.equal(await page.getByRole('navigation').isVisible(), false);
    await isFit(page, 'home');
    await page.close();
  });

  test('the cockpit\'s link to what is announced says when and where', async () => {
    const page = await other.open(`${daemon.url}/m/#plan=n1`, PHONE);
    await reads(page.locator('.arrivals'), '露天电影');
    await reads(page.locator('.arrivals'), '社区08');
    await page.close();
  });

  test('a link signs in, once, and leaves no code in the address', async () => {
    const link = await addPerson(daemon, 'swj', 'report', UNIT);
    phone = await hand.open(link, PHONE);
    await reads(phone, `您好，${unitName}`);
    assert.equal(await phone.evaluate(() => location.href), `${daemon.url}/m/#report`);
    assert.equal(await phone.evaluate((code) => document.documentElement.outerHTML.includes(code), link.split('=')[1]), false);
    const late = await other.open(link, PHONE);
    await reads(late, /这个登录链接已经用过或已过期/);
    assert.equal(await late.evaluate(() => location.hash), '');
    await late.close();
    other.faults = []; // the refusal is one to the browser
    await phone.reload();
    await reads(phone, '上报');
    assert.deepEqual(hand.faults, []);
  });

  test('a report is counted, and is on the cockpit', async () => {
    const before = await totals();
    await report('义诊进楼道', 23);
    await reads(phone, /已计入 · 活动 义诊进楼道/);
    await shows(cockpit, 'activities', before.activities + 1);
    await shows(cockpit, 'residents', before.residents + 23);
    await feed('义诊进楼道');
    const [event] = await own('activity');
    assert.equal(event.unit, UNIT);
    assert.equal(event.community, 's08');
    assert.equal(await phone.getByLabel('社区').locator('option:checked').textContent(), '社区08', 'preset for the next');
    await phone.getByLabel('标题').fill('');
    await tap(phone, '上报');
    await reads(phone, '请填写标题');
  });

  test('what is made without a network is kept, survives a reload, and counts once when it is back', async () => {
    const before = await totals();
    await phone.evaluate(() => navigator.serviceWorker.ready);
    await hand.context.setOffline(true);
    await report('没有信号的读书会', 12);
    await report('没有信号的义剪', 3);
    await tab('我的');
    await until(async () => await unsent().count() === 2, 'two unsent');
    await phone.reload();
    await tab('我的');
    await until(async () => await unsent().count() === 2, 'two unsent, after a reload without a network');
    const second = await hand.open(`${daemon.url}/m/#mine`, PHONE); // another tab, which sees them too
    assert.equal((await totals()).activities, before.activities);
    await hand.context.setOffline(false);
    await comesTo(daemon, 'activities', before.activities + 2);
    await comesTo(daemon, 'residents', before.residents + 15);
    await reads(phone, '全部已发送');
    await reads(second, '全部已发送');
    await shows(cockpit, 'activities', before.activities + 2);
    await second.close();
    hand.faults = []; // failed loads were the point
  });

  test('an answer that is lost leads to another try, and to no second count', async () => {
    const before = await totals();
    let posts = 0;
    await phone.route('**/api/v1/events', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      posts += 1;
      if (posts > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await report('答复丢失的活动', 1);
    await reads(phone, /已计入 · 活动 答复丢失的活动/);
    await phone.unroute('**/api/v1/events');
    assert.ok(posts > 1);
    assert.deepEqual(await totals(), { ...before, activities: before.activities + 1, residents: before.residents + 1 });
    hand.faults = [];
  });

  test('a busy server is asked again', async () => {
    const before = await totals();
    let posts = 0;
    await phone.route('**/api/v1/events', async (route) => {
      posts += 1;
      return posts > 1 ? route.continue() : route.fulfill({
        status: 503, headers: { 'retry-after': '1' }, contentType: 'application/json',
        body: '{"error":{"code":"unavailable","message":"…"}}' });
    });
    await report('忙时的活动', 1);
    await reads(phone, /已计入 · 活动 忙时的活动/);
    await phone.unroute('**/api/v1/events');
    assert.equal((await totals()).activities, before.activities + 1);
    hand.faults = [];
  });

  test('a venue is shared and withdrawn', async () => {
    const before = await totals();
    await tab('上报');
    await tap(phone, '阵地');
    await phone.getByLabel('名称').fill('二楼议事厅');
    await tap(phone, '共享');
    await shows(cockpit, 'venues', before.venues + 1);
    const row = phone.locator('.rows li').filter({ hasText: '二楼议事厅' });
    await row.getByRole('button', { name: '停止共享' }).click();
    assert.equal((await totals()).venues, before.venues + 1, 'one tap is not enough');
    await row.getByRole('button', { name: '再点一次停止' }).click();
    await shows(cockpit, 'venues', before.venues);
    await row.waitFor({ state: 'detached' });
  });

  test('an activity is announced, and cancelled', async () => {
    await tab('上报');
    await tap(phone, '预告');
    await phone.getByLabel('标题').filter({ visible: true }).fill('中秋灯谜会');
    await tap(phone, '发布预告');
    const found = async () => (await daemon.get('plans')).plans.find(({ title }) => title === '中秋灯谜会');
    await until(found, 'the plan to be known');
    const row = phone.locator('.rows li').filter({ hasText: '中秋灯谜会' });
    await row.getByRole('button', { name: '取消预告' }).click();
    await row.getByRole('button', { name: '再点一次取消' }).click();
    await until(async () => (await found()).cancelled, 'the plan to be cancelled');
  });

  test('a record tells what it counts; correcting it voids it and counts anew in one request', async () => {
    const before = await totals();
    await report('写错人次的活动', 9);
    await comesTo(daemon, 'residents', before.residents + 9);
    const record = await openRecord('写错人次的活动');
    assert.equal(await record.locator('.counted').textContent(), '活动 +1 场 · 居民 +9 人次');
    await record.getByRole('button', { name: '更正' }).click();
    await reads(phone, /原记录撤销/);
    await tap(phone, '加 10');
    const posted = phone.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/events'));
    await tap(phone, '提交更正');
    const events = (await posted).postDataJSON();
    assert.deepEqual(events.map(({ kind }) => kind), ['void', 'activity']);
    await comesTo(daemon, 'residents', before.residents + 19);
    assert.equal((await totals()).activities, before.activities + 1);
    await shows(cockpit, 'residents', before.residents + 19);
  });

  test('a record is voided by two taps, with a reason', async () => {
    const before = await totals();
    await report('重复的活动', 40);
    await comesTo(daemon, 'activities', before.activities + 1);
    await shows(cockpit, 'residents', before.residents + 40);
    const record = await openRecord('重复的活动');
    await record.getByLabel('撤销原因').selectOption({ label: '重复上报' });
    await record.getByRole('button', { name: '撤销', exact: true }).click();
    assert.equal((await totals()).activities, before.activities + 1, 'one tap is not enough');
    await record.getByRole('button', { name: '再点一次撤销' }).click();
    await comesTo(daemon, 'activities', before.activities);
    await shows(cockpit, 'activities', before.activities);
    await shows(cockpit, 'residents', before.residents);
    await reads(phone.locator('.records li').filter({ hasText: '重复的活动' }).filter({ hasText: '活动' }).last(), '已撤销');
  });

  test('what the server refuses says why and can be dropped', async () => {
    await report('别处已撤销的活动', 1);
    const title = '别处已撤销的活动';
    const event = await until(async () => (await own('activity')).find((one) => one.title === title), 'the activity');
    const record = await openRecord(title);
    await hand.context.setOffline(true);
    await record.getByRole('button', { name: '撤销', exact: true }).click();
    await record.getByRole('button', { name: '再点一次撤销' }).click();
    await reads(unsent(), '待发送');
    await daemon.count({ id: 'elsewhere', kind: 'void', at: now(), of: event.id, reason: '办公室撤销' });
    await hand.context.setOffline(false);
    await reads(unsent(), /被退回：所指的事件已被冲正/);
    await unsent().getByRole('button', { name: '删除' }).click();
    await unsent().getByRole('button', { name: '再点一次删除' }).click();
    await reads(phone, '全部已发送');
    hand.faults = [];
  });

  test('what isn\'t sent yet can be mended', async () => {
    const before = await totals();
    await hand.context.setOffline(true);
    await report('标题写措了', 5);
    await tab('我的');
    await unsent().getByRole('button', { name: '修改' }).click();
    await phone.getByLabel('标题').fill('标题写对了');
    await tap(phone, '上报');
    await reads(unsent(), '标题写对了');
    await hand.context.setOffline(false);
    await comesTo(daemon, 'activities', before.activities + 1);
    assert.equal((await own('activity'))[0].title, '标题写对了');
    hand.faults = [];
  });

  test('a resident checks in by the reporter\'s code, and counts once however often', async () => {
    const before = await totals();
    await report('社区运动会', 0);
    await comesTo(daemon, 'activities', before.activities + 1);
    await phone.locator('.said').getByRole('link', { name: '签到码' }).click();
    await phone.locator('svg.qr').waitFor();
    await reads(phone, /有效至/);
    await reads(phone, '已签到 0 人次');
    await isFit(phone, 'code');
    const { id } = (await own('activity'))[0];
    const { path } = await phone.evaluate((of) => fetch(`/api/v1/activities/${of}/code`).then((answer) => answer.json()), id);
    const resident = await other.open(daemon.url + path, PHONE);
    await reads(resident, '签到成功');
    await reads(resident, '社区运动会');
    assert.equal(await resident.evaluate(() => location.hash), '');
    await comesTo(daemon, 'residents', before.residents + 1);
    await shows(cockpit, 'residents', before.residents + 1);
    await reads(phone, '已签到 1 人次');
    const again = await other.open(daemon.url + path, PHONE);
    await reads(again, '已签到');
    await reads(again, '社区运动会');
    assert.equal((await totals()).residents, before.residents + 1);
    assert.equal(await again.getByRole('navigation').isVisible(), false, 'a resident has no account');
    await isFit(again, 'checked in');
    await again.close();
    await resident.close();
  });

  test('a check-in without a network is kept and sent once', async () => {
    const before = await totals();
    await report('地下室的活动', 0);
    await comesTo(daemon, 'activities', before.activities + 1);
    const { id } = (await own('activity'))[0];
    const { path } = await phone.evaluate((of) => fetch(`/api/v1/activities/${of}/code`).then((answer) => answer.json()), id);
    const resident = await other.open(`${daemon.url}/m/`, PHONE);
    await reads(resident, '实时');
    await other.context.setOffline(true);
    await resident.evaluate((hash) => { location.hash = hash; }, path.split('/m/')[1]);
    await reads(resident, '签到已记在本机');
    await other.context.setOffline(false);
    await reads(resident, '签到成功');
    await comesTo(daemon, 'residents', before.residents + 1);
    await resident.close();
    other.faults = [];
  });

  test('a plan\'s code says when it begins; once it is reported the same code checks in', async () => {
    const before = await totals();
    const { path } = await daemon.get('plans/n1/code');
    const early = await other.open(daemon.url + path, PHONE);
    await reads(early, '活动还没有开始');
    await reads(early.locator('.arrivals'), '露天电影');
    await reads(early, /开始时间：/);
    await daemon.count({ id: 'held', kind: 'activity', at: now(), title: '露天电影', community: 's08', plan: 'n1' });
    await early.goto('about:blank');
    await early.goto(daemon.url + path);
    await reads(early, '签到成功');
    await comesTo(daemon, 'residents', before.residents + 1);
    await early.goto(`${daemon.url}/m/#c=forged`);
    await reads(early, '没有签到成功');
    await early.close();
    other.faults = [];
  });

  test('a problem is raised, taken up and solved, and the cockpit counts it', async () => {
    const before = await totals();
    await tab('民生问题');
    await phone.getByText('提出民生问题').click();
    await phone.getByLabel('问题', { exact: true }).fill('电话 139 1234 5678');
    await phone.getByLabel('社区').selectOption({ label: '社区03' });
    await tap(phone, '提交');
    await reads(phone, '请不要写手机号或身份证号');
    await phone.getByLabel('问题', { exact: true }).fill('三号楼路灯不亮');
    await tap(phone, '提交');
    await comesTo(daemon, 'problems_raised', before.problems_raised + 1);
    const row = phone.locator('.rows li').filter({ hasText: '三号楼路灯不亮' });
    await row.getByRole('button', { name: '认领' }).click();
    await reads(row, '办理中');
    // What others raise meanwhile doesn't take the button from under the finger.
    await row.getByRole('button', { name: '办结' }).click();
    await daemon.count({ id: 'meanwhile', kind: 'problem', problem: 'meanwhile', status: 'raised', title: '门禁失灵',
      at: new Date().toISOString(), community: 's04' });
    await row.getByRole('button', { name: '再点一次办结' }).click();
    await shows(cockpit, 'problems_solved', before.problems_solved + 1);
    await row.waitFor({ state: 'detached' });
    await reads(phone, '门禁失灵');
    await feed('三号楼路灯不亮');
  });

  test('a resident\'s problem waits, uncounted', async () => {
    const before = await totals();
    const page = await other.open(`${daemon.url}/m/`, PHONE);
    await page.getByText('提出民生问题').click();
    await page.getByLabel('问题', { exact: true }).fill('井盖松动');
    await page.locator('.fold').getByLabel('社区').selectOption({ label: '社区05' });
    await isFit(page, 'raising');
    await page.getByRole('button', { name: '提交' }).click();
    await reads(page, /已提交，审核后公开/);
    assert.equal((await totals()).problems_raised, before.problems_raised);
    await page.close();
  });

  for (const [language, large] of [['zh', false], ['zh', true], ['en', false], ['en', true]]) {
    test(`every view fits a phone: ${language}${large ? ', large text' : ''}`, async () => {
      const page = await hand.open('about:blank', PHONE);
      await page.addInitScript(([tag, size]) => {
        localStorage.setItem('language', tag);
        localStorage.setItem('m.large', String(size));
      }, [language, large]);
      await page.goto(`${daemon.url}/m/`);
      await page.locator('.badge[data-state="live"]').waitFor();
      for (const view of ['home', 'report', 'problems', 'mine']) {
        await page.locator(`nav a[href="#${view}"]`).click();
        await page.locator(`nav a[href="#${view}"][aria-current]`).waitFor();
        await isFit(page, view);
        for (const part of view === 'report' ? [1, 2] : []) {
          await page.locator('.segments button').nth(part).click();
          await isFit(page, `report ${part}`);
        }
      }
      if (language === 'en') {
        const left = await page.locator('nav').textContent();
        assert.doesNotMatch(left, /\p{Script=Han}/u);
      }
      await page.close();
    });
  }

  test('large text and the language are chosen by a tap, and kept', async () => {
    await phone.evaluate(() => localStorage.removeItem('m.large'));
    await phone.evaluate(() => localStorage.setItem('language', 'zh'));
    await phone.reload();
    const size = () => phone.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    const small = await size();
    await tap(phone, '大字');
    assert.ok(await size() >= small * 1.2);
    await tap(phone, 'English');
    await reads(phone.getByRole('navigation'), 'Report');
    await phone.reload();
    await reads(phone.getByRole('navigation'), 'Report');
    assert.ok(await size() >= small * 1.2);
    await tap(phone, '中文');
    await tap(phone, '大字');
    assert.equal(await size(), small);
  });

  test('over plain HTTP the page says that it must stay open, and loses nothing', async () => {
    const before = await totals();
    const plain = `http://office.example:${daemon.port}`;
    const page = await far.open((await linkFor(daemon, 'swj')).replace(daemon.url, plain), PHONE);
    await reads(page, `您好，${unitName}`);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    const twin = await far.open(`${plain}/m/#mine`, PHONE); // there are no locks either
    await far.context.setOffline(true);
    await page.getByLabel('标题').fill('内网里的活动');
    await page.getByLabel('社区').selectOption({ label: '社区08' });
    await tap(page, '上报');
    await page.getByRole('navigation').getByRole('link', { name: '我的' }).click();
    await reads(page, /断网时请勿关闭或刷新本页/);
    await reads(twin, '内网里的活动');
    await far.context.setOffline(false);
    await comesTo(daemon, 'activities', before.activities + 1);
    await reads(page, '全部已发送');
    await reads(twin, '全部已发送');
    assert.equal((await totals()).activities, before.activities + 1);
  });

  test('where the address is trusted, the page can be installed', async () => {
    const page = await other.open(`${daemon.url}/m/`, PHONE);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const link = await page.evaluate(() => document.querySelector('link[rel="manifest"]').href);
    const manifest = await (await fetch(link)).json();
    assert.equal(new URL(manifest.start_url, link).pathname, '/m/');
    assert.equal(new URL(manifest.scope, link).pathname, '/m/');
    for (const { src, sizes, type } of manifest.icons) {
      const [width, answered] = await page.evaluate(async (of) => {
        const image = new Image();
        image.src = of;
        await image.decode();
        return [image.naturalWidth, (await fetch(of)).headers.get('content-type')];
      }, src);
      assert.ok(answered.startsWith(type), `${src} is ${answered}`);
      if (sizes !== 'any') assert.equal(`${width}x${width}`, sizes);
    }
    await page.close();
  });

  test('nothing failed to load, was forbidden or went wrong', () => {
    assert.deepEqual([...wall.faults, ...hand.faults, ...other.faults], []);
  });

  test('what was made under a session that was ended waits for the next', async () => {
    const before = await totals();
    await fill('登录失效时的活动', 2);
    await revoke(daemon, 'swj');
    await until(() => phone.evaluate(() => fetch('/api/v1/session').then(({ status }) => status === 401)), 'the session to end');
    await tap(phone, '上报');
    await reads(phone, '待重新登录后发送');
    assert.equal((await totals()).activities, before.activities);
    await addPerson(daemon, 'swj', 'report', UNIT);
    await phone.goto('about:blank');
    await phone.goto(await linkFor(daemon, 'swj'));
    await comesTo(daemon, 'activities', before.activities + 1);
    await tab('我的');
    await tap(phone, '退出登录');
    await tap(phone, '再点一次退出');
    await phone.getByRole('navigation').waitFor({ state: 'hidden' });
    assert.equal(await phone.evaluate(() => fetch('/api/v1/session').then(({ status }) => status)), 401);
  });
});
