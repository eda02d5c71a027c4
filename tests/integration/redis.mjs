// A redis-server of a test's own: on a unix socket in a folder of its own, or on a free TCP port;
// it can be killed and started again on the same data.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A port that was free just now. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Redis {
  /** CONFIG: lines of redis.conf by name. TCP: listen on 127.0.0.1 as well. LOGIN: further
   * arguments with which redis-cli is let in. */
  constructor(folder, { config = {}, tcp = false, login = [] } = {}) {
    this.folder = folder;
    this.socket = path.join(folder, 'r.sock');
    this.tcp = tcp;
    this.login = login;
    this.config = {
      appendonly: 'yes',
      appendfsync: 'always',
      save: '""',
      'maxmemory-policy': 'noeviction',
      ...config,
    };
    this.url = `unix://${this.socket}`;
    fs.mkdirSync(folder);
  }

  async start() {
    if (this.tcp) this.port ??= await freePort();
    const lines = [
      `port ${this.port ?? 0}`,
      'bind 127.0.0.1',
      `unixsocket ${this.socket}`,
      `dir ${this.folder}`,
      ...Object.entries(this.config).flatMap(([name, value]) => [value].flat().map((v) => `${name} ${v}`)),
    ];
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server', '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.child.stdin.end(`${lines.join('\n')}\n`);
    this.ended = once(this.child, 'close');
    for (;;) {
      const answer = await this.cli('PING').catch(() => '');
      if (/PONG|NOAUTH/.test(answer)) return this;
      assert.equal(this.child.exitCode, null, 'redis-server must start');
      await pause(15);
    }
  }

  /** One command by redis-cli; its output without the last line end. */
  async cli(...args) {
    const { stdout } = await exec('redis-cli', ['-s', this.socket, ...this.login, ...args], {
      maxBuffer: 1 << 28,
    });
    return stdout.replace(/\n$/, '');
  }

  /** Everything in the store as text, key by key, for searching. */
  async dump() {
    const readers = {
      string: ['GET'],
      hash: ['HGETALL'],
      set: ['SMEMBERS'],
      list: ['LRANGE', '0', '-1'],
      zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
      stream: ['XRANGE', '-', '+'],
    };
    let text = '';
    for (const key of await this.keys()) {
      const [command, ...rest] = readers[await this.cli('TYPE', key)];
      text += `${key}\n${await this.cli(command, key, ...rest)}\n`;
    }
    return text;
  }

  async keys() {
    return (await this.cli('--scan')).split('\n').filter(Boolean);
  }

  async kill(signal = 'SIGKILL') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await this.ended;
  }

  stop() {
    return this.kill();
  }
}
