// The catalogue changes while its history stays: what has events can be retired, but neither left out
// nor moved, by a reload or at a start.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ALLIANCE, TALLYD, event, expectTotals, figures, run, scene, until } from './harness.mjs';
import { phone } from './person.mjs';

const clone = () => structuredClone(ALLIANCE);
const find = (list, id) => list.find((entry) => entry.id === id);
const without = (list, id) => list.filter((entry) => entry.id !== id);
const activity = (fields) => event('activity', { title: 't', residents: 5, ...fields });

/** A catalogue in a file of its own, one entry a line, and the line on which ID stands. */
class Book {
  constructor(s) {
    this.file = path.join(s.folder, 'alliance.json');
    this.write(clone());
    this.config = s.writeConfig({ alliance: { file: this.file } });
  }

  write(catalogue) {
    const lists = Object.entries(catalogue).map(([key, value]) =>
      Array.isArray(value)
        ? `"${key}": [\n${value.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`
        : `"${key}": ${JSON.stringify(value)}`,
    );
    this.text = `{\n${lists.join(',\n')}\n}\n`;
    fs.writeFileSync(this.file, this.text);
  }

  line(words) {
    return this.text.split('\n').findIndex((line) => line.includes(words)) + 1;
  }
}

/** Has D read the catalogue CHANGE(clone) makes; gives the log of it. */
async function change(d, book, alter) {
  const next = clone();
  alter(next);
  book.write(next);
  const from = d.log.length;
  process.kill(d.pid, 'SIGHUP');
  await until(() => /event=(reloaded|reload_refused)/.test(d.log.slice(from)), 'the reload to be told');
  return d.log.slice(from);
}

const taken = (log) => assert.match(log, /event=reloaded/);

function refused(log, book, line, ...words) {
  assert.match(log, new RegExp(`event=reload_refused file=${book.file} line=${line} `));
  assert.doesNotMatch(log, /event=reloaded/);
  for (const word of words) assert.ok(log.includes(word), `${word} in ${log}`);
}

scene('what is retired keeps its figures and takes no new events, by whatever way', async (s) => {
  const server = await s.redis();
  const book = new Book(s);
  const d = await s.daemon({ configFile: book.config, redis: server.url });
  const first = activity({ community: 'm1', unit: 'u1', project: 'p1' });
  await d.count(first, event('problem', { problem: 'pr1', status: 'raised', title: 't', community: 'm1' }));
  const screen = await s.screen(d);
  await screen.look({ range: 'all', by: 'unit' });
  taken(
    await change(d, book, (c) => {
      find(c.communities, 'm1').retired = true;
      find(c.units, 'u1').retired = true;
      find(c.projects, 'p1').retired = true;
      find(c.units, 'u2').retired = false;
    }),
  );
  const shown = clone();
  for (const [list, id] of [['communities', 'm1'], ['units', 'u1'], ['projects', 'p1']])
    find(shown[list], id).retired = true;
  assert.deepEqual(await d.api('/catalogue'), shown, '"retired" stands only where it is true');
  const groups = (await d.totals({ by: 'unit' })).groups;
  assert.deepEqual(find(groups, 'u1'), { id: 'u1', name: '单位一', ...figures({ activities: 1, residents: 5 }) });

  for (const [field, fields] of [
    ['community', { community: 'm1' }],
    ['unit', { unit: 'u1' }],
    ['project', { unit: 'u2', project: 'p1' }],
  ]) {
    for (const [language, words] of [['en', 'is retired and takes no new events'], ['zh-CN', '已停用']]) {
      const answer = await d.post([activity(fields)], { headers: { 'accept-language': language } });
      assert.equal(answer.status, 422, answer.text);
      const { code, field: at, index, message } = answer.json.errors[0];
      assert.deepEqual([code, at, index], ['retired', field, 0]);
      assert.ok(message.includes(words) && message.includes(fields[field]), message);
    }
  }
  // What goes on about what was there before goes on.
  await d.count(
    event('reach', { activity: first.id, residents: 2 }),
    event('problem', { problem: 'pr1', status: 'solved' }),
    event('opening', { metrics: { activities: 3 }, unit: 'u1' }),
    event('void', { of: first.id, reason: 'r' }),
  );
  const late = activity({ unit: 'u1' });
  await server.cli('XADD', 'tally:{probe}:inbox', '*', 'event', JSON.stringify(late));
  const rejected = await until(
    async () => server.cli('XRANGE', 'tally:{probe}:rejected', '-', '+'),
    'the inbox to refuse it',
  );
  assert.match(rejected, /retired unit/);
  const raised = await d.request('POST', '/api/v1/raise', {
    body: JSON.stringify({ title: '路灯不亮', community: 'm1', device: phone() }),
    headers: { 'content-type': 'application/json', origin: `http://${d.address}` },
  });
  assert.equal(raised.status, 422, raised.text);
  assert.equal(raised.json.error.code, 'retired');
  const token = await d.ctl('token', 'add', 'old', '--role', 'report', '--unit', 'u1');
  assert.equal(token.code, 1);
  assert.match(token.stderr, /retired/);

  taken(await change(d, book, () => {}));
  await d.count(activity({ unit: 'u1' }));
});

scene('a reload can leave out and move what has no events, and nothing else', async (s) => {
  const book = new Book(s);
  const d = await s.daemon({ configFile: book.config });
  const one = activity({ community: 'm1', unit: 'u1', project: 'p1' });
  await d.count(one, activity({ unit: 'u2' }));
  await d.totals();
  refused(
    await change(d, book, (c) => {
      c.units = without(c.units, 'u2');
      find(c.projects, 'p1').units = ['u1'];
    }),
    book,
    book.line('"units": ['),
    'u2',
    'activities 1, residents 5',
    'retired',
  );
  assert.deepEqual(await d.api('/catalogue'), ALLIANCE, 'nothing has changed');
  taken(
    await change(d, book, (c) => {
      c.units = without(c.units, 'u4');
      find(c.projects, 'p3').units = [];
      find(c.communities, 'm3').circle = 'c3';
      find(c.projects, 'p2').category = 'k2';
      find(c.units, 'u1').name = '换了名';
    }),
  );
  refused(
    await change(d, book, (c) => {
      find(c.communities, 'm1').circle = 'c2';
    }),
    book,
    book.line('"id":"m1"'),
    'm1',
    'from \\"c1\\" to \\"c2\\"',
    'activities 1',
  );
  refused(
    await change(d, book, (c) => {
      find(c.projects, 'p1').category = 'k2';
    }),
    book,
    book.line('"id":"p1"'),
    'from \\"k1\\" to \\"k2\\"',
  );
  // What was taken back is history as well.
  await d.count(event('void', { of: one.id, reason: 'r' }));
  await d.totals();
  refused(
    await change(d, book, (c) => {
      c.units = without(c.units, 'u1');
      find(c.projects, 'p1').units = [];
    }),
    book,
    book.line('"units": ['),
    'all of them taken back',
  );
});

scene('what must go together is told by --check', async (s) => {
  const book = new Book(s);
  const next = clone();
  find(next.circles, 'c1').retired = true;
  find(next.communities, 'm1').retired = true;
  find(next.units, 'u1').retired = 'yes';
  book.write(next);
  const { code, stderr } = await run(TALLYD, ['--config', book.config, '--check']);
  assert.equal(code, 2);
  const lines = stderr.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf(': ', book.file.length + 6))),
    [
      `${book.file}:${book.line('"id":"m2"')}: communities[1].retired`,
      `${book.file}:${book.line('"id":"u1","name"')}: units[0].retired`,
    ],
  );
});

scene('while the store is away nothing can be left out, but added', async (s) => {
  const server = await s.redis();
  const book = new Book(s);
  const d = await s.daemon({ configFile: book.config, redis: server.url });
  await d.admin();
  await server.stop();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  const queued = await d.post([activity({ unit: 'u3' })]);
  assert.equal(queued.status, 202, queued.text);
  refused(
    await change(d, book, (c) => {
      c.units = without(c.units, 'u3');
      find(c.projects, 'p2').units = [];
    }),
    book,
    book.line('"units": ['),
    'u3',
    'while the store is away',
  );
  taken(await change(d, book, (c) => c.units.push({ id: 'u9', name: '九' })));
});

scene('at a start too: it ends with 2, names what is missing, and leaves all as it was', async (s) => {
  const book = new Book(s);
  const d = await s.daemon({ configFile: book.config });
  await d.count(activity({ community: 'm1', unit: 'u1' }), activity({ unit: 'u2' }));
  await d.stop();
  const next = clone();
  next.units = without(next.units, 'u2');
  find(next.projects, 'p1').units = [];
  find(next.communities, 'm1').circle = 'c2';
  book.write(next);
  d.launch();
  await until(() => d.exited !== null, 'it to end');
  assert.equal(d.exited, 2);
  const log = d.logSinceStart();
  const told = (line, rest) =>
    assert.match(log, new RegExp(`level=error event=catalogue_refused file=${book.file} line=${line} ${rest}`));
  told(book.line('"units": ['), 'field=units reason=.*u2.*activities 1, residents 5.*retired');
  told(book.line('"id":"m1"'), 'field=.*m1.* reason=.*c1.*c2.*new id');
  assert.equal(d.children().length, 0);

  const good = clone();
  find(good.units, 'u2').retired = true;
  book.write(good);
  await d.restart();
  await expectTotals(d, 'all', { activities: 2, residents: 10 });
});
