// The man pages and completions against the programs themselves: every setting, verb and flag is
// told, and none that isn't there; every page renders without a warning.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TOP = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const { TALLYD, TALLYCTL } = process.env;
const page = (name) => path.join(TOP, 'docs', 'man', name);
const say = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' });

/** A page as people read it, on lines that nothing is broken over. */
function read(name) {
  const shown = spawnSync('man', ['--warnings=w', '-l', page(name)], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', MANWIDTH: '400' },
  });
  assert.equal(shown.status, 0, shown.stderr);
  assert.equal(shown.stderr, '', `${name} renders with warnings`);
  return shown.stdout;
}

/** "section.key" to its default, as the daemon's own annotated file has them. */
function settings() {
  const found = new Map();
  let section;
  let initial;
  for (const line of say(TALLYD, '--config', path.join(TOP, 'config', 'tallyd.json'), '--dump-config').split('\n')) {
    initial = /\/\/ TALLYD_[A-Z_]+, default (.*?)(?:, allowed .*)?$/.exec(line)?.[1] ?? initial;
    const [, name, open] = /^ +"(\w+)": (\{)?/.exec(line) ?? [];
    if (open) section = name;
    else if (name) found.set(`${section}.${name}`, initial);
  }
  return found;
}

test('tallyd.json(5) tells every setting with its default, and no other', () => {
  const told = new Map(
    [...read('tallyd.json.5').matchAll(/^ +([a-z]+\.[a-z_]+) \(default (.*)\)$/gm)].map(([, key, value]) => [key, value]),
  );
  assert.ok(told.size > 20);
  assert.deepEqual(told, settings());
});

const flagsOf = (help) => [...new Set(help.match(/--[a-z][a-z-]*/g))].filter((flag) => flag !== '--').sort();

test('tallyd(8) tells every flag, and no other', () => {
  const told = [...read('tallyd.8').matchAll(/^ {5}(--[a-z-]+)/gm)].map(([, flag]) => flag);
  assert.deepEqual([...new Set(told)].sort(), flagsOf(say(TALLYD, '--help')));
});

const verbs = [...say(TALLYCTL, '--help').matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb);

test('tallyctl(1) tells every verb and flag', () => {
  const text = read('tallyctl.1');
  const told = [...text.matchAll(/^ {5}([a-z]+)\b/gm)].map(([, verb]) => verb);
  for (const verb of verbs) {
    assert.ok(told.includes(verb), `tallyctl(1) doesn't tell of ${verb}`);
    for (const [, flag] of say(TALLYCTL, verb, '--help').matchAll(/^ +(--[a-z-]+)/gm)) {
      assert.match(text, new RegExp(`${flag}\\b`), `tallyctl(1) doesn't tell of ${verb} ${flag}`);
    }
  }
});

/** What bash offers when the last of WORDS is completed. */
function complete(...words) {
  const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _\${1##*/}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = say('bash', '-c', script, path.join(TOP, 'packaging', 'completions', 'tallyctl'), ...words);
  return out.split('\n').filter(Boolean).sort();
}

test('completion offers verbs, flags and words', () => {
  assert.deepEqual(complete(TALLYCTL, ''), [...verbs].sort());
  assert.deepEqual(complete(TALLYCTL, 'to'), ['token', 'totals']);
  assert.deepEqual(complete(TALLYCTL, '--state', 'x', 'token', ''), ['add', 'link', 'list', 'revoke']);
  assert.deepEqual(complete(TALLYCTL, 'totals', '--by', 'c'), ['category', 'circle', 'community']);
  assert.ok(complete(TALLYCTL, 'import', '--').includes('--dry-run'));
  assert.ok(!complete(TALLYCTL, 'send', '--').includes('--dry-run'));
  assert.deepEqual(complete(TALLYD, '--'), flagsOf(say(TALLYD, '--help')));
});
