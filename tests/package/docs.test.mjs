// What is written for people against what is there: man pages, completions and the handbook against
// the programs, their settings, verbs, flags and words; names of files and links against the tree.
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

/** "section.key", or a list's name, to its default, as the daemon's own annotated file has them. */
function settings() {
  const found = new Map();
  let section;
  let initial;
  for (const line of say(TALLYD, '--config', path.join(TOP, 'config', 'tallyd.json'), '--dump-config').split('\n')) {
    initial = /\/\/ TALLYD_[A-Z_]+, default (.*?)(?:, allowed .*?)?(?:; takes a restart)?$/.exec(line)?.[1] ?? initial;
    const [, name, open] = /^ +"(\w+)": (\{)?/.exec(line) ?? [];
    if (open) section = name;
    else if (/^ {4}"/.test(line)) found.set(name, initial); // one without a section
    else if (name) found.set(`${section}.${name}`, initial);
  }
  return found;
}

test('tallyd.json(5) tells every setting with its default, and no other', () => {
  const told = new Map(
    [...read('tallyd.json.5').matchAll(/^ +([a-z]+(?:\.[a-z_]+)?) \(default (.*)\)$/gm)].map(([, key, value]) => [key, value]),
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

const MARKDOWN = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/handbook.zh-CN.md'];
const text = (name) => fs.readFileSync(path.join(TOP, name), 'utf8');
const handbook = text('docs/handbook.zh-CN.md');

/** A heading's anchor, as those make it who show Markdown. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

const anchors = (name) => [...text(name).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading));

test('links between the documents lead somewhere', () => {
  let links = 0;
  for (const name of MARKDOWN) {
    for (const [, target] of text(name).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      links++;
      const [file, anchor] = target.split('#');
      const to = file ? path.join(path.dirname(name), file) : name;
      assert.ok(fs.existsSync(path.join(TOP, to)), `${name} links to ${target}`);
      if (anchor) assert.ok(anchors(to).includes(anchor), `${name} links to ${target}`);
    }
  }
  assert.ok(links > 20);
});

test('the files that CONTRIBUTING names are there', () => {
  const named = [...text('CONTRIBUTING.md').matchAll(/`([\w./-]+\.\w+)`/g)]
    .map(([, file]) => file)
    .filter((file) => file.includes('/') && !file.includes('NAME'));
  assert.ok(named.length > 40);
  for (const file of named) assert.ok(fs.existsSync(path.join(TOP, file)), `CONTRIBUTING.md names ${file}`);
});

test('the handbook tells every setting with its default, and every verb', () => {
  const told = new Map([...handbook.matchAll(/^\| `([a-z]+(?:\.[a-z_]+)?)` \| `(.*?)` \|/gm)].map(([, key, value]) => [key, value]));
  assert.deepEqual(told, settings());
  for (const verb of verbs) assert.match(handbook, new RegExp(`tallyctl [^\`\n]*\\b${verb}\\b`), `the handbook tells nothing of ${verb}`);
});

/** Does the handbook have those words, whatever stands where they are filled in? */
const hasWords = (words) =>
  words
    .split(/\{\w+\}|\d+/)
    .map((part) => part.trim())
    .every((part) => handbook.includes(part));

test('the handbook explains every state, note and trouble that a screen shows', async () => {
  const { default: zh } = await import(path.join(TOP, 'web', 'i18n', 'zh.js'));
  const trouble = /^(link\.|notice\.|recount\.|visit\.mark|drill\.trouble|export\.failed|m\.error\.|m\.state\.signin|check\..*\.bad$|admin\.(closed|recount\.bad)$)/;
  const keys = Object.keys(zh).filter((key) => trouble.test(key));
  assert.ok(keys.length > 25);
  for (const key of keys) assert.ok(hasWords(zh[key]), `the handbook doesn't explain ${key}: ${zh[key]}`);
});

test('the handbook explains every event of the log', () => {
  const folders = fs.readdirSync(path.join(TOP, 'src'));
  const sources = folders.flatMap((folder) => fs.readdirSync(path.join(TOP, 'src', folder)).map((name) => path.join('src', folder, name)));
  const events = new Set();
  for (const name of sources.filter((file) => file.endsWith('.c'))) {
    const code = text(name);
    for (const [, event] of code.matchAll(/(?:log_write\([^;"]*?|acceptor_complain\([^;"]*?)"([a-z_]+)"/g)) events.add(event);
    for (const [, event] of code.matchAll(/"event=([a-z_]+)\\n"/g)) events.add(event);
  }
  assert.ok(events.size > 40);
  for (const event of events) assert.ok(handbook.includes(`\`${event}\``), `the handbook doesn't explain event=${event}`);
});

test('the changes of this version are told, here and in the package', () => {
  const [, version] = / (\d+\.\d+\.\d+)$/m.exec(say(TALLYD, '--version'));
  assert.equal(/^## (.*)$/m.exec(text('CHANGELOG.md'))[1], version);
  assert.ok(text('packaging/deb/changelog').startsWith(`tallyd (${version}) `));
});
