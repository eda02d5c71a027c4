// The fixture: every test ("scene") has a folder, daemons and, where it asks, Redis servers of its
// own, on free ports and short paths. When a scene ends, each daemon must end by SIGTERM with 0,
// without a sanitizer's report, taking its private Redis along; if anything failed, the daemons'
// logs are printed.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from './redis.mjs';
import { Screen } from './screen.mjs';

export const TALLYD = process.env.TALLYD;
export const TALLYCTL = process.env.TALLYCTL;
const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ALLIANCE_FILE = path.join(HERE, 'alliance.json');
export const ALLIANCE = JSON.parse(fs.readFileSync(ALLIANCE_FILE, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
const SANITIZER_REPORT = /AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehaviorSanitizer/;
const SANITIZER_ENV = {
  ASAN_OPTIONS: 'exitcode=99:detect_leaks=1:quarantine_size_mb=16',
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=99',
};

/** Awaits until PROBE gives something true, and gives it; says WHAT was awaited if it never does. */
export async function until(probe, what, ms = 30_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) assert.fail(`still waiting for ${what} after ${ms} ms`);
    await pause(15);
  }
}

/** A process's environment: none of the caller's own settings. */
export function cleanEnv(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TALLY'));
  return { ...Object.fromEntries(kept), ...SANITIZER_ENV, ...extra };
}

/** The environment in which a daemon's clock begins at TIME of the tests' time zone. */
export function clockAt(time) {
  const library = execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1']).toString().trim();
  return {
    LD_PRELOAD: library,
    FAKETIME: `@${time}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: 'Asia/Shanghai',
    ASAN_OPTIONS: 'exitcode=99:detect_leaks=1:verify_asan_link_order=0',
  };
}

/** Runs a program to its end. */
export async function run(file, args, { input, env } = {}) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: cleanEnv(env) });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      out[name] += text;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  assert.doesNotMatch(out.stderr, SANITIZER_REPORT);
  return { code: code ?? signal, ...out };
}

export function isRunning(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export function childrenOf(pid) {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => {
      try {
        const stat = fs.readFileSync(`/proc/${other}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** Resident memory in MiB. */
export const memoryOf = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

export class Daemon {
  constructor(scene, { state, redis, config = {}, configFile, env = {}, args, wrap = [], port = 0 } = {}) {
    this.port = port;
    this.scene = scene;
    this.state = state ?? path.join(scene.folder, `s${scene.daemons.length}`);
    this.redis = redis;
    this.env = env;
    this.config = configFile ?? scene.writeConfig(config);
    this.args = args;
    this.wrap = wrap;
    this.log = '';
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    this.lastRev = 0;
  }

  /** Starts the process; ready() says when it counts. */
  launch() {
    const args = this.args ?? [
      '--listen',
      `127.0.0.1:${this.port}`,
      '--state',
      this.state,
      '--config',
      this.config,
      ...(this.redis ? ['--redis', this.redis] : []),
    ];
    // Should this process be killed, the daemons go with it.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...this.wrap, TALLYD, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: cleanEnv(this.env),
      cwd: this.scene.folder,
    });
    this.pid = this.child.pid;
    this.exited = null;
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.exited = code ?? signal;
    });
    this.log += `--- pid ${this.pid}: tallyd ${args.join(' ')}\n`;
    const start = this.log.length;
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log += text;
    });
    this.logSinceStart = () => this.log.slice(start);
    return this;
  }

  async listening() {
    const found = await until(
      () => this.exited !== null || /event=listening.*?address="?([^\s"]+)/.exec(this.logSinceStart()),
      'event=listening',
    );
    assert.notEqual(found, true, `tallyd ended with ${this.exited} before it listened:\n${this.log}`);
    this.address = found[1];
    this.url = `http://${this.address}`;
    return this;
  }

  async ready() {
    await this.listening();
    await until(async () => (await this.get('/readyz')).status === 200, 'GET /readyz to say 200');
    return this;
  }

  /** The processes that it started: its private Redis. */
  children() {
    return childrenOf(this.pid);
  }

  /** Ends it by SIGTERM and holds it to its promises. */
  async stop() {
    if (this.exited !== null) return;
    const children = this.children();
    this.agent.destroy();
    process.kill(this.pid, 'SIGTERM');
    const late = setTimeout(() => {
      this.late = true;
      process.kill(this.pid, 'SIGKILL');
    }, 10_000);
    await this.ended;
    clearTimeout(late);
    assert.ok(!this.late, 'SIGTERM must end the daemon within 10 s');
    assert.doesNotMatch(this.log, SANITIZER_REPORT);
    assert.equal(this.exited, 0, 'SIGTERM must end the daemon with 0');
    await until(() => !children.some(isRunning), 'the private redis-server to end', 10_000);
  }

  /** Ends it by SIGKILL; it may leave nothing running behind. */
  async kill() {
    const children = this.children();
    process.kill(this.pid, 'SIGKILL');
    await this.ended;
    this.agent.destroy();
    await until(() => !children.some(isRunning), 'the private redis-server to end', 10_000);
  }

  async restart() {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    return this.launch().ready();
  }

  /** One HTTP request; never throws for a status. */
  request(method, target, { body, headers = {}, token, timeout = 20_000 } = {}) {
    const [host, port] = [
      this.address.slice(0, this.address.lastIndexOf(':')),
      this.address.split(':').pop(),
    ];
    const all = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
    if (body !== undefined && !('content-length' in all)) all['content-length'] = Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const request = http.request(
        { host, port, method, path: target, headers: all, agent: this.agent },
        (answer) => {
          const parts = [];
          answer.on('data', (part) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => resolve(new Answer(answer, Buffer.concat(parts))));
        },
      );
      request.setTimeout(timeout, () =>
        request.destroy(new Error(`${method} ${target}: no answer in ${timeout} ms`)),
      );
      request.on('error', (error) => {
        // An idle connection may be closed by the server just as it is taken again.
        if (request.reusedSocket && error.code === 'ECONNRESET') {
          resolve(this.request(method, target, { body, headers, token, timeout }));
        } else reject(error);
      });
      request.end(body);
    });
  }

  get(target, options) {
    return this.request('GET', target, options);
  }

  async api(target, options) {
    const answer = await this.get(`/api/v1${target}`, options);
    assert.equal(answer.status, 200, `GET ${target}: ${answer.text}`);
    return answer.json;
  }

  ctl(...args) {
    return run(TALLYCTL, ['--state', this.state, ...args]);
  }

  /** Adds a token and gives it. */
  async token(role, { unit, name = `t${++this.scene.serial}` } = {}) {
    const { code, stdout, stderr } = await this.ctl(
      'token',
      'add',
      name,
      '--role',
      role,
      ...(unit ? ['--unit', unit] : []),
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\S+\n$/, 'the token stands alone on a line');
    const token = stdout.trim();
    // Every daemon on the store knows it within a second; this one's answers say when.
    await until(async () => (await this.post([], { token })).status !== 401, 'the new token to be known');
    return token;
  }

  async admin() {
    this.adminToken ??= await this.token('admin');
    return this.adminToken;
  }

  /** Posts events (an array, one event or a ready-made body). */
  async post(events, { token, type = 'application/json', headers = {} } = {}) {
    const raw = typeof events === 'string' || Buffer.isBuffer(events);
    return this.request('POST', '/api/v1/events', {
      body: raw ? events : JSON.stringify(events),
      headers: { 'content-type': type, ...headers },
      token: token ?? (await this.admin()),
    });
  }

  /** Posts events that must be taken; gives the statuses of the results. */
  async send(...events) {
    const answer = await this.post(events.flat());
    assert.equal(answer.status, 200, answer.text);
    this.lastRev = Math.max(this.lastRev, answer.json.rev);
    assert.deepEqual(
      answer.json.results.map((r) => r.id),
      events.flat().map((e) => e.id),
    );
    return answer.json.results.map((r) => r.status);
  }

  /** Posts events each of which must be counted. */
  async count(...events) {
    assert.deepEqual(
      await this.send(...events),
      events.flat().map(() => 'counted'),
    );
  }

  /** GET /totals once it shows all that this daemon has said 200 to. */
  async totals({ range, by, rev = this.lastRev, token } = {}) {
    const query = new URLSearchParams({ ...(range ? { range } : {}), ...(by ? { by } : {}) });
    return until(async () => {
      const totals = await this.api(`/totals?${query}`, { token });
      return totals.rev >= rev && totals;
    }, `/totals to reach revision ${rev}`);
  }

  screen(options) {
    return new Screen(`ws://${this.address}/ws`, options);
  }
}

class Answer {
  constructor(answer, bytes) {
    this.status = answer.statusCode;
    this.headers = answer.headers;
    this.bytes = bytes;
    this.text = bytes.toString('utf8');
    if (/^application\/json/.test(answer.headers['content-type'] ?? '') && bytes.length) {
      this.json = JSON.parse(this.text);
    }
  }
}

class Scene {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ti-'));
    this.daemons = [];
    this.servers = [];
    this.screens = [];
    this.serial = 0;
  }

  /** A configuration file: the tests' alliance unless SETTINGS say otherwise, and no recount by
   * itself, whatever the hour. */
  writeConfig(settings, name = `c${++this.serial}.json`) {
    const file = path.join(this.folder, name);
    const whole = {
      recount: { at: '' },
      ...settings,
      alliance: { file: ALLIANCE_FILE, ...settings.alliance },
    };
    fs.writeFileSync(file, JSON.stringify(whole, null, 2));
    return file;
  }

  /** A daemon, started and ready. */
  daemon(options) {
    return this.launch(options).ready();
  }

  launch(options) {
    const daemon = new Daemon(this, options);
    this.daemons.push(daemon);
    return daemon.launch();
  }

  async redis(options) {
    const server = new Redis(path.join(this.folder, `r${this.servers.length}`), options);
    this.servers.push(server);
    await server.start();
    return server;
  }

  async screen(daemon, options) {
    const screen = daemon.screen(options);
    this.screens.push(screen);
    await screen.opened;
    return screen;
  }

  async close() {
    for (const screen of this.screens) screen.end();
    const ends = await Promise.allSettled(this.daemons.map((daemon) => daemon.stop()));
    await Promise.allSettled(this.servers.map((server) => server.stop()));
    fs.rmSync(this.folder, { recursive: true, force: true });
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** Registers a test that is given a Scene. The deadline is the scene's own, so that one that runs
 * out of time is cleared away like any other. */
export function scene(name, body, { timeout = 120_000 } = {}) {
  test(name, async (t) => {
    const s = new Scene();
    let failure = null;
    const late = new AbortController();
    const deadline = pause(timeout, null, { signal: late.signal }).then(() =>
      assert.fail(`the scene is not over after ${timeout} ms`),
    );
    try {
      await Promise.race([body(s, t), deadline]);
    } catch (error) {
      failure = error;
    }
    deadline.catch(() => {});
    late.abort();
    try {
      await s.close();
    } catch (error) {
      failure ??= error;
    }
    if (failure === null) return;
    for (const daemon of s.daemons) console.error(`${daemon.log}--- ended with ${daemon.exited}`);
    throw failure;
  });
}

let serial = 0;
/** An event with an id of its own and a time in the past, unless FIELDS say otherwise. */
export const event = (kind, fields = {}) => ({
  id: `e-${++serial}`,
  kind,
  at: '2024-03-15T10:00:00+08:00',
  ...fields,
});

/** HELD, an activity, and what happens around it until it is taken back: an event of each kind that
 * anybody may post. */
export const everyKind = (held) => [
    held,
    event('reach', { activity: held.id, resident: 'r' }),
    event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1' }),
    event('problem', { problem: 'q', status: 'raised', title: 't', community: 'm1' }),
    event('plan', { plan: 'p', title: 't', starts: held.at, unit: 'u1' }),
    event('void', { of: held.id, reason: 'x' }),
];

const METRICS = [
  'activities',
  'venues',
  'residents',
  'residents_unique',
  'problems_raised',
  'problems_solved',
];
const ENTRIES = {
  circle: 'circles',
  community: 'communities',
  unit: 'units',
  project: 'projects',
  category: 'categories',
};
export const DIMENSIONS = Object.keys(ENTRIES);

/** All six metrics, zero where SOME doesn't say. */
export const figures = (some = {}) =>
  Object.fromEntries(METRICS.map((metric) => [metric, some[metric] ?? 0]));

export const pick = (row) => Object.fromEntries(METRICS.map((metric) => [metric, row[metric]]));

/** Asserts a range's totals: exactly these figures, all else zero. */
export async function expectTotals(daemon, range, some) {
  const got = await daemon.totals({ range });
  assert.deepEqual(got.totals, figures(some), `totals of ${range}`);
}

/** Asserts a range's groups of one dimension: every entry of the catalogue, zeros too. */
export async function expectGroups(daemon, range, by, some) {
  const got = await daemon.totals({ range, by });
  const want = ALLIANCE[ENTRIES[by]].map(({ id, name }) => ({ id, name, ...figures(some[id]) }));
  assert.deepEqual(got.groups, want, `groups of ${range} by ${by}`);
}
