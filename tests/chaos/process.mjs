// The daemon as a process that dies: started, killed with or without its private Redis, stopped in
// its tracks, started again on the same folder, each time on a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TOP = path.join(HERE, '..', '..');
const ALLIANCE = path.join(HERE, '..', 'integration', 'alliance.json');
export const TALLYD = path.resolve(process.env.TALLYD ?? path.join(TOP, 'build', 'dev', 'tallyd'));
export const TALLYCTL = path.resolve(process.env.TALLYCTL ?? path.join(path.dirname(TALLYD), 'tallyctl'));

/** What the daemon or the test broke: told by its words alone. */
export class Broken extends Error {}

/** Awaits until PROBE gives something true, and gives it. */
export async function until(probe, what, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Broken(`still waiting for ${what} after ${ms / 1000} s`);
    await pause(10);
  }
}

export function isRunning(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function childrenOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function nameOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Resident memory in MiB; 0 once it has ended. */
export function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

export function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Runs a program to its end. */
export async function run(file, args, { env = {} } = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
  }
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, text };
}

/** A folder for one run, removed at its end unless something was found. */
export const makeFolder = (under = os.tmpdir()) => fs.mkdtempSync(path.join(under, 'tc-'));

/** One request; {status 0} when no answer came. */
export function ask(to, target, { method = 'GET', body, token, agent, timeout = 30_000 } = {}) {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve) => {
    const nothing = (error) => resolve({ status: 0, text: String(error) });
    const options = { host: '127.0.0.1', ...to, method, path: target, headers, agent };
    const request = http.request(options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', nothing);
      answer.on('aborted', nothing);
      answer.on('end', () => {
        if (!answer.complete) return nothing('cut off');
        const { statusCode: status, headers: told } = answer;
        return resolve({ status, headers: told, text: Buffer.concat(parts).toString('utf8') });
      });
    });
    request.setTimeout(timeout, () => request.destroy(new Error('no answer in time')));
    request.on('error', nothing);
    request.end(body);
  });
}

export class Daemon {
  /** WRAP: a program and its arguments to run it under. ENV: more environment, for Redis as well.
   * HOST, PORT: where to listen, each time; port 0: any that is free. */
  constructor(folder, options = {}) {
    const { name = 'd', redis = 'private', config = {}, env = {}, wrap = [], state } = options;
    const { host = '127.0.0.1', port = 0 } = options;
    this.folder = folder;
    this.state = state ?? path.join(folder, name);
    this.redis = redis;
    this.env = env;
    this.wrap = wrap;
    this.host = host;
    this.fixed = port;
    this.logFile = path.join(folder, `${name}.log`);
    this.config = path.join(folder, `${name}.json`);
    this.starts = 0;
    fs.writeFileSync(this.config, JSON.stringify({ alliance: { file: ALLIANCE }, ...config }));
  }

  get aofFolder() {
    return path.join(this.state, 'redis', 'appendonlydir');
  }

  get journalFolder() {
    return path.join(this.state, 'journal');
  }

  /** Starts it; resolves once it listens. */
  async start() {
    const args = ['--listen', `${this.host}:${this.fixed}`, '--state', this.state, '--config', this.config];
    const [file, ...rest] = [...this.wrap, TALLYD, ...args, '--redis', this.redis];
    this.starts += 1;
    fs.appendFileSync(this.logFile, `--- start ${this.starts}\n`);
    const log = fs.openSync(this.logFile, 'a');
    const from = fs.fstatSync(log).size;
    // Should this process be killed, the daemon goes with it.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...rest], {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.env },
    });
    fs.closeSync(log);
    this.exit = null;
    const child = this.child;
    this.ended = once(child, 'close').then(([code, signal]) => {
      if (this.child === child) this.exit = code ?? signal;
    });
    const found = await until(
      () => this.exit !== null || /event=listening.*?address="?([^\s"]+)/.exec(this.log(from)),
      'the daemon to listen',
    );
    if (found === true) throw new Broken(`the daemon ended with ${this.exit} before it listened`);
    this.port = Number(found[1].split(':').pop());
    this.pid = this.wrap.length ? this.#find() : this.child.pid;
    return this;
  }

  /** Under a wrapper the daemon is a child of it, or it itself. */
  #find() {
    const all = [this.child.pid, ...childrenOf(this.child.pid)];
    return all.find((pid) => nameOf(pid) === 'tallyd') ?? this.child.pid;
  }

  log(from = 0) {
    return fs.readFileSync(this.logFile).subarray(from).toString('utf8');
  }

  redisPid() {
    return childrenOf(this.pid).find((pid) => nameOf(pid) === 'redis-server') ?? null;
  }

  /** Kills the daemon; its Redis ends by itself, in its own time. */
  async kill() {
    send(this.pid, 'SIGKILL');
    await this.ended;
  }

  /** Kills it and all that it has started, as far as a machine that dies can be played. */
  async killAll() {
    const pids = [this.pid, ...childrenOf(this.pid)];
    for (const pid of pids) send(pid, 'SIGKILL');
    await this.ended;
    await until(() => !pids.some(isRunning), 'the killed processes to be gone');
  }

  /** Kills the private Redis, and gives its process id; DURING runs while the daemon stands still. */
  async killRedis(during) {
    const pid = await until(() => this.redisPid(), 'the private Redis to run');
    if (during) send(this.pid, 'SIGSTOP');
    send(pid, 'SIGKILL');
    if (!during) return pid;
    await until(() => !isRunning(pid), 'Redis to be gone');
    await during();
    send(this.pid, 'SIGCONT');
    return pid;
  }

  async stop() {
    if (this.exit !== null) return;
    send(this.pid, 'SIGTERM');
    const late = setTimeout(() => send(this.pid, 'SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(late);
    if (this.exit !== 0) throw new Broken(`SIGTERM ended the daemon with ${this.exit}`);
  }

  async end() {
    if (this.exit === null) await this.killAll();
  }

  ctl(...args) {
    return run(TALLYCTL, ['--state', this.state, ...args]);
  }

  async token(role = 'admin') {
    const { code, text } = await this.ctl('token', 'add', `chaos-${role}`, '--role', role);
    if (code !== 0) throw new Broken(`token add: ${text}`);
    return text.trim();
  }

  /** One request, as `ask` does it. OWNER: by the socket in the state folder. */
  request(target, { owner = false, ...options } = {}) {
    return ask(owner ? { socketPath: path.join(this.state, 'tallyd.sock') } : { host: this.host, port: this.port }, target, options);
  }

  async get(target, options) {
    const answer = await this.request(target, options);
    if (answer.status !== 200) throw new Broken(`GET ${target}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  /** Waits until the store is up and, unless BUSY, nothing is queued. */
  async drained(ms = 60_000, busy = false) {
    let last = '';
    const is = async () => {
      if (this.exit !== null) throw new Broken(`the daemon ended by itself with ${this.exit}`);
      const answer = await this.request('/readyz');
      last = answer.text;
      return answer.status === 200 && (busy || JSON.parse(answer.text).queued === 0);
    };
    await until(is, `the daemon to ${busy ? 'be ready' : 'drain'}`, ms).catch((error) => {
      throw new Broken(`${error.message}: ${last.trim()}`);
    });
  }

  ready() {
    return this.drained(60_000, true);
  }
}
