// Stands between a daemon and its Redis, and can let the stream of changes die silently: its
// connection stays open, but nothing comes through any more, while the others go on. And it can
// lose one call of two that are under way.
import { once } from 'node:events';
import net from 'node:net';

/** apply.lua is the one script that takes so many keys. */
const APPLY = /^\*\d+\r\n\$7\r\nEVALSHA\r\n\$40\r\n\w{40}\r\n\$2\r\n13\r\n/;
const UNKNOWN = `*3\r\n$7\r\nEVALSHA\r\n$40\r\n${'0'.repeat(40)}\r\n$1\r\n0\r\n`;

/** The length of the whole command at the buffer's start, or 0 if it hasn't come yet. */
function commandLength(bytes) {
  let at = bytes.indexOf('\r\n') + 2;
  for (let left = Number(bytes.subarray(1, at - 2)); left > 0 && at > 1; left -= 1) {
    const end = bytes.indexOf('\r\n', at) + 2;
    if (end < 2) return 0;
    at = end + Number(bytes.subarray(at + 1, end - 2)) + 2;
  }
  return at > 1 && at <= bytes.length ? at : 0;
}

export class Proxy {
  constructor(store) {
    this.pairs = new Set();
    this.hushed = false;
    this.losing = null;
    this.server = net.createServer((near) => this.#join(near, net.connect(store.socket)));
  }

  async open() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `redis://127.0.0.1:${this.server.address().port}/0`;
    return this;
  }

  #join(near, far) {
    const pair = { near, far, mute: this.hushed, follows: false, partial: Buffer.alloc(0) };
    const end = () => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    this.pairs.add(pair);
    near.on('data', (bytes) => {
      pair.follows ||= bytes.includes('XREAD\r\n');
      if (pair.mute) return;
      if (this.losing && !pair.follows) this.#lose(pair, bytes);
      else far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!pair.mute) near.write(bytes);
    });
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  }

  /**
   * Holds the next call that counts until another has come behind it; then only the other one goes
   * on, and in the first one's place a call of a script that Redis doesn't know. To be called while
   * no command is on its way. Gives promises of both having come.
   */
  loseFirst() {
    this.losing = { held: [] };
    const seen = (name) => new Promise((resolve) => (this.losing[name] = resolve));
    return { first: seen('first'), second: seen('second') };
  }

  #lose(pair, bytes) {
    const { losing } = this;
    pair.partial = Buffer.concat([pair.partial, bytes]);
    for (let n = commandLength(pair.partial); n > 0; n = commandLength(pair.partial)) {
      const command = pair.partial.subarray(0, n);
      pair.partial = pair.partial.subarray(n);
      const counts = APPLY.test(command.subarray(0, 100).toString('latin1'));
      if (!losing.held.length && !counts) {
        pair.far.write(command);
      } else if (!losing.held.length) {
        losing.held.push(Buffer.from(UNKNOWN));
        losing.first();
      } else {
        losing.held.push(command);
        if (counts) this.losing = null;
      }
      if (!this.losing) break;
    }
    if (this.losing) return;
    pair.far.write(Buffer.concat([...losing.held, pair.partial]));
    pair.partial = Buffer.alloc(0);
    losing.second();
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
