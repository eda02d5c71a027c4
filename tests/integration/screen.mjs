// A cockpit's side of /ws: collects what it is sent, keeps the newest state as a page would, and
// notes whatever breaks the protocol's promises.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';

export class Screen {
  constructor(url, { protocols = ['tally.v1'], ...options } = {}) {
    this.messages = [];
    this.seen = 0;
    this.bytes = 0;
    this.waiting = [];
    this.faults = [];
    this.views = [];
    this.events = [];
    this.rev = null;
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data, binary) => this.#take(data, binary));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('unexpected-response', (request, answer) => {
        const refusal = new Error(`refused with ${answer.statusCode}`);
        refusal.status = answer.statusCode;
        request.destroy();
        reject(refusal);
      });
      this.socket.on('error', reject);
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  #take(data, binary) {
    this.bytes += data.length;
    if (binary) this.faults.push('a binary message');
    const message = JSON.parse(data.toString('utf8'));
    if (message.type === 'snapshot') this.#snapshot(message);
    if (message.type === 'delta') this.#delta(message);
    this.messages.push(message);
    this.#wake();
  }

  #snapshot(message) {
    if (this.epoch === message.epoch && message.rev < this.rev)
      this.faults.push(`rev fell to ${message.rev}`);
    this.epoch = message.epoch;
    this.rev = message.rev;
    this.views = structuredClone(message.views);
    this.events = message.events;
  }

  #delta(message) {
    if (message.prev !== this.rev) this.faults.push(`delta on ${message.prev}, but shown is ${this.rev}`);
    if (message.epoch !== this.epoch) this.faults.push(`delta of epoch ${message.epoch}`);
    if (message.rev <= message.prev) this.faults.push(`delta from ${message.prev} to ${message.rev}`);
    if (message.views.length !== this.views.length)
      this.faults.push(`delta of ${message.views.length} views`);
    this.rev = message.rev;
    message.views.forEach((change, i) => {
      const view = this.views[i];
      if (!view) return;
      Object.assign(view.totals, change.totals ?? {});
      for (const group of change.groups ?? []) {
        const known = view.groups.find((g) => g.id === group.id);
        if (known) Object.assign(known, group);
        else this.faults.push(`delta of unknown group ${group.id}`);
      }
    });
  }

  #wake() {
    for (const retry of this.waiting.splice(0)) retry();
  }

  /** The next message, of those not yet taken, that fits; those before it are passed over. */
  next(fits, what, ms = 30_000) {
    return this.#await(
      () => {
        while (this.seen < this.messages.length) {
          const message = this.messages[this.seen++];
          if (fits(message)) return message;
        }
        return null;
      },
      what,
      ms,
    );
  }

  type(type, ms) {
    return this.next((message) => message.type === type, `a ${type}`, ms);
  }

  /** Waits until the screen shows at least this revision. */
  shows(rev, ms = 30_000) {
    return this.#await(
      () => this.rev !== null && this.rev >= rev,
      `revision ${rev}, shown is ${this.rev}`,
      ms,
    );
  }

  #await(probe, what, ms) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new Error(
              `no ${what} in ${ms} ms; the last message was ${JSON.stringify(this.messages.at(-1))?.slice(
                0,
                400,
              )}`,
            ),
          ),
        ms,
      );
      const retry = () => {
        const found = probe();
        if (found) {
          clearTimeout(late);
          resolve(found);
        } else if (this.socket.readyState === WebSocket.CLOSED) {
          clearTimeout(late);
          reject(new Error(`closed while waiting for ${what}`));
        } else this.waiting.push(retry);
      };
      retry();
    });
  }

  /** Asks for views and waits for their snapshot. */
  async look(...views) {
    this.seen = this.messages.length;
    this.say({ views });
    const snapshot = await this.next(
      (m) =>
        m.type === 'snapshot' &&
        m.views.length === views.length &&
        m.views.every((view, i) => view.range === views[i].range),
      'a snapshot of the views',
    );
    return snapshot;
  }

  say(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Asserts that nothing broke the protocol so far. */
  fine() {
    assert.deepEqual(this.faults, []);
  }

  end() {
    this.socket.terminate();
  }
}
