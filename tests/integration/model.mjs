// Random events of every kind from a seed, and a model that counts them by the contract in a way
// of its own: it keeps the whole history and folds it anew for each question.
import { ALLIANCE } from './harness.mjs';

const ZONE = 8 * 3_600_000; // Asia/Shanghai
const circleOf = new Map(ALLIANCE.communities.map((c) => [c.id, c.circle]));
const categoryOf = new Map(ALLIANCE.projects.map((p) => [p.id, p.category]));
const ids = (entries) => entries.map((e) => e.id);
const [COMMUNITIES, UNITS, PROJECTS, CIRCLES] = [
  ALLIANCE.communities,
  ALLIANCE.units,
  ALLIANCE.projects,
  ALLIANCE.circles,
].map(ids);

/** Mulberry32: a small generator with a seed, so that a failure can be seen again. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const instantOf = (event) => Date.parse(event.at);
/** The day in Asia/Shanghai: "2024-03-15". */
const dayOf = (event) => new Date(instantOf(event) + ZONE).toISOString().slice(0, 10);
const earlier = (a, b) => instantOf(a) - instantOf(b) || (a.id < b.id ? -1 : 1);

/** What an event names, as {circle, community, unit, project, category}. */
const placeOf = (event) => ({
  circle: event.circle ?? circleOf.get(event.community),
  community: event.community,
  unit: event.unit,
  project: event.project,
  category: categoryOf.get(event.project),
});

export class Model {
  constructor() {
    this.events = new Map();
    this.voided = new Set();
  }

  /** Takes an event; gives the status that the daemon must give. */
  take(event) {
    const known = this.events.get(event.id);
    if (known) return known === event ? 'duplicate' : 'conflict';
    if (event.kind === 'reach' && this.#isGone(event.activity)) return 'conflict';
    if (event.kind === 'void') {
      if (this.#isGone(event.of) || this.events.get(event.of).kind === 'void') return 'conflict';
      this.voided.add(event.of);
    }
    this.events.set(event.id, event);
    return 'counted';
  }

  /** Unknown, or taken back: by itself, or together with its activity. */
  #isGone(id) {
    return !this.events.has(id) || this.voided.has(id) || this.voided.has(this.events.get(id).activity);
  }

  #standing(kind) {
    return [...this.events.values()].filter((e) => e.kind === kind && !this.voided.has(e.id));
  }

  /** Every contribution that stands: {metric, n, day, place}; an opening's day is null. */
  #contributions() {
    const list = [];
    const add = (metric, n, event, place = placeOf(event)) =>
      list.push({ metric, n, day: dayOf(event), place });
    for (const e of this.#standing('activity')) {
      add('activities', 1, e);
      add('residents', e.residents ?? 0, e);
    }
    const met = new Set();
    for (const e of this.#standing('reach').sort(earlier)) {
      if (this.voided.has(e.activity)) continue;
      const place = placeOf(this.events.get(e.activity));
      const key = `${e.activity} ${e.resident}`;
      if (e.resident === undefined) add('residents', e.residents, e, place);
      else if (!met.has(key)) add('residents', 1, e, place);
      met.add(key);
    }
    for (const e of this.#standing('opening')) {
      for (const [metric, n] of Object.entries(e.metrics))
        list.push({ metric, n, day: null, place: placeOf(e) });
    }
    const [raised, solved] = [new Map(), new Set()];
    const problems = this.#standing('problem').sort(earlier);
    for (const e of problems) {
      if (e.status !== 'raised' || raised.has(e.problem)) continue;
      raised.set(e.problem, e);
      add('problems_raised', 1, e);
    }
    for (const e of problems) {
      if (e.status !== 'solved' || solved.has(e.problem)) continue;
      solved.add(e.problem);
      add('problems_solved', 1, e, { ...placeOf(raised.get(e.problem)), unit: e.unit });
    }
    return list;
  }

  /** Where each venue stands at the end of a day (null: now). */
  #venues(end) {
    const newest = new Map();
    for (const e of this.#standing('venue').sort(earlier))
      if (end === null || dayOf(e) <= end) newest.set(e.venue, e);
    return [...newest.values()]
      .filter((e) => e.shared)
      .map((e) => ({ metric: 'venues', n: 1, day: null, place: placeOf(e) }));
  }

  /** Figures of a range (all, YYYY, YYYY-MM or YYYY-MM-DD) as {'': {…}, 'circle c1': {…}, …}, the
   * estimate aside; groups without any figure are left out. */
  figures(range) {
    const all = range === 'all';
    const contributions = (this.folded ??= this.#contributions()).filter(
      (c) => all || c.day?.startsWith(range),
    );
    const sums = {};
    const end = all ? null : `${range}-99-99`.slice(0, 10);
    for (const { metric, n, place } of [...contributions, ...this.#venues(end)]) {
      const keys = [
        '',
        ...Object.entries(place)
          .filter(([, id]) => id !== undefined)
          .map((pair) => pair.join(' ')),
      ];
      for (const key of keys) {
        sums[key] ??= {};
        sums[key][metric] = (sums[key][metric] ?? 0) + n;
      }
    }
    return sums;
  }
}

export class Generator {
  constructor(seed) {
    this.random = random(seed);
    this.seed = seed;
    this.serial = 0;
    this.model = new Model();
    this.history = [];
    this.takeable = [];
    this.activities = [];
    this.problems = [];
  }

  #below(n) {
    return Math.floor(this.random() * n);
  }

  #one(list) {
    return list[this.#below(list.length)];
  }

  #maybe(share, fields) {
    return this.random() < share ? fields() : {};
  }

  #make(kind, fields) {
    const at = new Date(Date.UTC(2023, 0, 1) + this.#below(3 * 365 * 86_400) * 1_000 + this.#below(1_000));
    return { id: `g${this.seed}-${++this.serial}`, kind, at: at.toISOString(), ...fields };
  }

  #place() {
    const place = {
      ...this.#maybe(0.8, () => ({ community: this.#one(COMMUNITIES) })),
      ...this.#maybe(0.6, () => ({ unit: this.#one(UNITS) })),
    };
    return Object.keys(place).length ? place : { unit: this.#one(UNITS) };
  }

  #activity() {
    const event = this.#make('activity', {
      title: `活动${this.serial}`,
      ...this.#place(),
      ...this.#maybe(0.5, () => ({ project: this.#one(PROJECTS) })),
      ...this.#maybe(0.7, () => ({ residents: this.#below(300) })),
    });
    this.activities.push(event);
    return event;
  }

  #reach() {
    if (!this.activities.length) return this.#activity();
    // Mostly of a recent activity, so that single residents come again.
    const recent = this.activities.slice(-40);
    return this.#make('reach', {
      activity: this.#one(this.random() < 0.8 ? recent : this.activities).id,
      ...(this.random() < 0.6 ? { resident: `r${this.#below(30)}` } : { residents: this.#below(50) }),
    });
  }

  #venue() {
    const shared = this.random() < 0.6;
    return this.#make('venue', {
      venue: `v${this.#below(60)}`,
      shared,
      ...(shared ? { name: '阵地', ...this.#place() } : {}),
    });
  }

  #problem() {
    const known = this.problems.length && this.random() < 0.6 ? this.#one(this.problems.slice(-50)) : null;
    if (!known) {
      const problem = { problem: `q${this.seed}-${this.serial}`, community: this.#one(COMMUNITIES) };
      this.problems.push(problem);
      return this.#make('problem', { ...problem, status: 'raised', title: '问题' });
    }
    const status = this.#one(['raised', 'claimed', 'solved', 'solved']);
    const more = {
      raised: () => ({ title: '又报', community: known.community }),
      claimed: () => ({ unit: this.#one(UNITS) }),
      solved: () => this.#maybe(0.5, () => ({ unit: this.#one(UNITS) })),
    }[status]();
    return this.#make('problem', { problem: known.problem, status, ...more });
  }

  #plan() {
    return this.#make('plan', {
      plan: `n${this.#below(50)}`,
      title: '预告',
      starts: '2025-05-01T09:00:00+08:00',
      ...this.#place(),
    });
  }

  #opening() {
    const where = this.#one([
      {},
      { circle: this.#one(CIRCLES) },
      { community: this.#one(COMMUNITIES) },
      { unit: this.#one(UNITS) },
      { project: this.#one(PROJECTS) },
    ]);
    return this.#make('opening', {
      metrics: {
        activities: this.#below(9),
        venues: this.#below(3),
        residents: this.#below(99),
        problems_solved: this.#below(5),
      },
      ...where,
    });
  }

  /** Of any event but a problem's raising: whether what was solved then still stands is not told. */
  #void() {
    const targets = this.takeable.slice(-2_000);
    return targets.length
      ? this.#make('void', { of: this.#one(targets).id, reason: '更正' })
      : this.#activity();
  }

  #next() {
    const dice = this.random();
    const kinds = [
      [0.35, () => this.#activity()],
      [0.65, () => this.#reach()],
      [0.75, () => this.#venue()],
      [0.88, () => this.#problem()],
      [0.91, () => this.#plan()],
      [0.92, () => this.#opening()],
      [1, () => this.#void()],
    ];
    return kinds.find(([limit]) => dice < limit)[1]();
  }

  /** N events, about a tenth of them sent before. */
  batch(n) {
    const events = [];
    while (events.length < n) {
      if (this.history.length && this.random() < 0.1) events.push(this.#one(this.history));
      else {
        const event = this.#next();
        this.history.push(event);
        if (event.status !== 'raised') this.takeable.push(event);
        events.push(event);
      }
    }
    return events;
  }

  /** N activities that depend on nothing. */
  plain(n) {
    return Array.from({ length: n }, () => this.#activity());
  }
}
