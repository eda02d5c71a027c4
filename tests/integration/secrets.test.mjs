// What must not leak and must not be forged: secrets in the places where people look, and lines of
// the log that somebody else would like to write. And what must not cost memory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { event, memoryOf, scene, until } from './harness.mjs';
import { Line, getText, postText } from './raw.mjs';

const proc = (pid, name) => fs.readFileSync(`/proc/${pid}/${name}`, 'latin1');

scene('no secret in process lists, answers, metrics or log', async (s) => {
  const password = 'canary-password';
  const store = await s.redis({ tcp: true, config: { requirepass: password }, login: ['-a', password] });
  const url = `redis://:${password}@127.0.0.1:${store.port}`;
  const d = await s.daemon({ config: { redis: { url }, log: { level: 'debug' } } });
  const tokens = [await d.admin(), await d.token('report'), 'tt_canarycanarycanary'];
  const answers = [];
  for (const token of tokens) {
    answers.push(await d.post([event('activity', { title: 't', community: 'm1' })], { token }));
    answers.push(await d.post('[', { token }), await d.post([{}], { token }));
    answers.push(await d.get('/api/v1/totals?nonsense=1', { token }));
    answers.push(await d.get(`/api/v1/nothing`, { token }));
    await assert.rejects(s.screen(d, { headers: { authorization: `Bearer ${token}`, origin: 'http://evil' } }));
  }
  answers.push(await d.get('/metrics'), await d.get('/readyz'), await d.get('/api/v1/openapi.json'));
  const places = Object.fromEntries(answers.map((a, i) => [`answer ${i}`, JSON.stringify(a.headers) + a.text]));
  for (const pid of [d.pid, ...d.children()])
    for (const name of ['cmdline', 'environ']) places[`${name} of ${pid}`] = proc(pid, name);
  places.log = d.log;
  const secret = fs.readFileSync(`${d.state}/credentials`, 'utf8').split('\n')[0];
  assert.match(secret, /^[0-9a-f]{32,}$/);
  for (const [place, text] of Object.entries(places))
    for (const hidden of [...tokens, secret, password]) assert.ok(!text.includes(hidden), `${hidden} in ${place}`);
  assert.equal(fs.statSync(`${d.state}/credentials`).mode & 0o777, 0o600);
});

scene('nobody writes lines into the log', async (s) => {
  const d = await s.daemon({
    config: { log: { level: 'debug' }, http: { trusted_proxies: ['127.0.0.1'] }, limits: { loopback: true } },
  });
  const forged = 'event=forged';
  const evil = ['%0aat=now%20level=info%20', '\u2028', '\u202e', '\x1b[2J', '\x85', '"', '\\', '\t'];
  for (const part of evil) {
    const word = part + forged;
    const raw = Buffer.from(word, 'utf8').toString('latin1');
    for (const text of [
      getText(d.address, `/${encodeURI(raw)}`),
      getText(d.address, `/api/v1/totals?range=${encodeURIComponent(raw)}`),
      getText(d.address, '/api/v1/totals', `Authorization: Bearer ${raw}\r\n`),
      getText(d.address, '/api/v1/totals', `X-Forwarded-For: ${raw}\r\n`),
      getText(d.address, '/ws', `Upgrade: ${raw}\r\nConnection: Upgrade\r\n`),
      getText(d.address, '/', `Host: ${raw}\r\nOrigin: ${raw}\r\n`),
      `${raw} / HTTP/1.1\r\nHost: x\r\n\r\n`,
    ]) {
      const line = new Line(d.address);
      await line.write(Buffer.from(text, 'latin1'));
      await line.answers(1, 300);
      line.end();
    }
    await d.post([event('activity', { title: `t${part}${forged}`, community: 'm1' })]);
    await d.post([event('void', { of: 'x', reason: `${part}${forged}` })]);
  }
  await until(() => /event=store_up/.test(d.log), 'the log');
  const lines = d.log.trimEnd().split('\n').slice(1);
  for (const line of lines) {
    assert.match(line, /^at=\S+ level=\w+ event=(?!forged)[a-z_]+( [a-z_]+=(\S+|"(\\.|[^"\\])*"))*$/);
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  }
});

scene('deep and wide JSON costs an answer and no memory', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const MIB = 1024 * 1024;
  const bodies = [
    '['.repeat(100_000),
    '['.repeat(MIB - 1),
    '{"a":'.repeat(MIB / 5 - 1),
    `[${'{},'.repeat(MIB / 3 - 10)}{}]`,
    `{"id":"${'x'.repeat(MIB - 100)}"}`,
    `[${'0,'.repeat(MIB / 2 - 10)}0]`,
  ];
  for (const body of bodies) await d.post(body, { token }); // what the allocator keeps, it has then
  const before = memoryOf(d.pid);
  for (let i = 0; i < 10; i += 1)
    for (const body of bodies) {
      const answer = await d.post(body, { token });
      assert.ok([400, 413, 422].includes(answer.status), `${answer.status} for ${body.slice(0, 20)}`);
    }
  const grown = memoryOf(d.pid) - before;
  assert.ok(grown < 64, `grown by ${grown.toFixed(1)} MiB`);
  // Announced bodies take no memory before they come.
  const lines = Array.from({ length: 200 }, () => new Line(d.address));
  const text = postText(d.address, token, 'x'.repeat(MIB)).slice(0, 400);
  await Promise.all(lines.map((line) => line.write(text)));
  assert.equal((await d.get('/healthz')).status, 200);
  assert.ok(memoryOf(d.pid) - before < 96, 'and no more than what has come');
  for (const line of lines) line.end();
});
