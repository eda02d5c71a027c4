// What was sent, what was promised about it, and the figures that follow from that. An event is
// made once and kept under its id with how often it went out and whether an answer acknowledged
// it. Nothing of circle c3 and no problem is ever voided: their figures may only grow.
import { Broken } from './process.mjs';

const COMMUNITIES = ['m1', 'm2', 'm3', 'm4', 'm5']; // m5 is circle c3's
const CIRCLE = { m1: 'c1', m2: 'c1', m3: 'c2', m4: 'c2', m5: 'c3' };
const RECENT = 400;

/** A generator of chance that can be repeated. */
export function dice(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n), chance: (p) => next() < p };
}

export class Model {
  constructor(chance, { prefix = 'e', share = { void: 0.04, reach: 0.2, venue: 0.05, problem: 0.05 } } = {}) {
    this.chance = chance;
    this.prefix = prefix;
    this.share = share;
    this.all = new Map(); // id -> entry
    this.open = []; // activities that may be reached or voided
    this.again = []; // to be sent a second time
    this.strange = new Set(); // ids of contents that must never be counted
    this.made = 0;
    this.voids = 0;
  }

  #entry(kind, fields) {
    this.made += 1;
    const at = new Date(Date.UTC(2024, this.made % 12, 1 + (this.made % 28), 4, 0, this.made % 60));
    const event = { id: `${this.prefix}-${this.made}`, kind, at: at.toISOString(), ...fields };
    const entry = { event, acked: false, voided: false, circle: null, pending: 0 };
    this.all.set(event.id, entry);
    return entry;
  }

  #activity() {
    const community = COMMUNITIES[this.chance.below(5)];
    const entry = this.#entry('activity', { title: '活动', community, residents: this.chance.below(50) });
    entry.circle = CIRCLE[community];
    return entry;
  }

  #reach() {
    const target = this.open[this.chance.below(this.open.length)];
    const entry = this.#entry('reach', { activity: target.event.id, residents: this.chance.below(20) });
    entry.circle = target.circle;
    entry.target = target;
    target.pending += 1;
    return entry;
  }

  #void() {
    const i = this.chance.below(this.open.length);
    const target = this.open[i];
    if (target.circle === 'c3' || target.pending > 0) return this.#activity();
    this.open.splice(i, 1);
    target.voided = true;
    this.voids += 1;
    return this.#entry('void', { of: target.event.id, reason: '更正' });
  }

  #next() {
    const { share } = this;
    let x = this.chance.next();
    if ((x -= share.void) < 0) return this.open.length ? this.#void() : this.#activity();
    if ((x -= share.reach) < 0) return this.open.length ? this.#reach() : this.#activity();
    const community = COMMUNITIES[this.chance.below(5)];
    if ((x -= share.venue) < 0) {
      const entry = this.#entry('venue', { venue: `v${this.made}`, shared: true, name: '阵地', community });
      entry.circle = CIRCLE[community];
      return entry;
    }
    if ((x -= share.problem) < 0) {
      const fields = { problem: `q${this.made}`, status: 'raised', title: '问题', community };
      const entry = this.#entry('problem', fields);
      entry.circle = CIRCLE[community];
      return entry;
    }
    return this.#activity();
  }

  /** N events, about a twentieth of which go out in another batch as well. */
  batch(n) {
    const out = [];
    while (out.length < n) {
      if (this.again.length && this.chance.chance(0.5)) {
        out.push(this.again.shift());
        continue;
      }
      const entry = this.#next();
      out.push(entry);
      if (this.chance.chance(0.05)) this.again.push(entry);
    }
    return out;
  }

  /** An activity that speaks of nothing else, for whoever sends it by another way. */
  plain() {
    const entry = this.#activity();
    entry.sent = true;
    return entry;
  }

  /** An id that was acknowledged, with other content. */
  forged() {
    if (!this.share.void) return null;
    const target = this.open[this.chance.below(this.open.length)];
    if (!target) return null;
    this.strange.add(target.event.id);
    return { ...target.event, residents: target.event.residents + 1_000 };
  }

  acknowledge(entry) {
    if (entry.acked) return;
    entry.acked = true;
    if (entry.event.kind === 'activity') {
      this.open.push(entry);
      if (this.open.length > RECENT) this.open.shift();
    } else if (entry.event.kind === 'reach') {
      entry.target.pending -= 1;
    }
  }

  /** What the answer to a batch says of each event, held against what was promised before. */
  judge(status, results, entries, before) {
    if (results.length !== entries.length) throw new Broken(`${results.length} results of ${entries.length}`);
    results.forEach((result, i) => {
      const { event } = entries[i];
      if (result.id !== event.id) throw new Broken(`result ${i} is of ${result.id}, not of ${event.id}`);
      const good = status === 202 ? ['queued'] : before[i] ? ['duplicate'] : ['counted', 'duplicate'];
      if (!good.includes(result.status)) {
        const said = before[i] ? 'was acknowledged before' : 'is new';
        throw new Broken(`${event.kind} ${event.id} ${said}, and the answer ${status} says ${result.status}`);
      }
      this.acknowledge(entries[i]);
    });
  }

  /** The figures of everything acknowledged: {all, c1, c2, c3}. */
  figures() {
    const zero = () => ({ activities: 0, venues: 0, residents: 0, problems_raised: 0 });
    const sums = { all: zero(), c1: zero(), c2: zero(), c3: zero() };
    const add = (circle, metric, n) => {
      sums.all[metric] += n;
      sums[circle][metric] += n;
    };
    for (const { event, circle, acked, voided, target } of this.all.values()) {
      if (!acked || voided || target?.voided) continue;
      if (event.kind === 'activity') add(circle, 'activities', 1);
      if (event.kind === 'activity' || event.kind === 'reach') add(circle, 'residents', event.residents);
      if (event.kind === 'venue') add(circle, 'venues', 1);
      if (event.kind === 'problem') add(circle, 'problems_raised', 1);
    }
    return sums;
  }
}
