// tallyctl import: sheets as offices keep them, in every encoding, counted once however often they
// are imported; what is refused comes back as a sheet to be mended.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { TALLYCTL, expectGroups, expectTotals, run, scene } from './harness.mjs';

const MARK = '\ufeff';
const ENGLISH = { LC_ALL: 'C.UTF-8' };
const CHINESE = { LC_ALL: 'zh_CN.UTF-8' };

const write = (s, name, content) => {
  const file = path.join(s.folder, name);
  fs.writeFileSync(file, content);
  return file;
};

/** Imports with --json; gives what it said, its code and its stderr. */
async function load(daemon, file, ...flags) {
  const got = await run(TALLYCTL, ['--state', daemon.state, '--json', 'import', file, ...flags], {
    env: ENGLISH,
  });
  const json = got.stdout ? JSON.parse(got.stdout) : null;
  if (json) daemon.lastRev = Math.max(daemon.lastRev, json.rev);
  return { ...got, json };
}

/** The same, and it must have come to this. */
async function expectLoad(daemon, file, some, ...flags) {
  const got = await load(daemon, file, ...flags);
  const want = { counted: 0, queued: 0, duplicate: 0, rejected: 0, ...some };
  const { counted, queued, duplicate, rejected } = got.json ?? {};
  assert.deepEqual({ counted, queued, duplicate, rejected }, want, got.stderr);
  assert.equal(got.code, want.rejected ? 1 : 0, got.stderr);
  return got;
}

/** TEXT in GB18030's two-byte part, by asking the decoder for every code. */
function gb18030(text) {
  const decoder = new TextDecoder('gb18030');
  const codes = new Map();
  for (let lead = 0x81; lead < 0xff; lead++)
    for (let trail = 0x40; trail < 0xff; trail++) {
      const c = decoder.decode(Uint8Array.of(lead, trail));
      if (!codes.has(c)) codes.set(c, [lead, trail]);
    }
  return Buffer.from([...text].flatMap((c) => (c < '\x80' ? [c.charCodeAt(0)] : codes.get(c))));
}

// What a clerk's sheet is like: a serial number, three ways to write a date, blanks and marks that
// nobody sees, an apostrophe before a number, a row and columns left empty.
const OFFICE = [
  ['序号', '日期', '活动名称', '社区', '成员单位', '项目', '人数', '', ''],
  ['1', '2026/1/5', '邻里文化节', '社区一', '单位一', '项目一', '1,200', '', ''],
  ['2', '2026年1月5日 9：05', '义诊，"夕阳红"\n第二场', 'm3', '', 'p2', '３５人', '', ''],
  ['3', '2026-01-06 19:30:00', '　电影放映 ', '', 'u2', '', "'80", '', ''],
  ['', '', '　', '', '', '', '', '', ''],
  ['4', '2026-01-06T23:59:59+08:00', '电影放映', '社区一', '', '', '', '', ''],
];

/** Rows of cells as a spreadsheet program writes them. */
const table = (rows, separator = ',') =>
  rows
    .map((row) =>
      row.map((cell) => (/["\n,;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator),
    )
    .map((line) => `${line}\r\n`)
    .join('');

async function expectOffice(d) {
  const jan = { activities: 4, residents: 1315 };
  await expectTotals(d, 'all', jan);
  await expectTotals(d, '2026-01-05', { activities: 2, residents: 1235 });
  await expectGroups(d, '2026-01', 'community', {
    m1: { activities: 2, residents: 1200 },
    m3: { activities: 1, residents: 35 },
  });
  await expectGroups(d, '2026-01', 'unit', {
    u1: { activities: 1, residents: 1200 },
    u2: { activities: 1, residents: 80 },
  });
  await expectGroups(d, '2026-01', 'project', {
    p1: { activities: 1, residents: 1200 },
    p2: { activities: 1, residents: 35 },
  });
}

scene('UTF-8 with and without a mark, GB18030 and UTF-16 are the same sheet', async (s) => {
  const forms = [
    ['UTF-8', Buffer.from(table(OFFICE))],
    ['UTF-8', Buffer.from(MARK + table(OFFICE, ';').replaceAll('\r\n', '\n'))],
    ['GB18030', gb18030(table(OFFICE))],
    ['UTF-16LE', Buffer.from(MARK + table(OFFICE, '\t'), 'utf16le')],
  ];
  for (const [encoding, content] of forms) {
    const d = await s.daemon();
    const got = await expectLoad(d, write(s, 'sheet.csv', content), { counted: 4 });
    assert.equal(got.json.encoding, encoding);
    assert.match(got.stderr, new RegExp(encoding), 'it says what it took the file for');
    await expectOffice(d);
    const { events } = await d.api('/events?by=community&id=m3');
    assert.ok(events.some((e) => e.title === '义诊，"夕阳红" 第二场'));
    assert.ok(events.every((e) => /^csv-[0-9a-f]{24}$/.test(e.id)));
    await d.stop();
  }
});

scene('a sheet imported twice counts once, in whatever form; rows that are the same count each', async (s) => {
  const d = await s.daemon();
  const rows = [...OFFICE, OFFICE[1], OFFICE[1]];
  await expectLoad(d, write(s, 'a.csv', table(rows)), { counted: 6 });
  await expectLoad(d, write(s, 'a.csv', table(rows)), { duplicate: 6 });
  await expectLoad(d, write(s, 'b.csv', gb18030(table(rows, '\t'))), { duplicate: 6 });
  // Other columns, another order of rows, other words for the same.
  const other = [
    ['title', 'at', 'community', 'unit', 'project', 'residents', 'kind'],
    ['电影放映', '2026-01-06T15:59:59Z', 'm1', '', '', '', 'activity'],
    ['邻里文化节', '2026-01-05', 'm1', 'u1', 'p1', '1200', '活动'],
    ['邻里文化节', '2026-01-05 12:00', '社区一', '单位一', '项目一', '1200.0', ''],
  ];
  await expectLoad(d, write(s, 'c.csv', table(other)), { duplicate: 3 });
  await expectTotals(d, 'all', { activities: 6, residents: 3715 });
});

scene('every kind of row, in one sheet', async (s) => {
  const d = await s.daemon();
  const file = write(
    s,
    'kinds.csv',
    table([
      ['类型', '编号', '时间', '标题', '社区', '单位', '人次', '活动编号', '问题', '状态', '阵地', '阵地名称', '是否共享', '计划', '开始时间'],
      ['活动', 'a1', '2026-03-02', '义诊', 'm1', '', '10', '', '', '', '', '', '', '', ''],
      ['辐射', 'r1', '2026-03-02', '', '', '', '5', 'a1', '', '', '', '', '', '', ''],
      ['阵地', 'v1', '2026-03-02', '', 'm2', '', '', '', '', '', 'room', '书房', '是', '', ''],
      ['问题', 'w1', '2026-03-02', '路灯不亮', 'm1', '', '', '', 'q1', '已提出', '', '', '', '', ''],
      ['问题', 'w2', '2026-03-03', '', '', '单位一', '', '', 'q1', '认领', '', '', '', '', ''],
      ['问题', 'w3', '2026-03-04', '', '', '', '', '', 'q1', '办结', '', '', '', '', ''],
      ['计划', 'g1', '2026-03-04', '灯会', 'm1', '', '', '', '', '', '', '', '', 'p-1', '2099年2月1日 19:00'],
    ]),
  );
  await expectLoad(d, file, { counted: 7 });
  await expectTotals(d, 'all', {
    activities: 1,
    residents: 15,
    venues: 1,
    problems_raised: 1,
    problems_solved: 1,
  });
  const { plans } = await d.api('/plans?from=2099-01-01&to=2099-12-31');
  assert.deepEqual(
    plans.map((p) => [p.title, p.starts.slice(0, 19)]),
    [['灯会', '2099-02-01T19:00:00']],
  );
  const venue = table([
    ['时间', '阵地', '共享'],
    ['2026-03-05', 'room', '否'],
  ]);
  await expectLoad(d, write(s, 'venues.csv', venue), { counted: 1 }, '--kind', 'venue');
  assert.equal((await d.totals()).totals.venues, 0);
});

scene('rejected rows come back as a sheet; mended and imported again, all is counted once', async (s) => {
  const d = await s.daemon();
  const head = ['日期', '标题', '社区', '人数', '备注'];
  const rows = [
    head,
    ['2026-01-05', '甲', '社区一', '10', ''],
    ['2026-01-05', '乙', '社区九', '20', '=1+1'],
    ['', '', '', '', ''],
    ['2026-01-99', '丙, "丁"', '社区二', '很多', '两\n行'],
    ['2099-01-01', '戊', '社区二', '40', ''],
    ['2026-01-05', '己', '社区二', '50', ''],
  ];
  const file = write(s, 'list.csv', table(rows, ';'));
  const rejected = path.join(s.folder, 'list.rejected.csv');
  const flags = ['--ignore-unknown'];
  assert.equal((await load(d, file)).code, 2, 'a column that is not known');
  const got = await expectLoad(d, file, { counted: 2, rejected: 3 }, ...flags);
  for (const [row, told] of [
    [3, '社区: the catalogue has no such id or name: 社区九'],
    [5, '日期: not a time .*2026-01-99; 人数: not a whole number: 很多'],
    [6, '日期: .*future'],
  ])
    assert.match(got.stderr, new RegExp(`^row ${row}: ${told}`, 'm'), 'rows as a spreadsheet counts them');
  assert.equal(got.json.rejected_file, rejected);
  const text = fs.readFileSync(rejected, 'utf8');
  assert.ok(text.startsWith(`${MARK}日期;标题;社区;人数;备注;错误\r\n`), text);
  assert.match(text, /2026-01-99;"丙, ""丁""";社区二;很多;"两\n行";/, 'the rows as they were');
  assert.match(text, /;=1\+1;社区: the catalogue/);
  await expectTotals(d, 'all', { activities: 2, residents: 60 });

  const mend = (text) =>
    text.replace('社区九', '社区三').replace('2026-01-99', '2026-01-09').replace('很多', '30');
  fs.writeFileSync(rejected, mend(text));
  const again = await expectLoad(d, rejected, { counted: 2, rejected: 1 }, ...flags);
  const third = again.json.rejected_file;
  assert.notEqual(third, rejected, 'what is read is never written over');
  assert.equal(fs.readFileSync(third, 'utf8').match(/错误/g).length, 1, 'one column of errors');
  fs.writeFileSync(third, fs.readFileSync(third, 'utf8').replace('2099', '2026'));
  await expectLoad(d, third, { counted: 1 }, ...flags);
  await expectTotals(d, 'all', { activities: 5, residents: 150 });

  await expectLoad(d, file, { duplicate: 2, rejected: 3 }, ...flags);
  assert.ok(fs.existsSync(`${rejected}~`), 'an earlier file of rejects is kept');
  const elsewhere = path.join(s.folder, 'elsewhere.csv');
  await expectLoad(d, file, { duplicate: 2, rejected: 3 }, ...flags, '--rejected', elsewhere);
  assert.equal(fs.readFileSync(elsewhere, 'utf8'), text);
  const good = write(s, 'good.csv', table(rows.slice(0, 2)));
  await expectLoad(d, good, { duplicate: 1 }, ...flags);
  assert.ok(!fs.existsSync(path.join(s.folder, 'good.rejected.csv')), 'nothing rejected, no file');
});

scene('what only the daemon can tell is rejected row by row too, and the rest is counted', async (s) => {
  const d = await s.daemon();
  const head = ['编号', '日期', '标题', '单位', '人数'];
  const row = (id, fields = {}) => [id, '2026-01-05', fields.title ?? '甲', fields.unit ?? 'u1', '1'];
  await expectLoad(d, write(s, 'one.csv', table([head, row('x1')])), { counted: 1 });
  const conflict = write(s, 'two.csv', table([head, row('x1', { title: '乙' }), row('x1'), row('x2')]));
  const got = await expectLoad(d, conflict, { counted: 1, duplicate: 1, rejected: 1 });
  assert.match(got.stderr, /^row 2: .*other content/m);
  const solved = [
    ['编号', '日期', '问题', '状态'],
    ['y1', '2026-01-05', 'q9', '解决'],
  ];
  const early = await expectLoad(d, write(s, 'early.csv', table(solved)), { rejected: 1 }, '--kind', 'problem');
  assert.match(fs.readFileSync(early.json.rejected_file, 'utf8'), /raised/);

  const token = await d.token('report', { unit: 'u1' });
  const mixed = ['u1', 'u2', 'u3', 'u2', 'u1', 'u2'].map((unit, i) => row(`z${i}`, { unit }));
  const foreign = await run(
    TALLYCTL,
    ['--url', d.url, '--json', 'import', write(s, 'mixed.csv', table([head, ...mixed]))],
    { env: { ...ENGLISH, TALLYCTL_TOKEN: token } },
  );
  assert.equal(foreign.code, 1, foreign.stderr);
  const { counted, rejected, rev } = JSON.parse(foreign.stdout);
  assert.deepEqual([counted, rejected], [2, 4]);
  for (const n of [3, 4, 5, 7]) assert.match(foreign.stderr, new RegExp(`^row ${n}: .*own unit`, 'm'));
  d.lastRev = rev;
  await expectTotals(d, 'all', { activities: 4, residents: 4 });
});

scene('a dry run counts nothing and leaves nothing behind', async (s) => {
  const d = await s.daemon();
  const rows = [...OFFICE, ['5', '2099-01-01', '将来', '社区一', '', '', '', '', '']];
  const file = write(s, 'dry.csv', table([...rows, ['6', '2026-01-05', '', '社区八', '', '', '', '', '']]));
  const before = fs.readdirSync(s.folder);
  const got = await run(TALLYCTL, ['--state', d.state, 'import', '--dry-run', file], { env: ENGLISH });
  assert.equal(got.code, 1);
  assert.match(got.stdout, /^4 rows could be sent, 2 rejected$/m);
  assert.match(got.stderr, /^row 7: .*future/m);
  assert.match(got.stderr, /^row 8: .*社区八/m);
  const chinese = await run(TALLYCTL, ['--state', d.state, 'import', '--dry-run', file], { env: CHINESE });
  assert.match(chinese.stdout, /^4 行可以导入，2 行退回$/m);
  assert.deepEqual(fs.readdirSync(s.folder), before);
  await expectTotals(d, 'all', {});
  assert.deepEqual((await d.api('/events')).events, []);
  const asked = path.join(s.folder, 'asked.csv');
  await load(d, file, '--dry-run', '--rejected', asked);
  assert.match(fs.readFileSync(asked, 'utf8'), /社区八/);
  assert.equal((await load(d, write(s, 'good.csv', table(OFFICE)), '--dry-run')).code, 0);
  await expectTotals(d, 'all', {});
});

scene('what is no sheet, or asked for wrongly, ends with 2; no daemon, with 3', async (s) => {
  const d = await s.daemon();
  const good = write(s, 'good.csv', table(OFFICE));
  const cases = [
    [[], /usage/],
    [[good, 'more'], /more/],
    [[path.join(s.folder, 'none.csv')], /none\.csv/],
    [[s.folder], /directory/],
    [[write(s, 'empty.csv', '')], /nothing in it/],
    [[write(s, 'x.xlsx', 'PK\x03\x04')], /Excel/],
    [[write(s, 'binary.csv', Buffer.from('日期,标题\0\n'))], /NUL/],
    [[write(s, 'neither.csv', Buffer.from([0x61, 0x0a, 0xff, 0xff]))], /line 2 .*UTF-8.*GB18030/],
    [[write(s, 'quote.csv', '日期,标题,社区\n2026-01-05,甲,社区一\n2026-01-05,"乙,社区一\n')], /row 3: .*quote/],
    [[write(s, 'unknown.csv', '日期,标题,社区,天气\n')], /天气[^]*known: .*人数/],
    [[good, '--encoding', 'latin1'], /GB18030/],
    [[write(s, 'gb.csv', gb18030(table(OFFICE))), '--encoding', 'utf-8'], /line 1 isn't valid UTF-8/],
    [[good, '--kind', 'void'], /activity, reach/],
    [[good, '--kind', 'problem'], /unknown head: 人数/],
    [[good, '--time-zone', 'Mars/Olympus'], /Mars/],
    [[good, '--rejected', good], /itself/],
    [[good, '--wait', 'x'], /--wait/],
  ];
  for (const [args, told] of cases) {
    const got = await run(TALLYCTL, ['--state', d.state, 'import', ...args], { env: ENGLISH });
    assert.equal(got.code, 2, `${args}: ${got.stdout}${got.stderr}`);
    assert.match(got.stderr, told);
  }
  const strange = write(s, 'strange.csv', '日期,活动名称,天气\n');
  const chinese = await run(TALLYCTL, ['--state', d.state, 'import', strange], { env: CHINESE });
  assert.match(chinese.stderr, /第 1 行的表头不能用\n第 3 列：表头认不得：天气\n[^]*能用的表头：.*人数/);
  await expectTotals(d, 'all', {});
  const away = await run(TALLYCTL, ['--url', 'http://127.0.0.1:1', 'import', good], { env: ENGLISH });
  assert.equal(away.code, 3, away.stderr);
  const help = await run(TALLYCTL, ['import', '--help']);
  assert.equal(help.code, 0);
  for (const word of ['--dry-run', '--rejected', 'SHA-256', '人数'])
    assert.ok(help.stdout.includes(word), `${word} in:\n${help.stdout}`);
});

scene('times without a zone are in the one that is named', async (s) => {
  const d = await s.daemon();
  const file = write(
    s,
    'zone.csv',
    table([
      ['日期', '标题', '社区'],
      ['2026-01-05 20:00', '甲', 'm1'],
    ]),
  );
  await expectLoad(d, file, { counted: 1 }, '--time-zone', 'Europe/Berlin');
  await expectTotals(d, '2026-01-06', { activities: 1 });
});

/** A sheet of N rows, no two the same, and its totals. */
function many(n) {
  const rows = [['日期', '标题', '社区', '单位', '人数']];
  let residents = 0;
  for (let i = 0; i < n; i++) {
    residents += i % 97;
    const day = `2025/${(i % 12) + 1}/${(i % 28) + 1} ${i % 24}:00`;
    rows.push([day, `第${i}场`, `社区${'一二三四五'[i % 5]}`, `u${(i % 4) + 1}`, `${i % 97}`]);
  }
  return { content: gb18030(table(rows)), totals: { activities: n, residents } };
}

scene('20,000 rows, with a bar on a terminal', async (s) => {
  const d = await s.daemon();
  const { content, totals } = many(20_000);
  const file = write(s, 'many.csv', content);
  const command = [TALLYCTL, '--state', d.state, 'import', file].map((word) => `'${word}'`).join(' ');
  const got = await run('script', ['-qefc', command, '/dev/null'], { env: ENGLISH });
  assert.equal(got.code, 0, got.stdout);
  assert.match(got.stdout, /\[#+ +\] +\d+ % +[\d,]+ of 20,001 rows/, 'the bar');
  assert.match(got.stdout, /20,000 counted, 0 duplicate/);
  await expectLoad(d, file, { duplicate: 20_000 });
  await expectTotals(d, 'all', totals);
});

/** Stands between the import and the daemon. At the LAST post the daemon counts, then dies before
 * its answer gets through; what comes then finds nobody until the daemon is back. */
class Accident {
  constructor(daemon, last, after) {
    Object.assign(this, { daemon, last, after, posts: 0, away: false });
    this.server = http.createServer((request, answer) => this.pass(request, answer));
  }

  async open() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async pass(request, answer) {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (this.away) return answer.destroy();
    const { authorization, 'content-type': type } = request.headers;
    const got = await this.daemon.request(request.method, request.url, {
      body: parts.length ? Buffer.concat(parts) : undefined,
      headers: { authorization, ...(type ? { 'content-type': type } : {}) },
    });
    if (request.method === 'POST' && ++this.posts === this.last) {
      this.away = true;
      assert.equal(got.status, 200, 'it was counted');
      await this.daemon.kill();
      answer.destroy();
      await this.after?.();
      return undefined;
    }
    answer.writeHead(got.status, { 'content-type': 'application/json' });
    return answer.end(got.text);
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

for (const patient of [true, false])
  scene(
    `the daemon killed in the middle: ${patient ? 'the import goes on' : 'importing again'} gives exact totals`,
    async (s) => {
      const d = await s.daemon();
      const token = await d.token('report');
      const { content, totals } = many(20_000);
      const file = write(s, 'many.csv', content);
      const accident = await new Accident(d, 8, async () => {
        if (!patient) return;
        await d.restart();
        accident.away = false;
      }).open();
      const got = await run(
        TALLYCTL,
        ['--url', accident.url, '--json', 'import', file, '--wait', patient ? '100' : '0'],
        { env: { ...ENGLISH, TALLYCTL_TOKEN: token } },
      );
      accident.close();
      assert.equal(got.code, patient ? 0 : 3, got.stderr);
      const said = JSON.parse(got.stdout);
      if (patient) {
        // The thousand whose answer was lost were sent once more.
        assert.deepEqual([said.counted, said.duplicate], [19_000, 1_000]);
      } else {
        assert.deepEqual([said.counted, said.complete], [7_000, false]);
        assert.match(got.stderr, /again: nothing is counted twice/);
        await d.restart();
        await expectLoad(d, file, { counted: 12_000, duplicate: 8_000 });
      }
      d.lastRev = Math.max(d.lastRev, said.rev);
      await expectTotals(d, 'all', totals);
      assert.equal((await d.ctl('verify')).code, 0);
    },
  );
