// A cockpit behind HAProxy, by the sample configuration that is shipped, while its daemon is started
// anew: the others go on, and so does the screen.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Browser, Daemon, folder, remove, until } from './fixture.mjs';
import { Store } from './store.mjs';

const { Balancer } = await import(path.join(process.env.SOURCE, 'tests', 'chaos', 'balancer.mjs'));

const store = new Store();
const browser = new Browser();
const under = folder();
const daemons = [];
let balancer;
let cockpit;

let serial = 0;
const activity = () => ({ id: `balanced-${++serial}`, kind: 'activity', title: '读书会',
                          at: new Date().toISOString(), community: 's08' });

const shows = (page, n) => page.waitForFunction((value) => {
  const node = document.querySelector('[data-metric="activities"]');
  return node?.dataset.value === value && node.textContent === Number(value).toLocaleString('en-US');
}, String(n));

const says = (page, word) => page.waitForFunction(
  (text) => document.querySelector('.badge')?.textContent === text, word);

/** Notes what the badge says, and every moment in which a headline number is less than it was or
 * isn't there. */
function watch(page) {
  return page.evaluateHandle(() => {
    const seen = { words: [], dips: [] };
    const badge = document.querySelector('.badge');
    const metrics = ['activities', 'venues', 'residents', 'problems_solved'];
    const numbers = () => metrics.map((metric) => {
      const node = document.querySelector(`[data-metric="${metric}"]`);
      return node?.textContent ? Number(node.dataset.value) : NaN;
    });
    const first = numbers();
    const look = () => {
      if (seen.words.at(-1) !== badge.textContent) seen.words.push(badge.textContent);
      numbers().forEach((n, i) => { if (!(n >= first[i])) seen.dips.push(metrics[i]); });
    };
    new MutationObserver(look).observe(document.body,
      { attributes: true, childList: true, characterData: true, subtree: true });
    look();
    return seen;
  });
}

async function hasScreen(daemon) {
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  return Number(/^tallyd_screens (\d+)$/m.exec(text)[1]) > 0;
}

/** Posts an event to the balancer, as many times as a sender would. */
async function count() {
  const event = activity();
  await until(async () => (await balancer.request('/api/v1/events', {
    method: 'POST', body: JSON.stringify([event]), token: daemons[0].token })).status === 200, 'the event to be counted');
}

describe('a cockpit behind HAProxy', () => {
  before(async () => {
    await store.start();
    for (let i = 0; i < 3; i += 1) {
      daemons.push(new Daemon({ redis: store.url }));
      await daemons[i].start();
    }
    await daemons[0].addToken();
    balancer = await new Balancer(under, 'haproxy').start(daemons);
    await browser.start();
    cockpit = await browser.open(`http://127.0.0.1:${balancer.port}/`);
  });

  after(async () => {
    await browser.stop();
    await balancer?.kill();
    for (const daemon of daemons) await daemon.stop();
    await store.stop();
    remove(under);
  });

  test('keeps its figures while its daemon is started anew, and is soon live again', async () => {
    await says(cockpit, '实时');
    const { totals } = await daemons[0].get('totals');
    await shows(cockpit, totals.activities);
    for (let round = 1; round <= 3; round += 1) {
      const seen = await watch(cockpit);
      const its = await until(async () => {
        for (const daemon of daemons) if (await hasScreen(daemon)) return daemon;
        return null;
      }, 'a daemon to have the screen');
      process.kill(its.child.pid, 'SIGTERM');
      await its.closed;
      await count();
      await shows(cockpit, totals.activities + round);
      await says(cockpit, '实时');
      await its.start();
      const { words, dips } = await seen.evaluate((noted) => noted);
      assert.deepEqual(words, ['实时', '重连中', '实时']);
      assert.deepEqual(dips, []);
    }
    assert.deepEqual(browser.faults, []);
  });
});
