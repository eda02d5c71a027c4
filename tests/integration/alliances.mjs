// Several alliances on one daemon, for tests: their files, and one of them as a caller sees it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ALLIANCE, until } from './harness.mjs';

/** Writes a catalogue for each id into the scene's folder; gives the setting that lists them. */
export function listed(s, ids, more = () => ({})) {
  return ids.map((id, i) => {
    const file = path.join(s.folder, `${id}.json`);
    fs.writeFileSync(file, JSON.stringify({ ...ALLIANCE, alliance: { id, name: `联盟 ${id}` } }, null, 2));
    return { id, file, ...more(id, i) };
  });
}

/** One alliance of daemon D, by its id in every path. */
export class Member {
  constructor(d, id) {
    this.d = d;
    this.id = id;
  }

  request(method, target, options) {
    return this.d.request(method, `/api/v1/alliances/${this.id}${target}`, options);
  }

  async api(target, options) {
    const answer = await this.request('GET', target, options);
    assert.equal(answer.status, 200, `GET ${target}: ${answer.text}`);
    return answer.json;
  }

  ctl(...args) {
    return this.d.ctl('--alliance', this.id, ...args);
  }

  async token(role, name = `t-${role}`) {
    const { code, stdout, stderr } = await this.ctl('token', 'add', name, '--role', role);
    assert.equal(code, 0, stderr);
    const token = stdout.trim();
    await until(async () => (await this.post([], token)).status !== 401, 'the new token to be known');
    return token;
  }

  async post(events, token) {
    return this.request('POST', '/events', {
      body: JSON.stringify(events),
      headers: { 'content-type': 'application/json' },
      token: token ?? (this.admin ??= await this.token('admin')),
    });
  }

  async count(...events) {
    const answer = await this.post(events);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.results.map(({ status }) => status), events.map(() => 'counted'));
    this.rev = answer.json.rev;
  }

  /** The totals, once they show all that it was told to have counted. */
  totals() {
    return until(async () => {
      const totals = await this.api('/totals');
      return totals.rev >= (this.rev ?? 0) && totals;
    }, `/totals of ${this.id} to reach revision ${this.rev}`);
  }
}
