// Somebody at a browser or a phone: keeps the cookie that it was given, and sends Origin with what
// it posts, as browsers do. And an outsider's phone, which has a name of its own and no cookie.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';

export class Person {
  constructor(daemon, { cookie = null, origin } = {}) {
    this.daemon = daemon;
    this.cookie = cookie;
    this.origin = origin === undefined ? `http://${daemon.address}` : origin;
  }

  async request(method, target, body, headers = {}) {
    const answer = await this.daemon.request(method, `/api/v1${target}`, {
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        ...(this.cookie ? { cookie: `theme=dark; tally=${this.cookie}` } : {}),
        ...(method === 'POST' && this.origin ? { origin: this.origin } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    for (const line of answer.headers['set-cookie'] ?? []) {
      this.setCookie = line;
      this.cookie = /^tally=([^;]*)/.exec(line)?.[1] || null;
    }
    return answer;
  }

  get(target) {
    return this.request('GET', target);
  }

  post(target, body = {}, headers) {
    return this.request('POST', target, body, headers);
  }

  /** The same person's browser, but at another daemon. */
  at(daemon) {
    return new Person(daemon, { cookie: this.cookie });
  }

  async signIn(code) {
    const answer = await this.post('/session', { code });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }
}

export const phone = () => crypto.randomBytes(16).toString('hex');

/** A one-time code for the token NAME, as the owner makes it. */
export async function codeFor(daemon, name) {
  const { code, stdout, stderr } = await daemon.ctl('--json', 'token', 'link', name);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** A person who is signed in as ROLE by the link of a new token. */
export async function signedIn(daemon, role, { unit, name = `p-${phone().slice(0, 8)}` } = {}) {
  await daemon.token(role, { name, unit });
  const person = new Person(daemon);
  person.name = name;
  person.is = await person.signIn((await codeFor(daemon, name)).code);
  return person;
}

/** The lines of a daemon's audit log, oldest first. */
export async function audit(daemon) {
  const token = await daemon.admin();
  const entries = [];
  for (let before = ''; before !== null; ) {
    const page = await daemon.api(`/admin/audit?limit=1000${before && `&before=${before}`}`, { token });
    entries.unshift(...page.entries.reverse());
    before = page.next;
  }
  return entries;
}
