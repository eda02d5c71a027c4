// A Redis of a test's own behind a door: connections go through it, and it can keep back what the
// store says to whoever follows its changes, while all others are served, as a network would that
// has lost one connection without a word.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { folder, remove, until } from './fixture.mjs';

export class Store {
  #following = new Set();
  #shut = false;

  async start() {
    this.folder = folder();
    const inner = path.join(this.folder, 'r');
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server', '-'],
                       { stdio: ['pipe', 'ignore', 'ignore'] });
    this.child.stdin.end(`port 0\nunixsocket ${inner}\ndir ${this.folder}\nappendonly yes\n`
      + 'appendfsync always\nmaxmemory-policy noeviction\n');
    this.door = net.createServer((daemon) => this.#through(daemon, net.connect(inner)));
    this.door.listen(path.join(this.folder, 'd'));
    await until(() => new Promise((resolve) => {
      const probe = net.connect(inner, () => resolve(probe.end())).on('error', () => resolve(false));
    }), 'the store to start');
    this.url = `unix://${path.join(this.folder, 'd')}`;
  }

  #through(daemon, redis) {
    daemon.on('data', (bytes) => {
      if (bytes.includes('XREAD')) this.#following.add(redis);
      if (this.#shut && this.#following.has(redis)) redis.pause();
    });
    daemon.pipe(redis).on('error', () => daemon.destroy());
    redis.pipe(daemon).on('error', () => redis.destroy());
    redis.on('close', () => this.#following.delete(redis));
  }

  /** Keeps back every change from now on; nobody is told. */
  silenceFollower() {
    this.#shut = true;
    for (const redis of this.#following) redis.unpipe().pause();
  }

  /** Lets changes through again, for whoever comes anew. */
  hearFollower() {
    this.#shut = false;
    for (const redis of this.#following) redis.destroy();
  }

  async stop() {
    this.door?.close();
    if (this.child && this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'close');
    }
    if (this.folder) remove(this.folder);
  }
}
