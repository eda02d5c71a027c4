// The audit log: who did what with rights, and who was refused; for how long it is kept.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { clockAt, event, scene, until } from './harness.mjs';
import { Person, audit, codeFor, signedIn } from './person.mjs';

const folderOf = (d) => path.join(d.state, 'audit');
const monthOf = (back) => {
  const now = new Date();
  const month = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back, 1));
  return `${month.toISOString().slice(0, 7)}.jsonl`;
};

scene('every act with rights leaves a line', async (s) => {
  const d = await s.daemon();
  const admin = await signedIn(d, 'admin', { name: 'boss' });
  const made = await admin.post('/admin/tokens', { name: 'clinic', role: 'report' });
  const clinic = new Person(d);
  await clinic.signIn(made.json.code);
  await clinic.post('/session/end');
  await admin.post('/admin/tokens/revoke', { name: 'clinic' });
  const opening = event('opening', { metrics: { activities: 3 } });
  await admin.post('/events', opening);
  assert.equal((await d.ctl('repair')).code, 0);
  const lines = (await audit(d)).map((e) => `${e.actor} ${e.peer} ${e.act} ${e.subject} ${e.outcome}`);
  const want = [
    'owner local token_added boss done',
    'owner local code_made boss done',
    'boss 127.0.0.1 session_begun boss done',
    'boss 127.0.0.1 token_added clinic done',
    'boss 127.0.0.1 code_made clinic done',
    'clinic 127.0.0.1 session_begun clinic done',
    'clinic 127.0.0.1 session_ended clinic done',
    'boss 127.0.0.1 token_revoked clinic done',
    `boss 127.0.0.1 opening ${opening.id} done`,
    'owner local repair null begun',
  ];
  assert.deepEqual(lines.filter((line) => want.includes(line)), want);
  for (const e of await audit(d)) assert.ok(Math.abs(Date.parse(e.at) - Date.now()) < 60_000, e.at);
});

scene('every refused sign-in leaves a line, up to a number a minute; the rest are counted', async (s) => {
  const d = await s.daemon();
  await d.admin();
  const outsider = new Person(d);
  const refusals = async () => (await audit(d)).filter((e) => e.act === 'sign_in');
  const early = (await refusals()).length; // a new token may be refused until the daemon knows it
  await d.post([], { token: 'tt_guess' });
  await outsider.post('/session', { code: 'tc_guess' });
  await outsider.post('/session', { code: `tc_${'0'.repeat(32)}` });
  const first = await refusals();
  assert.deepEqual(first.map((e) => e.outcome).slice(early), ['bad_token', 'bad_code', 'bad_code']);
  assert.deepEqual([...new Set(first.map((e) => e.peer))], ['127.0.0.1']);
  assert.ok(first.every((e) => e.actor === null && e.subject === null));
  for (let i = 0; i < 200; i++) await d.post([], { token: `tt_guess${i}` });
  assert.ok((await refusals()).length <= 121, 'nobody fills the disk by guessing');
  const before = (await refusals()).filter((e) => !e.count).length;
  await d.stop();
  await d.restart();
  const all = await refusals();
  const told = all.reduce((sum, e) => sum + (e.outcome === 'locked_out' ? 0 : (e.count ?? 1)), 0);
  assert.ok(told >= 203, `${told} of 203 are told, ${before} of them one by one`);
});

scene('months that are too old are deleted, at the start and by the day', async (s) => {
  const store = await s.redis();
  const d = s.launch({ redis: store.url, env: clockAt('2026-07-31 23:59:50') });
  await d.ready();
  await d.admin();
  await d.stop();
  const keep = ['2026-01.jsonl', '2026-02.jsonl', '2026-06.jsonl', '2026-07.jsonl', 'notes.txt'];
  const old = ['2025-12.jsonl', '2025-07.jsonl', '1999-01.jsonl'];
  for (const name of [...keep, ...old])
    fs.appendFileSync(path.join(folderOf(d), name), '{"at":"x","act":"kept"}\n');
  await d.restart();
  const names = () => fs.readdirSync(folderOf(d)).sort();
  assert.deepEqual(names().filter((name) => old.includes(name)), []);
  assert.deepEqual(names().filter((name) => keep.includes(name)), keep);
  // The clock began anew at 23:59:50: with the new month January has to go.
  await until(() => !names().includes('2026-01.jsonl'), 'January to be deleted');
  assert.ok(names().includes('2026-02.jsonl'));
});

scene('how long it is kept is a setting', async (s) => {
  const d = s.launch({ config: { access: { audit_months: 1 } } });
  await d.ready();
  await d.stop();
  for (const back of [1, 2]) fs.writeFileSync(path.join(folderOf(d), monthOf(back)), '{"act":"x"}\n');
  await d.restart();
  assert.deepEqual(
    [1, 2].map((back) => fs.existsSync(path.join(folderOf(d), monthOf(back)))),
    [true, false],
  );
});

scene('it is read page by page, newest first, across months; torn lines are passed over', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const old = Array.from({ length: 250 }, (_, i) => `{"at":"old","act":"old","subject":"${i}"}\n`).join('');
  fs.writeFileSync(path.join(folderOf(d), monthOf(1)), `{"at":"to\n${old}{"at":"torn","a`);
  const seen = [];
  let pages = 0;
  for (let before = ''; before !== null; pages++) {
    const page = await d.api(`/admin/audit?limit=60${before && `&before=${before}`}`, { token });
    assert.ok(page.entries.length <= 60);
    seen.push(...page.entries);
    before = page.next;
  }
  assert.ok(pages >= 5);
  const olds = seen.filter((e) => e.act === 'old').map((e) => Number(e.subject));
  assert.deepEqual(olds, Array.from({ length: 250 }, (_, i) => 249 - i));
  assert.ok(seen.findIndex((e) => e.act === 'token_added') < seen.findIndex((e) => e.act === 'old'));
  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'before=x',
    'before=2026-07',
    'before=2026-07.',
    'before=2026-07.-1',
    'before=../../etc.5',
    'before=2026-07.9x',
    'what=1',
  ])
    assert.equal((await d.get(`/api/v1/admin/audit?${query}`, { token })).status, 422, query);
  const far = await d.api('/admin/audit?before=1990-01.99999', { token });
  assert.deepEqual(far, { entries: [], next: null });
});

scene("it is its owner's to read, and holds one whole line an act", async (s) => {
  const d = await s.daemon();
  await signedIn(d, 'admin', { name: 'boss' });
  await Promise.all(Array.from({ length: 20 }, () => codeFor(d, 'boss')));
  assert.equal(fs.statSync(folderOf(d)).mode & 0o777, 0o700);
  for (const name of fs.readdirSync(folderOf(d))) {
    const file = path.join(folderOf(d), name);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    assert.equal(lines.pop(), '');
    for (const line of lines) assert.ok(JSON.parse(line).act, line);
  }
  assert.equal((await audit(d)).filter((e) => e.act === 'code_made').length, 21);
});
