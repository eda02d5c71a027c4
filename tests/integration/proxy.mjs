// Stands between a daemon and its Redis, and can let the stream of changes die silently: its
// connection stays open, but nothing comes through any more, while the others go on.
import { once } from 'node:events';
import net from 'node:net';

export class Proxy {
  constructor(store) {
    this.pairs = new Set();
    this.hushed = false;
    this.server = net.createServer((near) => this.#join(near, net.connect(store.socket)));
  }

  async open() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `redis://127.0.0.1:${this.server.address().port}/0`;
    return this;
  }

  #join(near, far) {
    const pair = { near, far, mute: this.hushed, follows: false };
    const end = () => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    this.pairs.add(pair);
    near.on('data', (bytes) => {
      pair.follows ||= bytes.includes('XREAD\r\n');
      if (!pair.mute) far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!pair.mute) near.write(bytes);
    });
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  }

  /** Nothing passes on the connections that follow, nor on any that is made from now on. */
  hush() {
    this.hushed = true;
    for (const pair of this.pairs) pair.mute = pair.follows;
  }

  /** The silent ones end, and those made from now on work. */
  mend() {
    this.hushed = false;
    for (const pair of this.pairs) if (pair.mute) pair.near.destroy();
  }

  close() {
    this.server.close();
    for (const pair of this.pairs) pair.near.destroy();
  }
}
