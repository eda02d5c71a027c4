// tallyctl watch on a terminal: what it shows, that it fits, and that it leaves the terminal as it was.
// `script` gives it one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach } from 'node:test';
import { TALLYCTL, cleanEnv, event, scene, until } from './harness.mjs';

const activity = (fields) => event('activity', { title: '义诊', community: 'm1', residents: 5, ...fields });
const now = () => new Date().toISOString();
const OPEN = '\x1b[?1049h\x1b[?25l';
const CLOSE = '\x1b[?25h\x1b[?1049l';
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/;
const width = (line) => [...line].reduce((sum, c) => sum + (wide.test(c) ? 2 : 1), 0);

/** A terminal in which WHERE is watched. */
class Terminal {
  static open = [];

  constructor(s, where, { rows = 24, columns = 80, env = {} } = {}) {
    this.flag = path.join(s.folder, `resize-${++s.serial}`);
    const watch = [TALLYCTL, ...where, 'watch'].join(' ');
    // Another size as soon as the file is there, from within: script itself has no terminal.
    const resize = `(until [ -e ${this.flag} ]; do [ -d ${s.folder} ] || exit; sleep 0.05; done; stty $(cat ${this.flag}) </dev/tty) &`;
    const script = `trap : INT; stty rows ${rows} cols ${columns}; ${resize} ${watch}; echo "ended with $?"; stty -a`;
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'script', '-qefc', script, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: cleanEnv({ TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...env }),
    });
    this.text = '';
    this.child.stdout.setEncoding('utf8').on('data', (part) => {
      this.text += part;
    });
    this.ended = once(this.child, 'close');
    Terminal.open.push(this);
  }

  type(keys) {
    this.child.stdin.write(keys);
  }

  resize(rows, columns) {
    fs.writeFileSync(`${this.flag}.new`, `rows ${rows} cols ${columns}`);
    fs.renameSync(`${this.flag}.new`, this.flag);
  }

  /** The newest whole picture's lines, without what is no text. */
  picture() {
    const whole = this.text.slice(0, this.text.lastIndexOf('\x1b[K\x1b[J'));
    const from = whole.lastIndexOf('\x1b[H');
    if (from < 0) return [];
    return whole.slice(from).replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').split(/\r*\n/);
  }

  async shows(pattern, what = pattern) {
    return until(() => {
      const lines = this.picture();
      return pattern.test(lines.join('\n')) && lines;
    }, `the terminal to show ${what}; it shows\n${this.picture().join('\n')}`);
  }

  fits(rows, columns) {
    const lines = this.picture();
    assert.ok(lines.length <= rows, `${lines.length} lines`);
    for (const line of lines) assert.ok(width(line) <= columns, `${width(line)} columns: ${line}`);
  }

  /** Ends it by KEYS; gives what the shell says of it after. */
  async end(keys) {
    this.type(keys);
    await this.ended;
    const at = this.text.lastIndexOf(CLOSE);
    assert.ok(at > this.text.indexOf(OPEN), 'the page that was there is shown again');
    return this.text.slice(at + CLOSE.length);
  }
}

// One whose scene failed would keep this process waiting.
afterEach(() => {
  for (const { child } of Terminal.open.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

scene('figures, bars, feed and state stand on a terminal of any size', async (s) => {
  const d = await s.daemon();
  await d.count(activity({ at: now() }), activity({ at: now(), community: 'm3' }), activity(), activity({ at: now() }));
  const terminal = new Terminal(s, ['--url', d.url]);
  await terminal.shows(/● live/);
  const lines = await terminal.shows(
    /as of \d\d:\d\d:\d\d \(\d+ s\) {2}queue 0 {2}revision 4$[^]*^第三圈[^]*activity {2}义诊/m,
  );
  assert.match(lines[0], /^测试联盟 +● live$/);
  assert.match(lines[1], new RegExp(`^http://${d.address} +as of`));
  assert.match(lines.join('\n'), /^activities +4 +\+3 /m);
  const [first, second, third] = ['第一圈', '第二圈', '第三圈'].map((name) => lines.find((l) => l.startsWith(name)));
  const bars = (line) => (line.match(/█/g) ?? []).length;
  assert.match(first, /^第一圈 +3 +15 /);
  assert.ok(bars(first) > bars(second) && bars(second) > 0 && bars(third) === 0, `${first}\n${second}\n${third}`);
  assert.match(lines.join('\n'), /^\d\d:\d\d:\d\d {2}activity {2}义诊 .*社区一 +\+5$/m);
  terminal.fits(24, 80);

  await d.count(activity({ title: '讲座', at: now() }));
  await terminal.shows(/^\d\d:\d\d:\d\d {2}activity {2}讲座/m);
  terminal.resize(12, 44);
  await until(() => terminal.picture().every((line) => width(line) <= 44), 'the smaller picture');
  terminal.fits(12, 44);
  await terminal.shows(/^activities +5 +\+4/m);
  const after = await terminal.end('q');
  assert.match(after, /ended with 0/);
});

scene('Ctrl-C leaves the terminal as it was', async (s) => {
  const d = await s.daemon();
  const terminal = new Terminal(s, ['--state', d.state]);
  await terminal.shows(/● live/);
  const after = await terminal.end('\x03');
  assert.match(after, /ended with 0/);
  assert.match(after, /(?<!-)\becho\b/);
  assert.match(after, /(?<!-)\bicanon\b/);
});

scene('colour only where it is wanted, Chinese where it is', async (s) => {
  const d = await s.daemon();
  await d.count(activity({ at: now() }));
  const colours = /\x1b\[[0-9;]*m/;
  for (const [env, coloured] of [[{}, true], [{ NO_COLOR: '1' }, false], [{ TERM: 'dumb' }, false]]) {
    const terminal = new Terminal(s, ['--url', d.url], { env });
    await terminal.shows(/● live/);
    assert.equal(colours.test(terminal.text), coloured, JSON.stringify(env));
    await terminal.end('q');
  }
  const chinese = new Terminal(s, ['--url', d.url], { env: { LC_ALL: 'zh_CN.UTF-8' } });
  await chinese.shows(/● 实时[^]*^活动 +1 +\+1 [^]*^\d\d:\d\d:\d\d {2}活动 +义诊/m);
  chinese.fits(24, 80);
  await chinese.end('q');
  // No terminal: lines, without a code among them.
  const child = spawn(TALLYCTL, ['--url', d.url, 'watch'], { env: cleanEnv({ TERM: 'xterm' }) });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  await until(() => text.includes('\n'), 'a line');
  child.kill('SIGTERM');
  await once(child, 'close');
  assert.match(text, /^revision 1: activities 1, /);
  assert.ok(!text.includes('\x1b'));
});

scene('it says when the store or the daemon is gone, and goes on by itself', async (s) => {
  const server = await s.redis();
  const d = await s.daemon({ redis: server.url, config: { access: { viewers: 'token' } } });
  await d.count(activity());
  const terminal = new Terminal(s, ['--state', d.state]); // the owner needs no token
  await terminal.shows(/● live/);
  await server.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  assert.equal((await d.post([activity()])).status, 202);
  await terminal.shows(/● the store is away; queued: \d/);
  await server.start();
  await terminal.shows(/● live[^]*^activities +2 /m);
  await d.stop();
  await terminal.shows(/● no connection/);
  await d.restart();
  await terminal.shows(/● live/);
  await terminal.end('q');
});
