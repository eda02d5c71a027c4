// Senders as they should be: each holds a connection, sends a batch, and sends it again with the
// same ids until it has been acknowledged, however often the answer doesn't come.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Broken } from './process.mjs';

const LAG_MAX = 5_000; // ms: what is made good after a fault
const TRANSIENT = [0, 429, 502, 503, 504]; // two of them a balancer's, that had no answer either

export class Senders {
  /** TARGETS: daemons to send to, or a balancer before MANY; connections take them in turn. RATE: events a second. */
  constructor(targets, token, model, chance, { rate = 2_600, connections = 8, batch = 50 } = {}) {
    Object.assign(this, { targets, token, model, chance, rate, connections, batch });
    this.sent = 0; // events that went out for the first time
    this.repeated = 0; // … in a second batch of their own accord
    this.retried = 0; // … again, as no answer came
    this.acked = 0;
    this.statuses = new Map();
    this.failure = null;
    this.busy = 0;
    this.running = null;
    this.seconds = 0;
  }

  resume() {
    this.stopping = false;
    this.since = Date.now();
    this.due = this.since;
    this.running = Array.from({ length: this.connections }, (_, i) => this.#work(i));
  }

  /** Stops making events; every one that was made is acknowledged when this resolves. */
  async finish() {
    this.stopping = true;
    await Promise.all(this.running);
    this.seconds += (Date.now() - this.since) / 1000;
    if (this.failure) throw this.failure;
  }

  /** Lets go of what is under way, for a run that has failed. */
  abandon() {
    this.failure ??= new Broken('abandoned');
    this.stopping = true;
  }

  /** A pace for all connections together, so that a pause is made good afterwards. */
  async #pace(events) {
    const now = Date.now();
    if (this.due < now - LAG_MAX) this.due = now - LAG_MAX;
    this.due += (events * 1000) / this.rate;
    if (this.due > now) await pause(this.due - now);
  }

  async #work(i) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    try {
      while (!this.stopping && !this.failure) {
        const entries = this.model.batch(1 + this.chance.below(this.batch));
        await this.#pace(entries.length);
        await this.#deliver(this.targets[i % this.targets.length], agent, entries);
        if (this.chance.chance(0.01)) await this.#forge(this.targets[i % this.targets.length], agent);
      }
    } catch (error) {
      this.failure ??= error;
    } finally {
      agent.destroy();
    }
  }

  #note(status) {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  async #deliver(daemon, agent, entries) {
    const body = JSON.stringify(entries.map((entry) => entry.event));
    for (let tries = 0; !this.failure; tries += 1) {
      // What another daemon has taken may still lie in its journal, or be gone from a store that went
      // back: whichever is first then counts it. That it was counted once, the end shows.
      const before = entries.map((entry, i) => (entry.by === daemon && !daemon.many) || entries.indexOf(entry) < i);
      for (const entry of entries) {
        if (tries > 0) this.retried += 1;
        else if (entry.sent) this.repeated += 1;
        else this.sent += 1;
        entry.sent = true;
      }
      const answer = await daemon.request('/api/v1/events', {
        method: 'POST',
        body,
        token: this.token,
        agent,
        timeout: 15_000,
      });
      this.#note(answer.status);
      if (answer.status === 200 || answer.status === 202) {
        const fresh = new Set(entries.filter((entry) => !entry.acked)).size;
        this.model.judge(answer.status, JSON.parse(answer.text).results, entries, before);
        for (const entry of entries) entry.by ??= daemon;
        this.acked += fresh;
        return;
      }
      if (!TRANSIENT.includes(answer.status))
        throw new Broken(`POST: ${answer.status} ${answer.text}`);
      await pause(20 + this.chance.below(60));
    }
  }

  /** An acknowledged id with other content: whatever is answered, it must not count. */
  async #forge(daemon, agent) {
    const event = this.model.forged();
    if (!event) return;
    const answer = await daemon.request('/api/v1/events', {
      method: 'POST',
      body: JSON.stringify([event]),
      token: this.token,
      agent,
    });
    if (answer.status === 200 && JSON.parse(answer.text).results[0].status !== 'conflict')
      throw new Broken(`${event.id} with other content: ${answer.text}`);
  }
}
