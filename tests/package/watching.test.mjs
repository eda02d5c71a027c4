// What watches tallyd, judged by Prometheus' own tool: the names at /metrics, the alert rules, and
// that rules and dashboard ask for nothing that the daemon doesn't tell.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Daemon, makeFolder } from '../chaos/process.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MONITORING = path.join(HERE, '..', '..', 'config', 'monitoring');
const RULES = path.join(MONITORING, 'tallyd.rules.yml');
const promtool = (args, input) => execFileSync('promtool', args, { encoding: 'utf8', input });

let folder, ofDistricts;
let daemon;
let metrics;

before(async () => {
  folder = makeFolder();
  daemon = await new Daemon(folder).start();
  metrics = (await daemon.request('/metrics')).text;
});

after(async () => {
  await daemon.stop();
  fs.rmSync(folder, { recursive: true });
});

test('/metrics follows the conventions', () => {
  assert.equal(promtool(['check', 'metrics'], metrics), '');
});

test('/metrics of several alliances, a district among them, follows them too', async () => {
  const example = fs.readFileSync(path.join(HERE, '..', '..', 'config', 'alliance.json'), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const alliances = ['west', 'east'].map((id) => {
    const file = path.join(folder, `${id}.json`);
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(example), alliance: { id, name: id } }));
    return { id, file, ...(id === 'east' ? { members: [{ id: 's01', url: 'http://127.0.0.1:9/' }] } : {}) };
  });
  const several = await new Daemon(folder, { name: 'several', config: { alliances } }).start();
  try {
    const { text } = await several.request('/metrics');
    assert.equal(promtool(['check', 'metrics'], text), '');
    assert.match(text, /^tallyd_store_up\{alliance="east"\} [01]$/m);
    assert.match(text, /^tallyd_members\{alliance="east",state="unknown"\} 1$/m);
    ofDistricts = text;
  } finally {
    await several.stop();
  }
});

test('the alerts fire when they should, and only then', () => {
  promtool(['check', 'rules', '--lint-fatal', RULES]);
  const played = path.join(folder, 'rules.yml');
  fs.writeFileSync(played, fs.readFileSync(path.join(HERE, 'rules.yml'), 'utf8').replace('RULES', RULES));
  promtool(['test', 'rules', played]);
});

test('rules and dashboard use metrics that there are', () => {
  const names = new Set([...(metrics + ofDistricts).matchAll(/^(tallyd_\w+)/gm)].map(([, name]) => name));
  const dashboard = JSON.parse(fs.readFileSync(path.join(MONITORING, 'grafana.json'), 'utf8'));
  assert.ok(dashboard.panels.length > 5);
  const asked = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
  assert.ok(asked.length >= dashboard.panels.length - 3);
  for (const text of [...asked, fs.readFileSync(RULES, 'utf8').replace(/tallyd\.rules/g, '')]) {
    for (const [name] of text.matchAll(/\btallyd_\w+/g)) assert.ok(names.has(name), `${name} isn't told at /metrics`);
  }
});
