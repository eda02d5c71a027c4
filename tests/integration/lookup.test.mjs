// The ways to look behind a figure: the events that add up to it, one event, a trend, problems,
// plans, the catalogue and the description of all this.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { ALLIANCE, DIMENSIONS, event, scene } from './harness.mjs';
import { Generator } from './model.mjs';

const activity = (fields) =>
  event('activity', { title: '义诊', community: 'm1', unit: 'u1', residents: 3, ...fields });

/** All of /events by pages; asserts that they go on without gap or repetition, newest first. */
async function allEvents(d, query, limit = 100) {
  const found = [];
  let before = null;
  do {
    const page = await d.api(
      `/events?${new URLSearchParams({ ...query, limit, ...(before && { before }) })}`,
    );
    assert.ok(page.events.length <= limit);
    assert.ok(Number.isInteger(page.rev));
    found.push(...page.events);
    assert.ok(
      page.next === null || (Number.isInteger(page.next) && (before === null || page.next < before)),
      `next ${page.next} after ${before}`,
    );
    before = page.next;
  } while (before !== null);
  assert.equal(new Set(found.map((e) => e.id)).size, found.length, 'no event stands twice');
  return found;
}

/** What one listed event adds to a metric. */
function adds(metric, e) {
  if (e.kind === 'opening') return e.metrics[metric] ?? 0;
  if (metric === 'residents') return e.residents ?? 1;
  return 1;
}

scene(
  'the events of a metric add up to its figure, for each metric, dimension and range',
  async (s) => {
    const d = await s.daemon();
    const makes = new Generator(3);
    for (let i = 0; i < 8; i += 1) await d.send(makes.batch(150));
    const metrics = ['activities', 'venues', 'residents', 'problems_raised', 'problems_solved'];
    for (const range of ['all', '2024', '2025-06']) {
      const whole = await d.totals({ range });
      for (const metric of metrics) {
        const listed = await allEvents(d, { range, metric }, 90);
        assert.equal(
          listed.reduce((sum, e) => sum + adds(metric, e), 0),
          whole.totals[metric],
          `${metric} of ${range}`,
        );
      }
      for (const by of DIMENSIONS) {
        const { groups } = await d.totals({ range, by });
        for (const metric of metrics) {
          const { id, [metric]: figure } = groups[groups.length - 1];
          const listed = await allEvents(d, { range, metric, by, id });
          assert.equal(
            listed.reduce((sum, e) => sum + adds(metric, e), 0),
            figure,
            `${metric} of ${by} ${id} in ${range}`,
          );
        }
      }
    }
  },
  { timeout: 240_000 },
);

scene('/events is newest first, by pages, and filtered by kind', async (s) => {
  const d = await s.daemon();
  const sent = [];
  for (let i = 0; i < 23; i += 1) {
    const one =
      i % 4 === 3
        ? event('venue', { venue: `v${i}`, shared: true, name: '书房', community: 'm3' })
        : activity({ at: `2024-03-${10 + (i % 15)}T00:00:00Z` });
    sent.unshift(one.id);
    await d.count(one);
  }
  await d.totals();
  for (const limit of [1, 5, 23, 100])
    assert.deepEqual(
      (await allEvents(d, {}, limit)).map((e) => e.id),
      sent,
      `by ${limit}`,
    );
  const venues = await allEvents(d, { kind: 'venue' }, 2);
  assert.equal(venues.length, 5);
  assert.ok(venues.every((e) => e.kind === 'venue'));
  assert.equal((await allEvents(d, { by: 'community', id: 'm3' }, 3)).length, 5);
  assert.equal((await allEvents(d, { by: 'circle', id: 'c3' })).length, 0);
  assert.equal(
    (await allEvents(d, { range: '2024-03-20', kind: 'activity' })).length,
    (await d.totals({ range: '2024-03-20' })).totals.activities,
  );
  const first = await d.api('/events?limit=5');
  await d.count(activity());
  const second = await d.api(`/events?limit=5&before=${first.next}`);
  assert.deepEqual(
    second.events.map((e) => e.id),
    sent.slice(5, 10),
    'a page stays what it was while events come in',
  );
});

scene('one event: what was sent, what it counted, and its void', async (s) => {
  const d = await s.daemon();
  const held = activity({ project: 'p1' });
  const plan = event('plan', { plan: 'n', title: '预告', starts: '2024-05-01T09:00:00+08:00', unit: 'u1' });
  await d.count(held, plan);
  const { event: kept, rev, counted, void: none } = await d.api(`/events/${held.id}`);
  assert.equal(Date.parse(kept.at), Date.parse(held.at));
  for (const [name, value] of Object.entries(held))
    if (name !== 'at') assert.deepEqual(kept[name], value, name);
  assert.ok(rev > 0 && rev <= d.lastRev);
  assert.ok(Array.isArray(counted) && counted.length > 0);
  for (const part of ['activities', 'residents', 'p1', 'm1', 'u1', 'c1', 'k1'])
    assert.ok(JSON.stringify(counted).includes(`"${part}"`), `${part} in ${JSON.stringify(counted)}`);
  assert.equal(none, null);
  assert.deepEqual((await d.api(`/events/${plan.id}`)).counted, []);
  const taken = event('void', { of: held.id, reason: '填错' });
  await d.count(taken);
  await d.totals();
  const after = await d.api(`/events/${held.id}`);
  assert.ok(JSON.stringify(after.void).includes(taken.id));
  assert.equal((await d.get('/api/v1/events/nobody')).status, 404);
});

scene('one event of a venue counts only while it is the one that holds', async (s) => {
  const d = await s.daemon();
  const say = (id, day, shared) => ({
    id,
    kind: 'venue',
    venue: 'v',
    shared,
    at: `2024-05-0${day}T09:00:00+08:00`,
    ...(shared && { name: '书房', unit: 'u1' }),
  });
  const counts = async (...ids) => {
    const found = [];
    for (const id of ['a', 'b', 'c']) {
      const { counted } = await d.api(`/events/${id}`);
      if (counted.some(({ metric, n }) => metric === 'venues' && n === 1)) found.push(id);
    }
    assert.deepEqual(found, ids);
    assert.equal((await d.totals()).totals.venues, ids.length);
  };
  await d.count(say('a', 1, true), say('b', 2, false), say('c', 3, true));
  await counts('c');
  const back = event('void', { of: 'c', reason: '填错' });
  await d.count(back);
  await counts();
  await d.count(event('void', { of: 'b', reason: '填错' }));
  await counts('a');
});

scene('a trend has a point for each step, zeros too, and adds up', async (s) => {
  const d = await s.daemon();
  await d.count(
    activity({ at: '2024-02-28T09:00:00+08:00' }),
    activity({ at: '2024-02-29T09:00:00+08:00' }),
    activity({ at: '2024-02-29T10:00:00+08:00', community: 'm3' }),
    activity({ at: '2024-04-01T09:00:00+08:00', residents: 10 }),
    event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1', at: '2024-02-29T09:00:00+08:00' }),
    event('venue', { venue: 'v', shared: false, at: '2024-03-02T09:00:00+08:00' }),
  );
  await d.totals();
  const trend = async (query) => (await d.api(`/trend?${new URLSearchParams(query)}`)).points;
  assert.deepEqual(
    await trend({ metric: 'activities', from: '2024-02-27', to: '2024-03-01', step: 'day' }),
    [
      ['2024-02-27', 0],
      ['2024-02-28', 1],
      ['2024-02-29', 2],
      ['2024-03-01', 0],
    ].map(([date, value]) => ({ date, value })),
  );
  assert.deepEqual(
    (await trend({ metric: 'residents', from: '2024-01-01', to: '2024-05-31', step: 'month' })).map((p) => [
      p.date.slice(0, 7),
      p.value,
    ]),
    [
      ['2024-01', 0],
      ['2024-02', 9],
      ['2024-03', 0],
      ['2024-04', 10],
      ['2024-05', 0],
    ],
  );
  assert.deepEqual(
    (
      await trend({
        metric: 'activities',
        from: '2024-02-28',
        to: '2024-02-29',
        step: 'day',
        by: 'circle',
        id: 'c2',
      })
    ).map((p) => p.value),
    [0, 1],
  );
  assert.deepEqual(
    (await trend({ metric: 'venues', from: '2024-02-28', to: '2024-03-03', step: 'day' })).map(
      (p) => p.value,
    ),
    [0, 1, 1, 0, 0],
  );
  assert.equal((await trend({ metric: 'activities', from: '2024-02-29', to: '2024-02-29' })).length, 1);
  const end = { metric: 'activities', to: '9999-12-31' }; // of the calendar
  assert.equal((await trend({ ...end, from: '9999-01-01', step: 'month' })).length, 12);
  assert.equal((await trend({ ...end, from: '9999-12-01', step: 'day' })).length, 31);
});

/** The list that an answer holds. */
const listOf = (answer) => {
  const lists = Object.values(answer).filter(Array.isArray);
  assert.equal(lists.length, 1, JSON.stringify(answer));
  return lists[0];
};

scene('problems by what became of them', async (s) => {
  const d = await s.daemon();
  const say = (problem, status, fields) => event('problem', { problem, status, ...fields });
  const raise = (problem) => say(problem, 'raised', { title: `${problem} 的标题`, community: 'm1' });
  await d.count(
    raise('q1'),
    raise('q2'),
    raise('q3'),
    say('q2', 'claimed', { unit: 'u2' }),
    say('q3', 'claimed', { unit: 'u3' }),
    say('q3', 'solved', { unit: 'u3' }),
  );
  await d.totals();
  const names = async (query) =>
    listOf(await d.api(`/problems${query}`))
      .map((p) => p.problem ?? p.id)
      .sort();
  assert.deepEqual(await names('?status=raised'), ['q1']);
  assert.deepEqual(await names('?status=claimed'), ['q2']);
  assert.deepEqual(await names('?status=solved'), ['q3']);
  assert.deepEqual(await names(''), ['q1', 'q2', 'q3']);
  const [solved] = listOf(await d.api('/problems?status=solved'));
  assert.ok(JSON.stringify(solved).includes('q3 的标题') && JSON.stringify(solved).includes('u3'));
});

scene('problems: the newest first, how many stand where, and how long solving took', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const say = (problem, status, hours, fields) =>
    event('problem', { problem, status, at: ago(hours), ...fields });
  const raise = (problem, hours) => say(problem, 'raised', hours, { title: 't', community: 'm1' });
  const none = await d.api('/problems');
  assert.deepEqual(none.counts, { raised: 0, claimed: 0, solved: 0, median_hours: null });
  await d.count(
    raise('fast', 40),
    say('fast', 'solved', 38),
    raise('slow', 400),
    say('slow', 'solved', 300),
    raise('old', 9_600),
    say('old', 'solved', 8_800), // over a year ago: not in the median
    raise('open', 5),
    raise('taken', 6),
    say('taken', 'claimed', 5, { unit: 'u1' }),
  );
  await d.totals();
  const asked = async (query) => {
    const { problems, counts } = await d.api(`/problems${query}`);
    assert.deepEqual(counts, { raised: 1, claimed: 1, solved: 3, median_hours: 51 });
    return problems.map((p) => p.problem);
  };
  assert.deepEqual(await asked(''), ['open', 'taken', 'fast', 'slow', 'old']);
  assert.deepEqual(await asked('?status=solved'), ['fast', 'slow', 'old']);
  // A store of an earlier build, whose records tell no times.
  const key = 'tally:{probe}:problems';
  for (const problem of ['fast', 'slow', 'open']) {
    const record = await store.cli('HGET', key, problem);
    await store.cli('HSET', key, problem, record.split(' ').slice(0, 4).join(' '));
  }
  assert.deepEqual(await asked(''), ['open', 'taken', 'fast', 'slow', 'old']);
});

scene('plans by when they start, cancelled ones and fulfilled ones told', async (s) => {
  const d = await s.daemon();
  const announce = (plan, day, fields) =>
    event('plan', {
      plan,
      title: `${plan} 的标题`,
      starts: `2026-05-${day}T09:00:00+08:00`,
      unit: 'u1',
      ...fields,
    });
  await d.count(announce('n1', '01'), announce('n2', '10'), announce('n3', '31'));
  await d.count(
    announce('n2', '12', { at: '2024-03-16T10:00:00+08:00' }),
    announce('n3', '31', { at: '2024-03-16T10:00:00+08:00', cancelled: true }),
    activity({ plan: 'n1' }),
  );
  await d.totals();
  const plans = async (from, to) => listOf(await d.api(`/plans?from=${from}&to=${to}`));
  const named = (list) => list.map((p) => p.plan ?? p.id);
  assert.deepEqual(named(await plans('2026-05-01', '2026-05-31')), ['n1', 'n2', 'n3']);
  assert.deepEqual(
    named(await plans('2026-05-12', '2026-05-12')),
    ['n2'],
    'moved by its newest announcement',
  );
  assert.deepEqual(named(await plans('2026-05-10', '2026-05-11')), []);
  assert.deepEqual(named(await plans('2026-06-01', '2026-06-30')), []);
  const [n3] = await plans('2026-05-31', '2026-05-31');
  assert.match(JSON.stringify(n3), /"cancelled":true/);
});

scene('the catalogue is told as the file has it', async (s) => {
  const d = await s.daemon();
  assert.deepEqual(await d.api('/catalogue'), ALLIANCE);
});

scene('the description of the API names every path', async (s) => {
  const d = await s.daemon();
  const answer = await d.get('/api/v1/openapi.json');
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^application\/json/);
  const description = answer.json;
  assert.match(description.openapi, /^3\./);
  const paths = Object.keys(description.paths);
  for (const path of ['/events', '/totals', '/trend', '/problems', '/plans', '/catalogue'])
    assert.ok(
      paths.some((p) => p.endsWith(path)),
      path,
    );
  assert.ok(paths.some((p) => /\/events\/\{\w+\}$/.test(p)));
  const events = description.paths[paths.find((p) => p.endsWith('/events'))];
  assert.ok(events.post && events.get);
});

scene('/healthz, /readyz and /metrics', async (s) => {
  const d = await s.daemon();
  for (const path of ['/healthz', '/readyz']) assert.equal((await d.get(path)).status, 200);
  const metrics = await d.get('/metrics');
  assert.equal(metrics.status, 200);
  assert.match(metrics.headers['content-type'], /^text\/plain/);
  for (const line of metrics.text.split('\n').filter(Boolean)) {
    assert.match(
      line,
      /^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? -?[0-9.e+-]+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? (NaN|[+-]Inf))$/,
    );
  }
  assert.match(metrics.text, /^tallyd_/m);
});

scene('pages: served with an ETag, gzip where asked, and not again where unchanged', async (s) => {
  const d = await s.daemon();
  const page = await d.get('/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.text, /驾驶舱/);
  const { etag } = page.headers;
  assert.match(etag, /^(W\/)?".+"$/);
  assert.ok(page.headers['cache-control']);
  for (const tag of [etag, `W/${etag.replace(/^W\//, '')}`, `"other", ${etag}`, '*']) {
    const again = await d.get('/', { headers: { 'if-none-match': tag } });
    assert.equal(again.status, 304, tag);
    assert.equal(again.bytes.length, 0);
  }
  assert.equal((await d.get('/', { headers: { 'if-none-match': '"other"' } })).status, 200);
  const zipped = await d.get('/', { headers: { 'accept-encoding': 'gzip, deflate' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(zipped.bytes).toString('utf8'), page.text);
  assert.match(zipped.headers.vary ?? '', /accept-encoding/i);
  const refused = await d.get('/', { headers: { 'accept-encoding': 'gzip;q=0' } });
  assert.equal(refused.headers['content-encoding'], undefined);
  for (const [path, type] of [
    ['/m/', /^text\/html/],
    ['/favicon.ico', /^image\//],
  ]) {
    const other = await d.get(path);
    assert.deepEqual([other.status, type.test(other.headers['content-type'])], [200, true], path);
  }
});

scene('an export holds every event of the range, and no cell that a spreadsheet would run', async (s) => {
  const d = await s.daemon();
  const tricky = ['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠SUM(A1)', 'a "quoted", 值'];
  await d.count(...tricky.map((title) => event('activity', { title, community: 'm1' })));
  await d.count(event('activity', { title: 'later', community: 'm1', at: '2025-01-02T10:00:00+08:00' }));
  const csv = await d.get('/api/v1/export?format=csv&range=2024');
  assert.equal(csv.status, 200);
  assert.match(csv.headers['content-type'], /^text\/csv/);
  const lines = csv.text.trim().split('\r\n');
  assert.equal(lines.length, 1 + tricky.length);
  assert.doesNotMatch(csv.text, /(^|,)"?[=+@＝＋－＠-]/m);
  assert.ok(csv.text.includes('"a ""quoted"", 值"'));
  const json = await d.api('/export?format=json');
  assert.equal(json.events.length, tricky.length + 1);
  assert.deepEqual(json.events.map((e) => e.title), ['later', ...[...tricky].reverse()]);
  assert.equal((await d.get('/api/v1/export?format=xml')).status, 422);
});
