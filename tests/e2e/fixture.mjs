// A daemon of its own on a free port and an own state folder, and a browser of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const { TALLYD, TALLYCTL, CHROMIUM = '/usr/bin/chromium' } = process.env;
const BROWSER_FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync'];

/** Awaits until PROBE gives something true, and gives it; says WHAT was awaited if it never does. */
export async function until(probe, what, ms = 30_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) assert.fail(`still waiting for ${what} after ${ms} ms`);
    await pause(20);
  }
}

function ended(pid) {
  try {
    return /^\d+ \(.*\) [ZX]/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

function childrenOf(pid) {
  const file = `/proc/${pid}/task/${pid}/children`;
  return fs.readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** A folder that is gone when the tests are. */
export const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'te-'));
export const remove = (name) => fs.rmSync(name, { recursive: true, force: true, maxRetries: 5 });

export class Daemon {
  #log = '';

  /** REDIS: where its store is; ARGS: further arguments. */
  constructor({ redis = 'private', args = [] } = {}) {
    this.redis = redis;
    this.args = args;
    this.state = folder();
    this.port = 0;
  }

  /** Starts it, on the port that it had before if it had one, and awaits that it is ready. */
  async start() {
    const args = ['--listen', `127.0.0.1:${this.port}`, '--redis', this.redis, '--state', this.state,
                  ...this.args];
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', TALLYD, ...args],
                       { stdio: ['ignore', 'ignore', 'pipe'] });
    this.closed = once(this.child, 'close');
    this.child.on('close', () => { this.over = true; });
    this.over = false;
    let log = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => { log += text; this.#log += text; });
    const found = await until(() => {
      assert.ok(!this.over, `tallyd ended before it listened:\n${log}`);
      return /event=listening.*?address="?127\.0\.0\.1:(\d+)/.exec(log);
    }, 'event=listening');
    this.port = Number(found[1]);
    this.url = `http://127.0.0.1:${this.port}`;
    await until(() => fetch(`${this.url}/readyz`).then(({ status }) => status === 200, () => false),
                '/readyz to say 200');
  }

  /** The same daemon, as one of its alliances is spoken to. */
  as(alliance) {
    return Object.assign(Object.create(this), { alliance });
  }

  /** Where the interface answers TARGET. */
  api(target) {
    return `${this.url}/api/v1/${this.alliance ? `alliances/${this.alliance}/` : ''}${target}`;
  }

  async addToken() {
    const whose = this.alliance ? ['--alliance', this.alliance] : [];
    const ctl = spawn(TALLYCTL, ['--state', this.state, ...whose, 'token', 'add', 'cockpit', '--role', 'admin']);
    let out = '';
    ctl.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
    const [code] = await once(ctl, 'close');
    assert.equal(code, 0, 'tallyctl token add');
    this.token = out.trim();
    // A new token is known within a second.
    await until(async () => (await this.post([])).status !== 401, 'the token to be known');
  }

  post(events) {
    return fetch(this.api('events'), {
      method: 'POST', body: JSON.stringify(events),
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' } });
  }

  /** Posts events, each of which must be counted. */
  async count(...events) {
    const answer = await this.post(events);
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    assert.deepEqual(body.results.map(({ status }) => status), events.map(() => 'counted'));
  }

  async get(target) {
    return (await fetch(this.api(target))).json();
  }

  /** Ends it without a word, and awaits that its Redis is gone too. */
  async kill() {
    const children = childrenOf(this.child.pid);
    process.kill(this.child.pid, 'SIGKILL');
    await this.closed;
    await until(() => children.every(ended), 'the private redis-server to end');
  }

  async stop() {
    if (this.child && !this.over) {
      process.kill(this.child.pid, 'SIGTERM');
      await this.closed;
    }
    remove(this.state);
  }

  get log() {
    return this.#log;
  }
}

export class Browser {
  /** What went wrong on any page since the last look: errors, failed loads, forbidden content. */
  faults = [];

  /** ARGS: further arguments of the browser. */
  constructor({ args = [], timezoneId } = {}) {
    this.args = args;
    this.timezoneId = timezoneId;
  }

  async start() {
    this.profile = folder();
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: CHROMIUM, args: [...BROWSER_FLAGS, ...this.args], viewport: { width: 1920, height: 1080 },
      locale: 'zh-CN', timezoneId: this.timezoneId });
    await this.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`forbidden: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
  }

  async open(url, size) {
    const page = await this.context.newPage();
    if (size) await page.setViewportSize({ width: size[0], height: size[1] });
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.faults.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.faults.push('a dialog opened');
      dialog.dismiss();
    });
    await page.goto(url);
    return page;
  }

  async stop() {
    await this.context?.close();
    if (this.profile) remove(this.profile);
  }
}
