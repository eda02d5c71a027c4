// The document at /api/v1/openapi.json is true: sound in itself, the same as the daemon's own table of
// routes, and each answer to good and bad questions is one that it lists, of the form that it tells.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { event, scene, until } from './harness.mjs';
import { Person, phone } from './person.mjs';
import { Line } from './raw.mjs';
import { faultsOf, KEYWORDS, resolve, schemasOf } from './schema.mjs';

const METHODS = ['get', 'post'];
const document = async (d) => (await d.get('/api/v1/openapi.json')).json;

/** Every operation as [path, method, operation]. */
const operations = (doc) =>
  Object.entries(doc.paths).flatMap(([at, item]) =>
    Object.entries(item).map(([method, operation]) => [at, method, operation]),
  );

const follow = (doc, part) => (part.$ref ? resolve(doc, part.$ref) : part);

/** Walks all of VALUE; calls SEE(key, value, where). */
function walk(value, see, where = '#') {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    see(key, inner, where);
    walk(inner, see, `${where}/${key}`);
  }
}

scene('the document is sound OpenAPI 3.1, and needs nothing from outside', async (s) => {
  const d = await s.daemon();
  const answer = await d.get('/api/v1/openapi.json');
  assert.match(answer.headers['content-type'], /^application\/json/);
  const doc = answer.json;
  assert.match(doc.openapi, /^3\.1\.\d+$/);
  assert.ok(doc.info.title && doc.info.version);
  assert.deepEqual(Object.keys(doc).sort(), ['components', 'info', 'openapi', 'paths', 'servers']);
  assert.doesNotMatch(answer.text, /https?:/);
  const used = new Set();
  walk(doc, (key, value, where) => {
    if (key !== '$ref') return;
    assert.ok(resolve(doc, value), `${where}: nothing stands at ${value}`);
    used.add(value);
  });
  for (const kind of ['schemas', 'responses'])
    for (const name of Object.keys(doc.components[kind]))
      assert.ok(used.has(`#/components/${kind}/${name}`), `${kind}/${name} is used by nothing`);

  const schemas = Object.entries(doc.components.schemas).map(([name, schema]) => [schema, name]);
  for (const [at, method, operation] of operations(doc)) {
    const here = `${method} ${at}`;
    assert.ok(METHODS.includes(method), here);
    assert.ok(operation.summary, `${here} has a summary`);
    const named = [...at.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const told = (operation.parameters ?? []).filter((p) => p.in === 'path');
    assert.deepEqual(told.map((p) => p.name), named, `${here}: the path's parameters`);
    for (const p of operation.parameters ?? []) {
      assert.ok(p.in === 'query' || (p.in === 'path' && p.required === true), `${here}: ${p.name}`);
      schemas.push([p.schema, `${here} ${p.name}`]);
    }
    for (const rule of operation.security ?? [])
      for (const name of Object.keys(rule)) assert.ok(doc.components.securitySchemes[name], `${here}: ${name}`);
    const bodies = [operation.requestBody, ...Object.values(operation.responses)].filter(Boolean);
    for (const body of bodies.map((part) => follow(doc, part))) {
      if (body !== operation.requestBody) assert.ok(body.description, `${here}: an answer without words`);
      for (const [type, { schema }] of Object.entries(body.content)) schemas.push([schema, `${here} ${type}`]);
    }
    for (const status of Object.keys(operation.responses)) assert.match(status, /^[245]\d\d$/, here);
  }
  for (const [top, at] of schemas) {
    for (const [schema, where] of schemasOf(top, at)) {
      for (const key of Object.keys(schema)) assert.ok(KEYWORDS.includes(key), `${where}: keyword ${key}`);
      for (const name of schema.required ?? []) assert.ok(name in schema.properties, `${where}: requires ${name}`);
      assert.ok(schema.$ref || schema.oneOf || schema.type || 'const' in schema, `${where} says nothing`);
      if (schema.type === 'object')
        assert.ok(schema.properties || schema.additionalProperties, `${where}: an object of what?`);
    }
  }
});

/** The daemon's table: [path, methods, parameters] of each row that everybody can reach. */
function routes() {
  const source = fs.readFileSync(path.join(process.env.SOURCE, 'src', 'app', 'api.c'), 'utf8');
  const table = source.slice(source.indexOf('routes[] = {'), source.indexOf('#define ROUTES'));
  const rows = [...table.matchAll(/\{(BASE )?"([^"]+)", ([A-Z| ]+), ROLE_\w+, \w+, (NULL|"[^"]*")\}/g)];
  assert.equal(rows.length, table.match(/ROLE_/g).length, 'each row is understood');
  return rows
    .map(([, base, at, methods, params]) => ({
      path: (base ? '/api/v1' : '') + at,
      methods: methods.toLowerCase().split(' | '),
      params: params.replace(/NULL|"/g, '').split(',').filter(Boolean),
    }))
    .filter((route) => !route.path.startsWith('/owner/'));
}

scene("the document and the daemon's table of routes name the same", async (s) => {
  const doc = await document(await s.daemon());
  const shape = (at, method, params) => `${method} ${at} ${[...params].sort().join()}`;
  const told = operations(doc).map(([at, method, operation]) => {
    const query = (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name);
    return shape(at.replace(/\{.*/, ''), method, query);
  });
  const table = routes().flatMap((route) => route.methods.map((m) => shape(route.path, m, route.params)));
  assert.deepEqual(told.sort(), table.sort());
});

/** Asks, and holds each answer against the document. */
class Judge {
  constructor(d, doc) {
    this.d = d;
    this.doc = doc;
    this.seen = new Map(operations(doc).map(([at, method]) => [`${method} ${at}`, new Set()]));
  }

  /** TARGET with its query and {id}s filled in; AT as the document has it. */
  judge(method, at, answer, what) {
    const operation = this.doc.paths[at][method];
    const here = `${method} ${at} (${what}): ${answer.status} ${answer.text.slice(0, 300)}`;
    const told = operation.responses[answer.status];
    assert.ok(told, `${here}: a status that isn't told`);
    const { content, headers = {} } = follow(this.doc, told);
    const type = answer.headers['content-type'].split(';')[0];
    assert.ok(content[type], `${here}: of the type ${type}`);
    for (const name of Object.keys(headers)) assert.ok(answer.headers[name.toLowerCase()], `${here}: no ${name}`);
    const faults = faultsOf(this.doc, content[type].schema, type === 'application/json' ? answer.json : answer.text);
    assert.deepEqual(faults, [], here);
    this.seen.get(`${method} ${at}`).add(answer.status);
    return answer;
  }

  async ask(method, at, { id, query = '', body, status, ...options } = {}) {
    const target = at.replace('{id}', id ?? '') + query;
    const answer = await this.d
      .request(method.toUpperCase(), target, {
        ...options,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: { ...(method === 'post' ? { 'content-type': 'application/json' } : {}), ...options.headers },
      })
      .catch((error) => assert.fail(`${method} ${target} ${JSON.stringify(body)?.slice(0, 80)}: ${error}`));
    this.judge(method, at, answer, JSON.stringify([target, options.token ? 'token' : '', body]).slice(0, 200));
    if (status !== undefined) assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
    return answer;
  }
}

const A = '/api/v1';
const activity = (fields) => event('activity', { title: '义诊', community: 'm1', residents: 3, ...fields });

/** Every operation once more with what suits none: parameters, bodies, tokens. */
async function askBadly(judge, doc, tokens) {
  for (const [at, method, operation] of operations(doc)) {
    const id = at.includes('{id}') ? 'nobody' : undefined;
    const ask = (options) => judge.ask(method, at, { id, body: method === 'post' ? {} : undefined, ...options });
    await ask({});
    await ask({ token: 'wrong' });
    for (const token of tokens) {
      await ask({ token });
      await ask({ token, query: '?nonsense=1' });
      await ask({ token, query: '?limit=-1&range=never&by=x&step=x&status=x&from=x&before=x&format=x' });
      if (method === 'get') continue;
      for (const body of ['{', '[]', '5', '{"a":1,"a":2}', '{"id":"\\u0000"}', '{"name":7,"id":7,"code":7}'])
        await ask({ token, body });
      await ask({ token, headers: { 'content-type': 'text/plain' } });
      await ask({ token, body: 'x'.repeat(1_100_000) });
    }
    for (const p of (operation.parameters ?? []).filter((one) => one.in === 'query'))
      await ask({ token: tokens[0], query: `?${p.name}=&${p.name}=%20` });
  }
}

scene('each operation answers good and bad questions as the document tells', async (s) => {
  const server = await s.redis();
  const d = await s.daemon({ redis: server.url, config: { limits: { token_events_per_second: 3 } } });
  const doc = await document(d);
  const judge = new Judge(d, doc);
  const admin = await d.admin();
  const reporter = await d.token('report', { unit: 'u1' });
  const viewer = await d.token('view', { name: 'wall' });
  const post = (body, options) => judge.ask('post', `${A}/events`, { body, token: admin, ...options });
  await askBadly(judge, doc, [admin, reporter, viewer]);

  // What there is to look at.
  const one = activity({ unit: 'u1', project: 'p1' });
  const two = activity({ unit: 'u1' });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const history = [
    one,
    two,
    event('reach', { activity: one.id, resident: 'r' }),
    event('reach', { activity: one.id, residents: 4 }),
    event('venue', { venue: 'v1', shared: true, name: '活动室', unit: 'u1' }),
    event('problem', { problem: 'b1', status: 'raised', title: '灯', community: 'm1' }),
    event('problem', { problem: 'b1', status: 'claimed', unit: 'u1' }),
    event('problem', { problem: 'b1', status: 'solved', unit: 'u1' }),
    event('problem', { problem: 'b2', status: 'raised', title: '路', community: 'm3' }),
    event('plan', { plan: 'l1', title: '讲座', starts: soon, community: 'm1', unit: 'u1' }),
    event('plan', { plan: 'l2', title: '球赛', starts: soon, unit: 'u2', cancelled: true }),
    event('opening', { metrics: { activities: 9 }, circle: 'c1' }),
    event('void', { of: two.id, reason: '重复' }),
  ];
  await until(async () => (await post(history.slice(0, 3))).status === 200, 'the first to be counted');
  for (const sent of history) await until(async () => (await post(sent)).status === 200, 'the token to be free');
  const late = await until(async () => {
    const answer = await post([one, { ...one, title: 'x' }, event('reach', { activity: 'none', residents: 1 })]);
    return answer.status === 200 && answer;
  }, 'conflicts');
  assert.deepEqual(late.json.results.map((r) => r.status), ['duplicate', 'conflict', 'conflict']);
  await post([activity({ unit: 'u2' })], { token: reporter, status: 403 });
  await post([{ ...activity(), kind: 'party' }], { status: 422 });

  // Every way of looking.
  await until(async () => (await d.api('/totals')).rev >= late.json.rev, 'all to be shown');
  const get = (at, query = '', options) => judge.ask('get', A + at, { query, status: 200, ...options });
  for (const range of ['all', 'today', '2024', '2024-03', '2024-03-15'])
    for (const by of ['', '&by=circle', '&by=community', '&by=unit', '&by=project', '&by=category'])
      await get('/totals', `?range=${range}${by}`);
  for (const metric of ['activities', 'venues', 'residents', 'residents_unique', 'problems_raised'])
    await get('/trend', `?metric=${metric}&from=2024-03-01&to=2024-03-31&by=unit&id=u1`);
  await get('/trend', '?metric=residents&from=2024-01&to=2024-06&step=month');
  await get('/events');
  await get('/events', '?metric=activities&by=unit&id=u1&limit=1');
  for (const sent of history) await get('/events/{id}', '', { id: sent.id });
  for (const status of ['', '?status=raised', '?status=claimed', '?status=solved']) await get('/problems', status);
  await get('/plans');
  await get('/plans', '?from=2024-01-01&to=2099-01-01');
  for (const at of ['/catalogue', '/screen', '/recount', '/openapi.json', '/export']) await get(at);
  await get('/export', '?format=json&range=2024');
  assert.equal((await d.ctl('verify')).code, 0);
  await get('/recount');
  for (const at of ['/healthz', '/readyz', '/metrics']) await judge.ask('get', at, { status: 200 });

  // People and phones.
  const origin = { origin: `http://${d.address}` };
  const say = (at, body, options) => judge.ask('post', A + at, { body, headers: origin, ...options });
  const added = await say('/admin/tokens', { name: 'clinic', role: 'report', unit: 'u1' }, { token: admin, status: 201 });
  await say('/session', { code: added.json.code }, { status: 200 });
  const { json: link } = await say('/codes', { name: 'clinic' }, { token: admin, status: 201 });
  const person = new Person(d);
  await person.signIn(link.code);
  const cookie = { cookie: `tally=${person.cookie}` };
  await get('/session', '', { headers: cookie });
  await get('/admin/tokens', '', { token: admin });
  await say('/session/end', {}, { headers: { ...cookie, ...origin }, status: 200 });
  const { json: code } = await get('/activities/{id}/code', '', { id: one.id, token: reporter });
  const plan = await get('/plans/{id}/code', '', { id: 'l1' });
  const device = phone();
  await until(
    async () => (await say('/checkins', { code: code.code, device })).json.status === 'duplicate',
    'the check-in to be counted',
  );
  await say('/checkins', { code: plan.json.code, device }, { status: 409 });
  for (const title of ['路灯不亮', '井盖松动'])
    await say('/raise', { title, community: 'm1', device: phone() }, { status: 202 });
  const { pending } = (await get('/admin/pending', '', { token: admin })).json;
  await say('/admin/pending', { id: pending[0].id, accept: true }, { token: admin, status: 200 });
  await say('/admin/pending', { id: pending[1].id, accept: false, reason: '重复' }, { token: admin, status: 200 });
  await get('/admin/audit', '?limit=1', { token: admin });
  await get('/admin/audit', '', { token: admin });
  await say('/admin/tokens/revoke', { name: 'clinic' }, { token: admin, status: 200 });

  // The store goes.
  await server.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  await until(async () => (await post(activity())).status === 202, 'an event to be queued');
  await say('/checkins', { code: code.code, device: phone() });
  await askBadly(judge, doc, [admin]);
  await get('/events/{id}', '', { id: one.id, status: 503 });

  for (const [operation, statuses] of judge.seen) {
    assert.ok([...statuses].some((n) => n < 300), `${operation} was never seen to answer well`);
    const [method, at] = operation.split(' ');
    const refuses = Object.keys(doc.paths[at][method].responses).some((n) => n >= 400 && n !== '429');
    if (refuses) assert.ok([...statuses].some((n) => n >= 400), `${operation} was never seen to refuse`);
  }
});

scene('401 and 429 are told wherever they can come', async (s) => {
  const config = { access: { viewers: 'token' } };
  const d = await s.daemon({ config });
  const doc = await document(d);
  const judge = new Judge(d, doc);
  await askBadly(judge, doc, []).catch((error) => assert.fail(error));
  const closed = await s.daemon({ config: { limits: { address_per_second: 1, loopback: true } } });
  const limited = new Judge(closed, doc);
  await until(async () => (await closed.get('/healthz')).status === 429, 'the limit to be reached', 60_000);
  for (const [at, method] of operations(doc))
    for (let tries = 0; !limited.seen.get(`${method} ${at}`).has(429) && tries < 30; tries += 1)
      await limited.ask(method, at, { id: 'x', body: method === 'post' ? {} : undefined });
  for (const [operation, statuses] of limited.seen) assert.ok(statuses.has(429), `${operation} is never limited`);
});

scene('a POST without a length is 411, and one that stalls is 408, as told', async (s) => {
  const d = await s.daemon({ config: { http: { body_timeout: 1 } } });
  const doc = await document(d);
  const admin = await d.admin();
  const posts = operations(doc).filter(([, method]) => method === 'post');
  const head = (at) =>
    `POST ${at} HTTP/1.1\r\nHost: ${d.address}\r\nAuthorization: Bearer ${admin}\r\nContent-Type: application/json\r\n`;
  const lines = posts.flatMap(([at, , operation]) =>
    ['\r\n', 'Content-Length: 10\r\n\r\n{'].map((rest) => ({ at, operation, line: new Line(d.address), rest })),
  );
  for (const { at, line, rest } of lines) await line.write(head(at) + rest);
  for (const { at, operation, line, rest } of lines) {
    const [answer] = await line.answers(1, 60_000);
    const status = rest === '\r\n' ? 411 : 408;
    assert.equal(answer?.status, status, at);
    assert.ok(operation.responses[status], `post ${at}: ${status} isn't told`);
    assert.deepEqual(faultsOf(doc, doc.components.schemas.Error, JSON.parse(answer.body)), []);
    line.end();
  }
});
