// The same events give the same totals, in whatever order the rules allow and however often each
// is sent: what an event speaks of must have come before it, nothing else matters.
import assert from 'node:assert/strict';
import { DIMENSIONS, event, pick, scene } from './harness.mjs';
import { Proxy } from './proxy.mjs';

/** A small generator of numbers, the same for the same seed. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % n;
  };
}

const at = (roll) => `2024-0${1 + roll(6)}-1${roll(10)}T${10 + roll(10)}:00:00+08:00`;

/** Events and, by id, those that must come before. */
function history(roll, size) {
  const events = [];
  const before = new Map();
  const add = (e, ...needs) => {
    events.push(e);
    before.set(e.id, needs);
    return e;
  };
  const activities = [];
  for (let i = 0; i < size; i += 1) {
    const place = { community: `m${1 + roll(5)}`, unit: `u${1 + roll(4)}` };
    const what = roll(6);
    if (what < 2 || activities.length === 0) {
      activities.push(add(event('activity', { at: at(roll), title: 't', ...place, project: `p${1 + roll(3)}`, residents: roll(50) })));
    } else if (what === 2) {
      const a = activities[roll(activities.length)];
      add(event('reach', { at: at(roll), activity: a.id, ...(roll(2) ? { residents: roll(9) } : { resident: `r${roll(4)}` }) }), a.id);
    } else if (what === 3) {
      const shared = roll(3) > 0;
      add(event('venue', { at: at(roll), venue: `v${roll(4)}`, shared, ...(shared ? { name: 'n', ...place } : {}) }));
    } else if (what === 4) {
      // One place a problem: where it was raised.
      const n = roll(8);
      const raised = add(event('problem', { at: at(roll), problem: `q${n}`, status: 'raised', title: 't', community: `m${1 + (n % 5)}` }));
      if (roll(2)) add(event('problem', { at: at(roll), problem: `q${n}`, status: 'solved', unit: place.unit }), raised.id);
    } else {
      const target = events[roll(events.length)];
      const taken = [...before].some(([id, needs]) => needs[0] === target.id && id.startsWith('void-'));
      const spokenOf = events.some((e) => before.get(e.id)?.includes(target.id));
      if (target.kind !== 'void' && !taken && !spokenOf) {
        add({ ...event('void', { at: at(roll), of: target.id, reason: 'r' }), id: `void-${target.id}` }, target.id);
        activities.splice(0, activities.length, ...activities.filter((a) => a.id !== target.id));
      }
    }
  }
  return { events, before };
}

/** A random order that puts what is needed first; a tenth comes twice. */
function shuffled({ events, before }, roll) {
  const left = [...events];
  const done = new Set();
  const order = [];
  while (left.length > 0) {
    const i = roll(left.length);
    if (!before.get(left[i].id).every((id) => done.has(id))) continue;
    const [e] = left.splice(i, 1);
    done.add(e.id);
    order.push(e);
    if (roll(10) === 0) order.push(order[roll(order.length)]);
  }
  return order;
}

async function figuresOf(d) {
  const all = {};
  for (const range of ['all', '2024', '2024-03', '2024-06', '2024-05-15']) {
    for (const by of [null, ...DIMENSIONS]) {
      const { totals, groups } = await d.totals({ range, by });
      all[`${range} ${by}`] = [pick(totals), groups.map((g) => [g.id, pick(g)])];
    }
  }
  return all;
}

for (const seed of [1, 2, 3]) {
  scene(`any order, any repetition: history ${seed}`, async (s) => {
    const roll = dice(seed * 7919);
    const set = history(roll, 150);
    let first;
    for (let turn = 0; turn < 4; turn += 1) {
      const d = await s.daemon();
      const order = turn === 0 ? set.events : shuffled(set, roll);
      for (let i = 0; i < order.length; ) {
        const n = 1 + roll(20);
        const statuses = await d.send(...order.slice(i, i + n));
        assert.ok(!statuses.includes('conflict'), `turn ${turn}: ${statuses}`);
        i += n;
      }
      const figures = await figuresOf(d);
      first ??= figures;
      assert.deepEqual(figures, first, `turn ${turn}`);
      assert.equal((await d.ctl('verify')).code, 0);
    }
  });
}

scene('a call behind one that was lost is refused: both are counted, in their order', async (s) => {
  const store = await s.redis();
  const proxy = await new Proxy(store).open();
  const d = await s.daemon({ redis: proxy.url });
  await d.count(event('activity', { title: 't', community: 'm1', residents: 1 }));

  const { first, second } = proxy.loseFirst();
  const raised = event('problem', { problem: 'q1', status: 'raised', title: 't', community: 'm1' });
  const one = d.post([raised]);
  await first;
  const solved = event('problem', { problem: 'q1', status: 'solved', unit: 'u1' });
  const other = d.post([solved]);
  await second;

  const answers = await Promise.all([one, other]);
  assert.deepEqual(answers.map((a) => a.status), [200, 200]);
  const [a, b] = answers.map((answer) => answer.json.results[0]);
  assert.deepEqual([a.status, b.status], ['counted', 'counted']);
  const revs = await Promise.all([raised, solved].map(async ({ id }) => (await d.api(`/events/${id}`)).rev));
  assert.ok(revs[0] < revs[1], `counted as ${revs}`);
  proxy.close();
});
