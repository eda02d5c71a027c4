// What the unit forbids mustn't be what the daemon or its private Redis does: no service manager
// runs here to enforce it, so their system calls are written down and held against the unit's list.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Daemon, makeFolder, until } from '../chaos/process.mjs';

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
  const folder = makeFolder();
  const trace = path.join(folder, 'trace');
  const daemon = await new Daemon(folder, { wrap: ['strace', '-f', '-qq', '-o', trace] }).start();
  await until(() => daemon.log().includes('event=store_up'), 'the store');
  await daemon.stop();
  const made = new Set([...fs.readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, call]) => call));
  fs.rmSync(folder, { recursive: true });
  const list = allowed();
  assert.ok(made.size > 40 && made.has('fdatasync') && list.size > 200);
  assert.deepEqual([...made].filter((call) => !list.has(call)), []);
});
