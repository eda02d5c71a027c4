// Requests that no honest client sends, in the ways that are known to hang or crash servers. After
// each the daemon must still turn its loop, and nothing may count twice.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { event, expectTotals, scene } from './harness.mjs';
import { Line, exchange, getText, postText, upgradeText } from './raw.mjs';

const activity = (id) => ({ ...event('activity', { title: 't', community: 'm1' }), id });

/** Other clients are answered as if nothing had happened. */
async function alive(d, what) {
  const answer = await d.get('/healthz', { timeout: 10_000 });
  assert.equal(answer.status, 200, `/healthz after ${what}`);
  const posted = await d.post([activity('probe')]);
  assert.equal(posted.status, 200, `POST after ${what}`);
}

/** Each of these events counts at most once; those that were answered with 200 exactly once. */
async function countedOnce(d, ids, answers) {
  const said = answers
    .filter((a) => a.status === 200 && a.body.includes('"counted"'))
    .flatMap((a) => JSON.parse(a.body).results.map((r) => r.id));
  const statuses = await d.send(ids.map(activity));
  for (const [i, id] of ids.entries()) if (said.includes(id)) assert.equal(statuses[i], 'duplicate', id);
  await expectTotals(d, 'all', { activities: ids.length + 1 });
}

scene('three POSTs in one packet', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const ids = ['a', 'b', 'c'];
  const answers = await exchange(
    d.address,
    ids.map((id) => postText(d.address, token, JSON.stringify(activity(id)))).join(''),
    3,
    8_000,
  );
  assert.ok(answers.every((a) => a.status >= 200 && a.status < 600));
  await alive(d, 'three POSTs');
  await countedOnce(d, ids, answers);
});

scene('GET, POST, GET and every other mixture in one packet', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const parts = {
    G: () => getText(d.address, '/healthz'),
    F: () => getText(d.address, '/favicon.ico'),
    T: () => getText(d.address, '/api/v1/totals'),
    P: (id) => postText(d.address, token, JSON.stringify(activity(id))),
    B: () => `${getText(d.address, '/api/v1/totals', 'Content-Length: 5\r\n')}hello`,
    U: () => postText(d.address, 'nobody', '{}'),
    N: () => getText(d.address, '/nothing'),
  };
  const ids = [];
  const answers = [];
  for (const mixture of [
    'GPG',
    'PPG',
    'PG',
    'GP',
    'TPT',
    'FG',
    'FP',
    'PF',
    'GG',
    'TTTT',
    'BG',
    'BB',
    'BP',
    'PB',
    'UP',
    'UG',
    'NP',
    'PN',
    'NN',
    'PPPPPPPP',
    'GBP',
    'TFPG',
  ]) {
    const text = [...mixture]
      .map((c, i) => {
        const id = `${mixture}-${i}`;
        if (c === 'P') ids.push(id);
        return parts[c](id);
      })
      .join('');
    answers.push(...(await exchange(d.address, text, mixture.length, 2_000)));
    await alive(d, mixture);
  }
  await countedOnce(d, ids, answers);
});

scene('a mixture cut into small packets', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const text =
    ['a', 'b'].map((id) => postText(d.address, token, JSON.stringify(activity(id)))).join('') +
    getText(d.address, '/healthz');
  const line = new Line(d.address);
  for (let i = 0; i < text.length && !line.isClosed; i += 37) {
    await line.write(text.slice(i, i + 37));
    await pause(1);
  }
  const answers = await line.answers(3, 3_000);
  line.end();
  assert.deepEqual(
    answers.map((a) => a.status),
    [200, 200, 200],
  );
  await alive(d, 'small packets');
  await countedOnce(d, ['a', 'b'], answers);
});

scene('requests sent behind one another are each answered, in their order', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const ids = Array.from({ length: 40 }, (_, i) => `q${i}`);
  const text = ids
    .map((id, i) => postText(d.address, token, JSON.stringify(activity(id))) + getText(d.address, `/nothing${i}`))
    .join('\r\n');
  const answers = await exchange(d.address, text, 80);
  assert.deepEqual(
    answers.map((a) => a.status),
    ids.flatMap(() => [200, 404]),
  );
  assert.deepEqual(
    answers.filter((a) => a.status === 200).map((a) => JSON.parse(a.body).results[0].id),
    ids,
  );
  // More than is kept waiting: the rest stays with the client until there is room.
  const line = new Line(d.address);
  const many = Array.from({ length: 3_000 }, () => getText(d.address, '/healthz')).join('');
  await line.write(postText(d.address, token, JSON.stringify(activity('last'))) + many);
  const all = await line.answers(3_001);
  line.end();
  assert.ok(all.length === 3_001 && all.every((a) => a.status === 200));
  await alive(d, 'requests behind one another');
  await countedOnce(d, [...ids, 'last'], [...answers, all[0]]);
});

scene('what stands behind an empty body is answered too', async (s) => {
  const d = await s.daemon();
  const empty = postText(d.address, 'nobody', '');
  const answers = await exchange(d.address, empty.repeat(5) + getText(d.address, '/healthz'), 6, 5_000);
  assert.deepEqual(
    answers.map((a) => a.status),
    [401, 401, 401, 401, 401, 200],
  );
  await alive(d, 'empty bodies');
});

scene('a connection that says nothing more is ended without a fault', async (s) => {
  const d = await s.daemon();
  const line = new Line(d.address);
  let fault = null;
  line.socket.on('error', (error) => {
    fault = error;
  });
  await line.write(getText(d.address, '/healthz'));
  await line.answers(1);
  await line.closed;
  assert.equal(fault, null);
  assert.match((await d.get('/metrics')).text, /^tallyd_connections_dropped_total 0$/m);
});

scene('a handshake that is refused is refused in words, on any connection', async (s) => {
  const d = await s.daemon();
  const shake = (path, ...lines) => upgradeText(d.address, path, ...lines);
  for (const [what, bytes, status, code] of [
    ['another path', shake('/wsx', 'Upgrade: websocket'), 404, 'not_found'],
    ['a bad escape', shake('/ws%zz', 'Upgrade: websocket'), 404, 'not_found'],
    ['a page from elsewhere', shake('/ws', 'Upgrade: websocket', 'Origin: http://evil'), 403, 'bad_origin'],
    ['another protocol', shake('/ws', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: x'), 400, 'bad_request'],
    ['two wishes', shake('/healthz', 'Upgrade: h2c', 'Upgrade: websocket'), 404, 'not_found'],
    ['two wishes at the right place', shake('/ws', 'Upgrade: foo', 'Upgrade: websocket'), 101],
    ['blanks around', `\r\n${shake('/ws', 'Upgrade:\twebsocket ')}`, 101],
    ['the whole address', shake(`http://${d.address}/ws`, 'Upgrade: websocket'), 101],
    ['another wish alone', shake('/healthz', 'Upgrade: h2c'), 200],
  ]) {
    const [answer] = await exchange(d.address, bytes);
    assert.equal(answer?.status, status, what);
    if (code) assert.equal(JSON.parse(answer.body).error.code, code, what);
  }
  await alive(d, 'handshakes');
});

scene('who has said all that it wants to say is still answered', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const line = new Line(d.address);
  line.socket.allowHalfOpen = true;
  await line.connected;
  line.socket.end(postText(d.address, token, JSON.stringify(activity('half'))) + getText(d.address, '/healthz'));
  const answers = await line.answers(2);
  assert.deepEqual(
    answers.map((a) => a.status),
    [200, 200],
  );
  await line.closed;
  await alive(d, 'a half-closed connection');
  await countedOnce(d, ['half'], answers);
});

scene('what cannot be read is refused with words', async (s) => {
  const d = await s.daemon();
  const long = 'x'.repeat(9_000);
  for (const [what, bytes, status, code] of [
    ['bad escapes', getText('x', '/%zz%'), 400, 'bad_request'],
    ['bad escapes in a query', getText('x', '/api/v1/totals?range=%'), 400, 'bad_request'],
    ['an escaped NUL', getText('x', '/%00'), 400, 'bad_request'],
    ['an escaped NUL in a query', getText('x', '/api/v1/totals?range=%00'), 400, 'bad_request'],
    ['no UTF-8', getText('x', '/%ff'), 400, 'bad_request'],
    ['a folded header', getText('x', '/healthz', 'X-A: b\r\n c\r\n'), 400, 'bad_request'],
    ['a blank before a colon', getText('x', '/healthz', 'X-A : b\r\n'), 400, 'bad_request'],
    ['two hosts', getText('x', '/healthz', 'Host: y\r\n'), 400, 'bad_request'],
    ['129 headers', getText('x', '/healthz', 'A: b\r\n'.repeat(128)), 431, 'head_too_large'],
    ['a query within an authority', getText('x', 'http://other?x=/metrics'), 400, 'bad_request'],
    ['a parameter behind an empty one', getText('x', '/api/v1/totals?=&range=nonsense'), 422, 'unknown_field'],
    ['two lengths', postText('x', 'nobody', '{}', 'Content-Length: 3\r\n'), 400, 'bad_request'],
    ['many cookies', getText('x', '/healthz', `Cookie: ${'c'.repeat(110)}\r\n`.repeat(60)), 200],
    ['a TLS hello', Buffer.from('16030100a5010000a10303', 'hex'), 400, 'bad_request'],
    ['a long path', getText('x', `/${long}`), 431, 'head_too_large'],
    ['a long header', getText('x', '/healthz', `X-Long: ${long}\r\n`), 431, 'head_too_large'],
    ['an endless header', `GET / HTTP/1.1\r\nX-Long: ${long}`, 431, 'head_too_large'],
    ['a made-up method', 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
    ['a made-up method for nothing', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'not_found'],
    ['a method with a body in pieces', 'PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 405],
    ['an absolute URI', getText('x', 'http://other/healthz'), 200],
  ]) {
    const [answer] = await exchange(d.address, bytes);
    assert.equal(answer?.status, status, what);
    if (code) assert.equal(JSON.parse(answer.body).error.code, code, what);
  }
  await alive(d, 'what cannot be read');
});

scene('a screen may come byte by byte, and behind requests', async (s) => {
  const d = await s.daemon();
  const upgrade = upgradeText(d.address, '/ws', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: tally.v1');
  const shows = async (line) => {
    await line.until('"type":"snapshot"');
    assert.match(line.text, / 101 [^]*"type":"snapshot"/);
    line.end();
  };
  const slow = new Line(d.address);
  for (const character of upgrade) await slow.write(character);
  await shows(slow);
  const behind = new Line(d.address);
  await behind.write(getText(d.address, '/healthz') + getText(d.address, '/nothing') + upgrade);
  await shows(behind);
  assert.match(behind.text, /200 OK[^]*404 Not Found[^]*101 /);
  // A message behind the handshake, masked by zeros: the views that are asked for at once.
  const views = '{"views":[{"range":"all","by":"circle"}]}';
  const quick = new Line(d.address);
  const frame = `\x81${String.fromCharCode(0x80 + views.length)}\0\0\0\0${views}`;
  await quick.write(Buffer.from(upgrade + frame, 'latin1'));
  await quick.until('"by":"circle"');
  assert.ok(quick.text.includes('"by":"circle"'));
  quick.end();
  await alive(d, 'screens');
});

scene('one request after another on one connection', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const line = new Line(d.address);
  for (let i = 0; i < 50; i += 1) {
    await line.write(
      i % 2
        ? postText(d.address, token, JSON.stringify(activity(`k${i}`)))
        : getText(d.address, '/api/v1/totals'),
    );
    assert.equal((await line.answers(i + 1)).at(-1).status, 200);
  }
  line.end();
  await alive(d, 'keep-alive');
});

scene('bodies on GET and HEAD', async (s) => {
  const d = await s.daemon();
  for (const method of ['GET', 'HEAD']) {
    for (const path of ['/healthz', '/api/v1/totals', '/', '/nothing']) {
      const [answer] = await exchange(
        d.address,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nGET / H`,
        1,
        5_000,
      );
      if (answer) assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`);
      const [chunked] = await exchange(
        d.address,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
        1,
        5_000,
      );
      if (chunked) assert.ok(chunked.status < 500, `${method} ${path}: ${chunked.status}`);
      await alive(d, `${method} ${path} with a body`);
    }
  }
});

scene("HEAD has GET's head and no body", async (s) => {
  const d = await s.daemon();
  for (const path of ['/healthz', '/api/v1/catalogue', '/api/v1/totals']) {
    const line = new Line(d.address);
    await line.write(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await line.closed;
    const got = await d.get(path);
    assert.match(line.text, /^HTTP\/1\.1 200 /, path);
    assert.ok(line.text.endsWith('\r\n\r\n'), `${path}: a HEAD's answer has no body`);
    assert.match(line.text, new RegExp(`content-type: ${got.headers['content-type']}`, 'i'));
  }
});

scene('slow bodies are taken, byte for byte', async (s) => {
  const d = await s.daemon();
  const line = new Line(d.address);
  for (const character of postText(d.address, await d.admin(), JSON.stringify(activity('slow'))))
    await line.write(character);
  const [answer] = await line.answers(1);
  line.end();
  assert.equal(answer.status, 200);
  await alive(d, 'a slow body');
});

scene('half heads, half bodies, and clients that go in the middle', async (s) => {
  const d = await s.daemon();
  const whole = postText(d.address, await d.admin(), JSON.stringify(activity('gone')));
  const cuts = [1, 5, 20, 60, whole.indexOf('\r\n\r\n') + 2, whole.indexOf('\r\n\r\n') + 4, whole.length - 1];
  const held = [];
  for (const cut of cuts) {
    const [stays, goes, resets] = [new Line(d.address), new Line(d.address), new Line(d.address)];
    for (const line of [stays, goes, resets]) await line.write(whole.slice(0, cut));
    goes.socket.end();
    resets.socket.resetAndDestroy();
    held.push(stays, goes);
    await alive(d, `${cut} bytes`);
  }
  for (const line of held) line.end();
  // Gone after the last byte, before the answer.
  for (let i = 0; i < 30; i += 1) {
    const line = new Line(d.address);
    await line.write(postText(d.address, await d.admin(), JSON.stringify(activity(`quick${i % 5}`))));
    if (i % 2) line.socket.resetAndDestroy();
    else line.end();
  }
  await alive(d, 'clients that do not wait');
  const { totals } = await d.totals();
  assert.ok(totals.activities <= 6, 'none of them counts twice, and half of one never');
  assert.deepEqual(await d.send(activity('gone')), ['counted']);
});

scene('300 connections that say nothing, and 300 that all post', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const idle = Array.from({ length: 300 }, () => new Line(d.address));
  await Promise.all(idle.map((line) => line.connected));
  await alive(d, '300 idle connections');
  const half = Array.from({ length: 300 }, () => new Line(d.address));
  await Promise.all(half.map((line) => line.write('GET /api/v1/to')));
  await alive(d, '300 half heads');
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      exchange(d.address, postText(d.address, token, JSON.stringify(activity(`p${i}`))), 1),
    ),
  );
  assert.deepEqual(
    answers.map((a) => a[0]?.status),
    answers.map(() => 200),
  );
  for (const line of [...idle, ...half]) line.end();
  await alive(d, '300 posts');
  await expectTotals(d, 'all', { activities: 301 });
});

scene('garbage in place of a request', async (s) => {
  const d = await s.daemon();
  const long = 'x'.repeat(9_000);
  for (const [what, bytes] of Object.entries({
    blanks: '\r\n\r\n\r\n',
    zeros: Buffer.alloc(4_000),
    'a TLS hello': Buffer.from('16030100a5010000a10303', 'hex'),
    noise: Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256)),
    'no version': 'GET /healthz\r\n\r\n',
    'HTTP/0.9': 'GET /\r\n',
    'HTTP/1.0': 'GET /healthz HTTP/1.0\r\n\r\n',
    'HTTP/3.7': 'GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n',
    'the HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'an h2c upgrade': getText(
      'x',
      '/healthz',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
    ),
    'a bare line feed': 'GET /healthz HTTP/1.1\nHost: x\n\n',
    'a long path': getText('x', `/${long}`),
    'a long query': getText('x', `/api/v1/totals?range=${long}`),
    'a long header': getText('x', '/healthz', `X-Long: ${long}\r\n`),
    'a long unknown header': getText('x', '/healthz', `${long}: x\r\n`),
    'a folded header': getText('x', '/healthz', 'X-A: b\r\n c\r\n'),
    '500 headers': getText('x', '/healthz', Array.from({ length: 500 }, (_, i) => `X-${i}: y\r\n`).join('')),
    'no host': 'GET /healthz HTTP/1.1\r\n\r\n',
    'two hosts': getText('x', '/healthz', 'Host: y\r\n'),
    'a NUL in the path': getText('x', '/a\0b'),
    'an escaped NUL': getText('x', '/healthz%00.html'),
    'bad escapes': getText('x', '/%zz%'),
    'an absolute URI': getText('x', 'http://other/healthz'),
    'an authority': 'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n',
    'a star': 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    'a made-up method': 'BREW /pot HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi',
    expect: postText(d.address, 'nobody', '{}', 'Expect: 100-continue\r\n'),
    'an upgrade that is none': getText(
      'x',
      '/api/v1/totals',
      'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    ),
    'an upgrade with a body': postText(
      d.address,
      await d.admin(),
      '{}',
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
    ),
  })) {
    const line = new Line(d.address);
    await line.write(bytes);
    await line.answers(1, 300);
    await alive(d, what);
    line.end();
  }
});

scene('paths never leave the pages', async (s) => {
  const d = await s.daemon();
  for (const path of [
    '/../../etc/passwd',
    '/..%2f..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/....//....//etc/passwd',
    '/js/../../CMakeLists.txt',
    '/m/..%5c..%5cetc/passwd',
    '/.%00./etc/passwd',
    '/etc/passwd',
  ]) {
    const [answer] = await exchange(d.address, getText(d.address, path, 'Connection: close\r\n'), 1, 5_000);
    if (answer) assert.ok(answer.status !== 200 || !/root:|cmake/i.test(answer.body), path);
  }
  await alive(d, 'traversals');
});

scene('an Authorization that comes twice is refused', async (s) => {
  const d = await s.daemon();
  const token = await d.admin();
  const [answer] = await exchange(
    d.address,
    postText(d.address, token, JSON.stringify(activity('twice')), `Authorization: Bearer ${token}\r\n`),
  );
  assert.ok([400, 401].includes(answer?.status), answer?.status);
  await alive(d, 'two headers');
  await expectTotals(d, 'all', { activities: 1 });
});
