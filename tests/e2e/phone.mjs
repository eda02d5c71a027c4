// Phones, and who holds them: links to sign in by, a phone's size, and what is looked at on its page.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { until } from './fixture.mjs';

export const PHONE = [360, 740];

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function asAdmin(daemon, target, body) {
  const answer = await fetch(daemon.api(target), {
    method: 'POST', body: JSON.stringify(body),
    headers: { authorization: `Bearer ${daemon.token}`, 'content-type': 'application/json' } });
  assert.ok(answer.status < 300, `${target}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** Adds a token called NAME; gives the link that signs its bearer in. */
export async function addPerson(daemon, name, role, unit) {
  const { path } = await asAdmin(daemon, 'admin/tokens', { name, role, ...(unit && { unit }) });
  return daemon.url + path;
}

export const revoke = (daemon, name) => asAdmin(daemon, 'admin/tokens/revoke', { name });

/** Another link for NAME's token. */
export async function linkFor(daemon, name) {
  const { path } = await asAdmin(daemon, 'codes', { name });
  return daemon.url + path;
}

/** Awaits that PAGE shows the text, somewhere that can be seen. */
export const reads = (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor();

/** Awaits that the whole of the alliance's METRIC is N, by the server's own word. */
export const comesTo = (daemon, metric, n) => until(
  async () => (await daemon.get('totals')).totals[metric] === n, `${metric} to be ${n}`);

/** Awaits that a page's number is N. */
export const shows = (page, metric, n) => page.waitForFunction(
  ([name, value]) => document.querySelector(`[data-metric="${name}"]`)?.dataset.value === value, [metric, String(n)]);

/** Nothing that axe finds, nothing wider than the screen, and nothing too small for a finger. */
export async function isFit(page, what, least = 44) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`), [], what);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${what}: too wide`);
  const small = await page.evaluate((px) => [...document.querySelectorAll('button, select, input, summary, a')]
    .filter((node) => node.offsetParent && node.getBoundingClientRect().height < px - 0.5)
    .map((node) => node.outerHTML.slice(0, 120)), least);
  assert.deepEqual(small, [], `${what}: too small to tap`);
}
