// What is not JSON by RFC 8259 to the letter is 400; what is, but says a thing twice, holds NUL or
// nests without end, is 422; and what isn't a proper request has its own status. Nothing counts.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { event, expectTotals, scene } from './harness.mjs';
import { Line, exchange, postText } from './raw.mjs';

const ACTIVITY = '"kind":"activity","at":"2024-03-15T10:00:00+08:00","title":"t","community":"m1"';
const GOOD = `{"id":"a",${ACTIVITY}}`;
const with_ = (text) => `{"id":"a",${ACTIVITY},${text}}`;
const titled = (string) =>
  `{"id":"a","kind":"activity","at":"2024-03-15T10:00:00+08:00","community":"m1","title":${string}}`;
const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const inTitle = (...raw) =>
  bytes('{"id":"a","kind":"activity","at":"2024-03-15T10:00:00+08:00","community":"m1","title":"', raw, '"}');

const NOT_JSON = {
  nothing: '',
  blanks: ' \n',
  'a word': 'hello',
  'half an object': GOOD.slice(0, -1),
  'half an array': `[${GOOD}`,
  'an open string': '{"id":"a',
  'a closing bracket too many': `${GOOD}]`,
  'brackets that cross': `[${GOOD.slice(0, -1)}]}`,
  'trailing text': `${GOOD} x`,
  'two texts': `${GOOD}${GOOD}`,
  'two lines as JSON': `${GOOD}\n${GOOD}`,
  'a NUL behind': bytes(GOOD, [0]),
  'a byte order mark': bytes([0xef, 0xbb, 0xbf], GOOD),
  'UTF-16': Buffer.from(GOOD, 'utf16le'),
  'a leading zero': with_('"residents":01'),
  'a negative leading zero': with_('"residents":-01'),
  'a bare point': with_('"residents":1.'),
  'a point first': with_('"residents":.5'),
  'a plus': with_('"residents":+1'),
  'a bare minus': with_('"residents":-'),
  'a bare exponent': with_('"residents":1e'),
  'a signed bare exponent': with_('"residents":1e+'),
  hexadecimal: with_('"residents":0x10'),
  NaN: with_('"residents":NaN'),
  Infinity: with_('"residents":Infinity'),
  underscores: with_('"residents":1_000'),
  True: with_('"residents":True'),
  tru: with_('"residents":tru'),
  nul: with_('"residents":nul'),
  undefined: with_('"residents":undefined'),
  'a comma at the end': `{"id":"a",${ACTIVITY},}`,
  "a comma at the array's end": `[${GOOD},]`,
  'a comma first': `[,${GOOD}]`,
  'two commas': `{"id":"a",,${ACTIVITY}}`,
  'no comma': '{"id":"a" "kind":"activity"}',
  'no colon': '{"id" "a"}',
  'no value': '{"id":}',
  'a key without quotes': `{id:"a",${ACTIVITY}}`,
  'single quotes': GOOD.replaceAll('"', "'"),
  'a comment': `/* c */${GOOD}`,
  'a line comment': `${GOOD}// c`,
  'a raw line end in a string': titled('"a\nb"'),
  'a raw tab': titled('"a\tb"'),
  'a raw NUL': inTitle(0x61, 0, 0x62),
  'a raw U+001F': titled('"\u001f"'),
  'a bad escape': titled('"\\x41"'),
  'an escaped quote': titled('"\\\'"'),
  'a short \\u': titled('"\\u12"'),
  'a \\u of other letters': titled('"\\u12g4"'),
  'a backslash last': titled('"a\\"'),
  'a lone continuation byte': inTitle(0x80),
  'a byte of 0xff': inTitle(0xff),
  'an overlong slash': inTitle(0xc0, 0xaf),
  'an overlong NUL': inTitle(0xc0, 0x80),
  'an overlong three-byte form': inTitle(0xe0, 0x80, 0xaf),
  'a surrogate in UTF-8': inTitle(0xed, 0xa0, 0x80),
  'beyond U+10FFFF': inTitle(0xf4, 0x90, 0x80, 0x80),
  'a five-byte form': inTitle(0xf8, 0x88, 0x80, 0x80, 0x80),
  'a cut character': inTitle(0xe4, 0xb8),
  'invalid UTF-8 in a key': bytes('{"', [0xff], '":1}'),
  'a no-break space between': `[\u00a0${GOOD}]`,
  'a form feed between': `[\f${GOOD}]`,
  'a vertical tab between': `[\v${GOOD}]`,
  'deep nesting that never closes': '['.repeat(100_000),
  'deep objects that never close': '{"a":'.repeat(100_000),
  'a form': 'id=a&kind=activity',
  XML: '<event id="a"/>',
};

const deep = (n, open = '[', close = ']') => open.repeat(n) + (open === '[' ? '' : '1') + close.repeat(n);
const WELL_FORMED = {
  'a key twice': with_('"title":"t"'),
  'a key twice with other values': with_('"community":"m2"'),
  'a key twice, once escaped': with_('"titl\\u0065":"x"'),
  'a key twice, with an escaped solidus': with_('"a/b":1,"a\\/b":2'),
  'an id twice': `{"id":"a","id":"b",${ACTIVITY}}`,
  'a key twice within metrics':
    '{"id":"a","kind":"opening","at":"2024-03-15T10:00:00+08:00","metrics":{"activities":1,"activities":2}}',
  'an escaped NUL': titled('"a\\u0000b"'),
  'an escaped NUL in an id': `{"id":"a\\u0000",${ACTIVITY}}`,
  'an escaped NUL in a key': with_('"resi\\u0000":1'),
  'a NUL that would cut a key': with_('"title\\u0000":"x"'),
  'a lone high surrogate': titled('"\\ud83d"'),
  'a lone low surrogate': titled('"\\ude00"'),
  'surrogates the wrong way round': titled('"\\ude00\\ud83d"'),
  'a high surrogate and a letter': titled('"\\ud83d\\u0041"'),
  'a number beyond doubles': with_('"residents":1e999'),
  'a number of 400 digits': with_(`"residents":${'9'.repeat(400)}`),
  'beyond 2^53': with_('"residents":9007199254740993'),
  'minus beyond 2^53': with_('"residents":-9007199254740993'),
  'deep arrays': deep(100_000),
  'deep objects': deep(100_000, '{"a":', '}'),
  'deep inside an event': with_(`"residents":${deep(5_000)}`),
  'an array of arrays': `[[${GOOD}]]`,
  'ten thousand keys': `{${Array.from({ length: 10_000 }, (_, i) => `"k${i}":1`).join()}}`,
};

/** Posts what must be refused, and asserts the form of the refusal. */
async function refused(d, body, status, options) {
  const answer = await d.post(body, {
    ...options,
    headers: { 'accept-language': 'zh', ...options?.headers },
  });
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.json.error.code, /^[a-z][a-z0-9_]*$/);
  assert.match(answer.json.error.message, /\p{Script=Han}/u);
  return answer.json;
}

async function nothingCounted(d) {
  await d.count(event('activity', { title: 'sentinel', community: 'm5' }));
  await expectTotals(d, 'all', { activities: 1 });
}

scene('what is not JSON is 400', async (s, t) => {
  const d = await s.daemon();
  for (const [what, body] of Object.entries(NOT_JSON)) {
    await t.test(what, () => refused(d, body, 400));
  }
  await nothingCounted(d);
});

scene('what is JSON but must not be said is 422', async (s, t) => {
  const d = await s.daemon();
  for (const [what, body] of Object.entries(WELL_FORMED)) {
    await t.test(what, async () => {
      const { errors } = await refused(d, body, 422);
      assert.ok(errors.length >= 1);
    });
  }
  await nothingCounted(d);
});

scene('JSON may be written in every way that RFC 8259 allows', async (s) => {
  const d = await s.daemon();
  const texts = [
    ` \t\r\n${GOOD}\r\n `,
    `{"i\\u0064":"b" , ${ACTIVITY}\n,"residents" :\t0 }`,
    titled('"\\ud83d\\ude00\\/\\\\ \\"\\u4e49"').replace('"a"', '"c"'),
    titled('"\u{10ffff}"').replace('"a"', '"d"'),
    with_('"residents":-0').replace('"a"', '"e"'),
  ];
  for (const [i, text] of texts.entries()) {
    const answer = await d.post(text);
    assert.equal(answer.status, 200, `${text}: ${answer.text}`);
    assert.deepEqual(answer.json.results, [{ id: 'abcde'[i], status: 'counted' }]);
  }
  assert.equal((await d.api('/events/c')).event.title, '😀/\\ "义');
});

scene('a line of NDJSON at fault is named by its place, and no other counts', async (s) => {
  const d = await s.daemon();
  const type = 'application/x-ndjson';
  const line = (id, more = '') => `{"id":"${id}",${ACTIVITY}${more}}`;
  for (const [body, status, index] of [
    [[line('a'), line('b'), '{"id":'], 400, 2],
    [[line('a'), 'x', line('c')], 400, 1],
    [[line('a'), line('b', ',"residents":-1')], 422, 1],
    [[line('a'), `[${line('b')}]`], 422, 1],
    [[`${line('a')} ${line('b')}`], 400, 0],
    [[line('a'), line('b', ',"title":"u"')], 422, 1],
  ]) {
    const { error } = await refused(d, body.join('\n'), status, { type });
    assert.equal(error.index, index, body.at(-1));
  }
  await expectTotals(d, 'all', {});
  const answer = await d.post(`${line('a')}\n${line('b')}\n${line('a')}\n`, { type });
  assert.deepEqual(
    answer.json.results.map((r) => [r.id, r.status]),
    [
      ['a', 'counted'],
      ['b', 'counted'],
      ['a', 'duplicate'],
    ],
  );
});

scene('bodies over 1 MiB are 413, and a client that sends 4 MiB can read it', async (s) => {
  const d = await s.daemon();
  const padded = (size) => GOOD + ' '.repeat(size - GOOD.length);
  for (const size of [1024 * 1024 + 1, 2_000_000, 4 * 1024 * 1024]) await refused(d, padded(size), 413);
  await expectTotals(d, 'all', {});
  const full = await d.post(padded(1024 * 1024));
  assert.equal(full.json.results[0].status, 'counted');
  const huge = await exchange(
    d.address,
    `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await d.admin()}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{',
  );
  assert.equal(huge[0].status, 413);
});

scene('other content types are 415; the right ones may have parameters and any case', async (s) => {
  const d = await s.daemon();
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'json',
    '',
  ]) {
    await refused(d, GOOD, 415, { type });
  }
  const bare = await exchange(
    d.address,
    postText(d.address, await d.admin(), GOOD).replace(/Content-Type.*\r\n/, ''),
  );
  assert.equal(bare[0].status, 415);
  await expectTotals(d, 'all', {});
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
    'application/x-ndjson; charset=utf-8',
  ]) {
    assert.equal((await d.post(GOOD, { type })).status, 200, type);
  }
});

scene('a body without a proper Content-Length is refused', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const head = `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const chunked = `${GOOD.length.toString(16)}\r\n${GOOD}\r\n0\r\n\r\n`;
  for (const [rest, statuses] of [
    [`\r\n${GOOD}`, [411]],
    [`Transfer-Encoding: chunked\r\n\r\n${chunked}`, [411]],
    [`Transfer-Encoding: chunked\r\nContent-Length: ${GOOD.length}\r\n\r\n${chunked}`, [400, 411]],
    [`Content-Length: ${GOOD.length}x\r\n\r\n${GOOD}`, [400, 411]],
    [`Content-Length: -1\r\n\r\n${GOOD}`, [400, 411]],
    [`Content-Length: \r\n\r\n${GOOD}`, [400, 411]],
    [`Content-Length: ${GOOD.length}\r\nContent-Length: 5\r\n\r\n${GOOD}`, [400, 411]],
    [`Content-Length: 0x10\r\n\r\n${GOOD}`, [400, 411]],
    [`Content-Length: ${GOOD.length}, ${GOOD.length}\r\n\r\n${GOOD}`, [400, 411]],
  ]) {
    const [answer] = await exchange(d.address, head + rest);
    assert.ok(
      answer && statuses.includes(answer.status),
      `${rest.split('\r\n\r\n')[0]}: ${JSON.stringify(answer)}`,
    );
  }
  await nothingCounted(d);
});

scene('a body that stalls is 408, and so is one that trickles without end', async (s) => {
  const d = await s.daemon({ config: { http: { body_timeout: 1 } } });
  const token = await d.admin();
  const whole = postText(d.address, token, GOOD);
  const stalled = new Line(d.address);
  await stalled.write(whole.slice(0, -10));
  const [answer] = await stalled.answers(1);
  assert.equal(answer?.status, 408);
  assert.ok(JSON.parse(answer.body).error.code);
  await stalled.closed;
  const trickling = new Line(d.address);
  await trickling.write(whole.slice(0, -GOOD.length));
  for (const character of GOOD) {
    if (trickling.text || trickling.isClosed) break;
    await trickling.write(character);
    await pause(60);
  }
  assert.equal((await trickling.answers(1))[0]?.status, 408);
  trickling.end();
  await nothingCounted(d);
});

scene('unknown paths are 404, and known ones name the methods they take', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  for (const path of [
    '/api',
    '/api/v1',
    '/api/v1/',
    '/api/v1/event',
    '/api/v1/totals/x',
    '/api/v2/totals',
    '/nothing',
    '/healthz/x',
    '/API/V1/totals',
    '/api/v1/events/a/b',
  ]) {
    const answer = await d.get(path, { headers: { 'accept-language': 'zh' } });
    assert.equal(answer.status, 404, path);
    if (path.startsWith('/api/v1/')) assert.match(answer.json.error.message, /\p{Script=Han}/u);
  }
  for (const [method, path, allow] of [
    ['DELETE', '/api/v1/events', 'GET, HEAD, POST'],
    ['PUT', '/api/v1/events', 'GET, HEAD, POST'],
    ['PATCH', '/api/v1/events', 'GET, HEAD, POST'],
    ['POST', '/api/v1/totals', 'GET, HEAD'],
    ['DELETE', '/api/v1/events/a', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PUT', '/healthz', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD'],
    ['GET', '/api/v1/raise', 'POST'],
    ['OPTIONS', '/api/v1/totals', 'GET, HEAD'],
    ['PUT', '/api/v1/nothing', null],
    ['DELETE', '/nothing', null],
  ]) {
    const answer = await d.request(method, path, {
      token,
      body: ['DELETE', 'OPTIONS', 'GET'].includes(method) ? undefined : GOOD,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.status, allow ? 405 : 404, `${method} ${path}: ${answer.text}`);
    assert.equal(answer.headers.allow ?? null, allow, `${method} ${path}`);
  }
  await nothingCounted(d);
});
