// A redis-server of the test's own on a unix socket: it can be killed, kept away, started again on
// other data; and a proxy before it that cuts connections in the middle of a reply.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { run, send, until } from './process.mjs';

export class Store {
  constructor(folder, { name = 'r', fsync = 'always', env = {} } = {}) {
    this.folder = path.join(folder, name);
    this.socket = path.join(this.folder, 's');
    this.url = `unix://${this.socket}`;
    this.fsync = fsync;
    this.env = env;
    fs.mkdirSync(this.folder);
  }

  get aofFolder() {
    return path.join(this.folder, 'appendonlydir');
  }

  async start() {
    const lines = [
      'port 0',
      `unixsocket ${this.socket}`,
      `dir ${this.folder}`,
      'appendonly yes',
      `appendfsync ${this.fsync}`,
      'save ""',
      'maxmemory-policy noeviction',
      'auto-aof-rewrite-percentage 0',
    ];
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server', '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, ...this.env },
    });
    this.child.stdin.end(`${lines.join('\n')}\n`);
    this.ended = once(this.child, 'close');
    await until(async () => (await this.cli('PING')) === 'PONG', 'the own Redis to start', 120_000);
    return this;
  }

  async cli(...args) {
    return (await run('redis-cli', ['-s', this.socket, ...args])).text.replace(/\n$/, '');
  }

  get pid() {
    return this.child.pid;
  }

  async kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    send(this.pid, 'SIGKILL');
    await this.ended;
  }
}

/** A unix-socket proxy. cut(): the next reply of every connection is passed on by half, then the
 * connection is closed on both sides. */
export class Proxy {
  constructor(folder, store) {
    this.socket = path.join(folder, 'proxy');
    this.url = `unix://${this.socket}`;
    this.pairs = new Set();
    this.cuts = 0;
    this.server = net.createServer((near) => this.#join(near, net.connect(store.socket)));
  }

  async open() {
    this.server.listen(this.socket);
    await once(this.server, 'listening');
    return this;
  }

  #join(near, far) {
    const pair = { armed: false };
    const end = () => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    this.pairs.add(pair);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (!pair.armed) return void near.write(bytes);
      this.cuts += 1;
      near.write(bytes.subarray(0, bytes.length >> 1));
      near.end();
      return far.destroy();
    });
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  }

  cut() {
    for (const pair of this.pairs) pair.armed = true;
  }

  close() {
    this.server.close();
    for (const pair of this.pairs) pair.armed = true;
  }
}
