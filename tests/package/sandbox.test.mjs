// What the unit forbids mustn't be what the daemon or its private Redis does: no service manager
// runs here to enforce it, so their system calls are written down and held against the unit's list.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './manager.mjs';

const UNIT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'systemd', 'tallyd.service');

/** The calls that a name stands for: itself, or those of a set, which may hold sets. */
function calls(name) {
  if (!name.startsWith('@')) return [name];
  const text = execFileSync('systemd-analyze', ['syscall-filter', name], { encoding: 'utf8' });
  return [...text.matchAll(/^ {4}([@a-z0-9_-]+)$/gm)].flatMap(([, member]) => calls(member));
}

/** What the unit's SystemCallFilter= lines come to, one after the other. */
function allowed() {
  const set = new Set(calls('@default'));
  for (const [, not, names] of fs.readFileSync(UNIT, 'utf8').matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    for (const call of names.split(' ').flatMap(calls)) not ? set.delete(call) : set.add(call);
  }
  return set;
}

test('the unit allows every system call that is made from start to end', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-sandbox-'));
  const trace = path.join(folder, 'trace');
  const command = ['-f', '-qq', '-o', trace, process.env.TALLYD, '--listen', '127.0.0.1:0', '--state', path.join(folder, 's')];
  const tracer = spawn('strace', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  tracer.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  await until(() => log.includes('event=store_up'), 'the store');
  const daemon = Number(fs.readFileSync(path.join(folder, 's', 'lock'), 'utf8'));
  process.kill(daemon, 'SIGTERM');
  await once(tracer, 'close');
  const made = new Set([...fs.readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, call]) => call));
  fs.rmSync(folder, { recursive: true });
  const list = allowed();
  assert.ok(made.size > 40 && made.has('fdatasync') && list.size > 200);
  assert.deepEqual([...made].filter((call) => !list.has(call)), []);
});
