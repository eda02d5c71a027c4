// What watches tallyd, judged by Prometheus' own tool: the names at /metrics, the alert rules, and
// that rules and dashboard ask for nothing that the daemon doesn't tell.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './manager.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MONITORING = path.join(HERE, '..', '..', 'config', 'monitoring');
const RULES = path.join(MONITORING, 'tallyd.rules.yml');
const promtool = (args, input) => execFileSync('promtool', args, { encoding: 'utf8', input });

let folder;
let daemon;
let metrics;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-watching-'));
  daemon = spawn('setpriv', ['--pdeathsig', 'TERM', process.env.TALLYD, '--listen', '127.0.0.1:0', '--state', path.join(folder, 's')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const [, address] = await until(() => /event=listening address="?([^\s"]+)/.exec(log), 'the address');
  metrics = await (await fetch(`http://${address}/metrics`)).text();
});

after(async () => {
  daemon.kill('SIGTERM');
  await once(daemon, 'close');
  fs.rmSync(folder, { recursive: true });
});

test('/metrics follows the conventions', () => {
  assert.equal(promtool(['check', 'metrics'], metrics), '');
});

test('the alerts fire when they should, and only then', () => {
  promtool(['check', 'rules', '--lint-fatal', RULES]);
  const played = path.join(folder, 'rules.yml');
  fs.writeFileSync(played, fs.readFileSync(path.join(HERE, 'rules.yml'), 'utf8').replace('RULES', RULES));
  promtool(['test', 'rules', played]);
});

test('rules and dashboard use metrics that there are', () => {
  const names = new Set([...metrics.matchAll(/^(tallyd_\w+)/gm)].map(([, name]) => name));
  const dashboard = JSON.parse(fs.readFileSync(path.join(MONITORING, 'grafana.json'), 'utf8'));
  assert.ok(dashboard.panels.length > 5);
  const asked = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
  assert.ok(asked.length >= dashboard.panels.length - 3);
  for (const text of [...asked, fs.readFileSync(RULES, 'utf8').replace(/tallyd\.rules/g, '')]) {
    for (const [name] of text.matchAll(/\btallyd_\w+/g)) assert.ok(names.has(name), `${name} isn't told at /metrics`);
  }
});
