// The pages' own folder and the screen's layout: how they are served, kept, and known to be new.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { run, scene, TALLYD, until } from './harness.mjs';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'";
const SCRIPT = 'export const text = "党建联盟";\n'.repeat(200);

/** A folder of pages: {name: content}. */
function folder(s, files, name = 'pages') {
  const root = path.join(s.folder, name);
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content);
  }
  return root;
}

const write = (s, name, text) => {
  const file = path.join(s.folder, name);
  fs.writeFileSync(file, text);
  return file;
};

scene('what was packed beside a page is served as that page, by what the client takes', async (s) => {
  const pages = folder(s, {
    'index.html': '<!doctype html><title>t</title>',
    'js/app.js': SCRIPT,
    'js/app.js.br': brotliCompressSync(SCRIPT),
    'js/app.js.gz': gzipSync(`${SCRIPT}// packed beside it`),
    'css/own.css': 'b{color:red}\n'.repeat(200),
    'archive.gz': 'no page of that name stands beside it',
  });
  const d = await s.daemon({ config: { http: { pages } } });
  const get = (accept, target = '/js/app.js') =>
    d.get(target, { headers: accept ? { 'accept-encoding': accept } : {} });
  const forms = {
    '': [undefined, (bytes) => bytes.toString(), SCRIPT],
    'gzip, deflate, br': ['br', (bytes) => brotliDecompressSync(bytes).toString(), SCRIPT],
    'br;q=0, gzip': ['gzip', (bytes) => gunzipSync(bytes).toString(), `${SCRIPT}// packed beside it`],
    'gzip': ['gzip', (bytes) => gunzipSync(bytes).toString(), `${SCRIPT}// packed beside it`],
  };
  const etags = new Set();
  for (const [accept, [encoding, unpack, want]] of Object.entries(forms)) {
    const got = await get(accept);
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-encoding'], encoding, accept);
    assert.equal(unpack(got.bytes), want);
    assert.match(got.headers['content-type'], /^text\/javascript/);
    assert.match(got.headers.vary, /accept-encoding/i);
    etags.add(got.headers.etag);
    const headers = { 'accept-encoding': accept, 'if-none-match': got.headers.etag };
    assert.equal((await d.get('/js/app.js', { headers })).status, 304);
  }
  assert.equal(etags.size, 3, 'each form has its own ETag');
  assert.equal((await get('br', '/css/own.css')).headers['content-encoding'], undefined);
  assert.equal((await get('br, gzip', '/css/own.css')).headers['content-encoding'], 'gzip');
  for (const form of ['/js/app.js.br', '/js/app.js.gz']) assert.equal((await get('', form)).status, 404);
  assert.equal((await get('', '/archive.gz')).status, 200);
});

scene('a strict policy stands on every answer; a manifest and a service worker are served as such', async (s) => {
  const pages = folder(s, {
    'index.html': '<!doctype html><title>t</title>',
    'sw.js': '// worker',
    'app.webmanifest': '{"name":"t"}',
  });
  const d = await s.daemon({ config: { http: { pages } } });
  for (const target of ['/', '/sw.js', '/api/v1/totals', '/api/v1/nothing', '/healthz']) {
    const { headers } = await d.get(target);
    assert.equal(headers['content-security-policy'], POLICY, target);
    assert.equal(headers['x-content-type-options'], 'nosniff', target);
    assert.equal(headers['referrer-policy'], 'no-referrer', target);
  }
  const manifest = await d.get('/app.webmanifest');
  assert.match(manifest.headers['content-type'], /^application\/manifest\+json/);
  const worker = await d.get('/sw.js');
  assert.match(worker.headers['content-type'], /^text\/javascript/);
  assert.equal(worker.headers['cache-control'], 'no-cache');
});

const LAYOUT = `// the hall's screen
{
  "title": "驾驶舱 // 一楼", // not a comment inside the text
  "flow": ["trend:1.50", {"panel": "feed", "size": 2.50}]
}
`;

scene("the screen's layout is served as its file has it, without the comments", async (s) => {
  const file = write(s, 'hall.json', LAYOUT);
  const d = await s.daemon({ config: { screen: { file } } });
  const got = await d.get('/api/v1/screen');
  assert.equal(got.status, 200);
  assert.match(got.headers['content-type'], /^application\/json/);
  assert.equal(got.text, '{"title":"驾驶舱 // 一楼","flow":["trend:1.50",{"panel":"feed","size":2.50}]}');
  assert.match(got.headers['x-tallyd-build'], /^[0-9a-f]{8}$/);
});

scene('without the default file the layout is empty; one that was named must be there', async (s) => {
  const d = await s.daemon();
  assert.deepEqual(await d.api('/screen'), {});
  const asked = await s.daemon({ config: { access: { viewers: 'token' } } });
  assert.equal((await asked.get('/api/v1/screen')).status, 401);
  assert.deepEqual(await asked.api('/screen', { token: await asked.token('view') }), {});
  const missing = path.join(s.folder, 'nowhere.json');
  const got = await run(TALLYD, ['--check', '--config', s.writeConfig({ screen: { file: missing } })]);
  assert.equal(got.code, 2);
  assert.ok(got.stderr.includes(missing), got.stderr);
});

scene('--check tells the line of what is wrong in a layout', async (s) => {
  for (const [text, line, words] of [
    ['{\n  "a": 1,\n}', 3, /not valid JSON/],
    ['// only\n[1]', 2, /an object/],
    ['{"drift": true,\n"drift": false}', 2, /twice/],
    ['{"drift": true,\n"flow": ["trend",\n"weather"]}', 3, /flow\[1\]: found "weather"; allowed: .*headline/],
    ['{"languge": "zh"}', 1, /languge: unknown key; allowed: title, language/],
  ]) {
    const file = write(s, 'bad.json', text);
    const got = await run(TALLYD, ['--check', '--config', s.writeConfig({ screen: { file } })]);
    assert.equal(got.code, 2, text);
    assert.ok(got.stderr.includes(`${file}:${line}:`), got.stderr);
    assert.match(got.stderr, words);
  }
});

scene('SIGHUP reads the layout again and says so on the screens; a bad one changes nothing', async (s) => {
  const file = write(s, 'screen.json', '{"title":"一"}');
  const d = await s.daemon({ config: { screen: { file } } });
  const screen = await s.screen(d);
  const before = (await d.get('/api/v1/screen')).headers['x-tallyd-build'];
  fs.writeFileSync(file, '{"titel":"二"}');
  process.kill(d.pid, 'SIGHUP');
  await until(() => /event=reload_refused file=\S*screen\.json line=1/.test(d.log), 'the refusal');
  assert.deepEqual(await d.api('/screen'), { title: '一' });
  fs.writeFileSync(file, '{"title":"二"}');
  process.kill(d.pid, 'SIGHUP');
  const fits = (m) => m.type === 'status' && !m.version.endsWith(`+${before}`);
  const status = await screen.next(fits, 'a status of another build');
  const got = await d.get('/api/v1/screen');
  assert.deepEqual(got.json, { title: '二' });
  assert.match(status.version, /^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  assert.equal(status.version.split('+')[1], got.headers['x-tallyd-build']);
});

scene('another build of the pages is another build id; the same one is the same on every daemon', async (s) => {
  const build = async (mark, name) => {
    const files = { 'index.html': '<!doctype html>', ...(mark ? { 'build.txt': mark } : {}) };
    const d = await s.daemon({ config: { http: { pages: folder(s, files, name) } } });
    return (await d.get('/api/v1/screen')).headers['x-tallyd-build'];
  };
  const ids = [await build('4f2a91\n', 'a'), await build('4f2a91\n', 'b'), await build('77c0de\n', 'c')];
  ids.push(await build(null, 'd'));
  assert.equal(ids[0], ids[1]);
  assert.equal(new Set(ids).size, 3);
});
