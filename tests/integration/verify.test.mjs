// A hundred thousand random events of every kind, in random batches, a tenth sent twice and voids
// among them: every figure is the one that a model counts, and `verify` agrees; and once a counter
// is tampered with, `verify` says which.
import assert from 'node:assert/strict';
import { DIMENSIONS, figures, scene, until } from './harness.mjs';
import { Generator } from './model.mjs';

const EVENTS = 100_000;
const RANGES = [
  'all',
  '2023',
  '2024',
  '2025',
  '2022',
  '2024-02',
  '2025-12',
  '2023-01-01',
  '2024-02-29',
  '2024-07-07',
  '2025-12-31',
];

/** Without the estimate. */
const exact = ({ activities, venues, residents, problems_raised, problems_solved }) => ({
  activities,
  venues,
  residents,
  problems_raised,
  problems_solved,
});

async function agrees(d, model) {
  for (const range of RANGES) {
    const want = model.figures(range);
    for (const by of [null, ...DIMENSIONS]) {
      const got = await d.totals({ range, by });
      assert.deepEqual(exact(got.totals), exact(figures(want[''])), `totals of ${range}`);
      const groups = Object.fromEntries(got.groups.map((g) => [g.id, exact(g)]));
      const wanted = Object.fromEntries(got.groups.map((g) => [g.id, exact(figures(want[`${by} ${g.id}`]))]));
      assert.deepEqual(groups, wanted, `${range} by ${by}`);
    }
  }
}

/** Sends all batches in order; each result must be the model's. */
async function sendAll(d, makes, total) {
  for (let sent = 0; sent < total;) {
    const batch = makes.batch(Math.min(total - sent, 1 + Math.floor(makes.random() ** 2 * 1_000)));
    const want = batch.map((event) => makes.model.take(event));
    assert.deepEqual(await d.send(batch), want);
    sent += batch.length;
  }
}

scene(
  "figures are the model's, verify agrees, and finds a tampered counter",
  async (s) => {
    const store = await s.redis();
    const d = await s.daemon({ redis: store.url });
    const makes = new Generator(20_261_124);
    await sendAll(d, makes, EVENTS);
    await agrees(d, makes.model);

    const good = await d.ctl('verify');
    assert.equal(good.code, 0, good.stdout + good.stderr);

    // The same again, all of it: nothing changes.
    const { rev } = await d.totals();
    for (let i = 0; i < makes.history.length; i += 1_000) {
      const slice = makes.history.slice(i, i + 1_000);
      const statuses = await d.send(slice);
      assert.ok(
        statuses.every(
          (status, n) =>
            status === (makes.model.events.get(slice[n].id) === slice[n] ? 'duplicate' : 'conflict'),
        ),
      );
    }
    assert.equal((await d.totals()).rev, rev);

    // After a restart the figures are loaded, not folded.
    await d.stop();
    await d.restart();
    await agrees(d, makes.model);

    const [field, value] = await someCounter(store);
    await store.cli(
      'HSET',
      'tally:{probe}:cells',
      field,
      value.replace(/^\d+/, (n) => Number(n) + 1),
    );
    const bad = await d.ctl('verify');
    assert.equal(bad.code, 1, bad.stdout + bad.stderr);
    assert.ok(`${bad.stdout}${bad.stderr}`.includes('c2'), `${bad.stdout}${bad.stderr} names ${field}`);
    const told = await d.ctl('verify', '--json');
    assert.equal(told.code, 1);
    JSON.parse(told.stdout);
    await store.cli('HSET', 'tally:{probe}:cells', field, value);
    assert.equal((await d.ctl('verify')).code, 0);
    await until(async () => (await d.get('/readyz')).status === 200, 'the daemon to be fine');
  },
  { timeout: 800_000 },
);

/** One counter of the store with a figure in it: its field and its value. */
async function someCounter(store) {
  const lines = (await store.cli('HGETALL', 'tally:{probe}:cells')).split('\n');
  const at = lines.findIndex((line, i) => i % 2 === 0 && /^\d+ i=c2$/.test(line) && /^[1-9]/.test(lines[i + 1]));
  assert.ok(at >= 0, 'there is a counter of circle c2');
  return [lines[at], lines[at + 1]];
}
