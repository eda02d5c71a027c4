// A store that outlives its machine, of real processes: a master with replicas, watched by Sentinels,
// or a Cluster. They are all on loopback, or each on a host of its own. Any of them can be killed,
// started again on its own files, or stopped in its tracks, as one is that the others can't reach any
// more.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './redis.mjs';

const exec = promisify(execFile);
export const NAME = 'street';
const SLOTS = 16384;

async function until(probe, what, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < end, `still waiting for ${what} after ${ms} ms`);
    await pause(20);
  }
}

/** "a:1\r\nb:2" as an object. */
const fieldsOf = (text) => Object.fromEntries(text.split(/\r?\n/).map((line) => line.split(':', 2)));

/** This machine; any other has an address, and ENTER, the program that runs another there. */
const HERE = { ip: '127.0.0.1', enter: [] };

export class Server {
  constructor(folder, port, lines, { sentinel = false, password, host = HERE } = {}) {
    Object.assign(this, { folder, port, sentinel, password, host });
    this.file = path.join(folder, 'redis.conf');
    const bind = host === HERE ? [`bind ${HERE.ip}`] : [`bind ${host.ip} ${HERE.ip}`, 'protected-mode no'];
    fs.mkdirSync(folder);
    fs.writeFileSync(this.file, `${[`port ${port}`, ...bind, `dir ${folder}`, ...lines].join('\n')}\n`);
  }

  get address() {
    return `${this.host.ip}:${this.port}`;
  }

  async start() {
    const args = ['redis-server', this.file, ...(this.sentinel ? ['--sentinel'] : [])];
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...this.host.enter, ...args], { stdio: 'ignore' });
    this.ended = once(this.child, 'close');
    await until(async () => {
      assert.equal(this.child.exitCode, null, 'redis-server must start');
      return /PONG/.test(await this.cli('PING').catch(() => ''));
    }, `${this.address} to answer`);
    return this;
  }

  /** Asked where it runs, so that it answers whoever else is cut off from it. */
  async cli(...args) {
    if (this.frozen) throw new Error(`${this.address} is cut off`);
    const login = this.password ? ['--pass', this.password, '--no-auth-warning'] : [];
    const [file, ...rest] = [...this.host.enter, 'redis-cli', '-p', String(this.port), ...login, ...args];
    const { stdout } = await exec(file, rest, { maxBuffer: 1 << 28 });
    return stdout.replace(/\n$/, '');
  }

  async info(section) {
    return fieldsOf(await this.cli('INFO', section));
  }

  /** Cut off from everybody, though its connections stay; thaw() lets it go on as if nothing were. */
  freeze() {
    this.frozen = true;
    process.kill(this.child.pid, 'SIGSTOP');
  }

  thaw() {
    this.frozen = false;
    process.kill(this.child.pid, 'SIGCONT');
  }

  async kill() {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

const data = (password) => [
  'appendonly yes',
  'appendfsync always', // so that the journal may forget as soon as the replicas have it
  'save ""',
  'maxmemory-policy noeviction',
  'repl-diskless-sync-delay 0',
  'repl-ping-replica-period 1',
  ...(password ? [`requirepass ${password}`, `masterauth ${password}`] : []),
];

/** Is it a replica that has all that its master has told so far? While it is made one, it talks to
 * nobody. */
export const inStep = async (server) =>
  (await server.info('replication').catch(() => ({}))).master_link_status === 'up';

/** Waits until a daemon has looked so many times for what its journal may forget of what it counted
 * there: it asks by a CONFIG GET each time. */
export async function proofs(server, times) {
  const asked = async () =>
    Number(/cmdstat_config\|get:calls=(\d+)/.exec(await server.cli('INFO', 'commandstats'))?.[1] ?? 0);
  const by = (await asked()) + times;
  await until(async () => (await asked()) > by, 'the journal to be looked at');
}

class Group {
  /** HOST gives each server's. */
  constructor(folder, { host = () => HERE } = {}) {
    this.folder = folder;
    this.host = host;
    this.servers = [];
  }

  async add(lines, options) {
    const port = await freePort();
    const server = new Server(path.join(this.folder, `n${port}`), port, lines, { ...options, host: this.host() });
    this.servers.push(server);
    return server.start();
  }

  at(address) {
    return this.servers.find((server) => server.address === address);
  }

  stop() {
    return Promise.all(this.servers.map((server) => server.kill()));
  }
}

/** A master with its replicas, and those who watch them: QUORUM of SENTINELS must agree. LOCKED:
 * they ask for the same password. */
export class Watched extends Group {
  async start({ replicas = 2, sentinels = 3, quorum = 2, password, locked, downAfter = 800 } = {}) {
    const master = await this.add(data(password), { password });
    const copies = [];
    for (let i = 0; i < replicas; i += 1) {
      const lines = [...data(password), `replicaof ${master.host.ip} ${master.port}`];
      copies.push(await this.add(lines, { password }));
    }
    for (const copy of copies)
      await until(
        () => inStep(copy),
        'the replicas to be in step',
      );
    this.sentinels = [];
    const lines = [
      `sentinel monitor ${NAME} ${master.host.ip} ${master.port} ${quorum}`,
      `sentinel down-after-milliseconds ${NAME} ${downAfter}`,
      `sentinel failover-timeout ${NAME} 2000`,
      `sentinel parallel-syncs ${NAME} 2`,
      ...(password ? [`sentinel auth-pass ${NAME} ${password}`] : []),
    ];
    if (locked) lines.push(`requirepass ${password}`, `sentinel sentinel-pass ${password}`);
    for (let i = 0; i < sentinels; i += 1)
      this.sentinels.push(await this.add(lines, { sentinel: true, password: locked && password }));
    await this.whole(replicas);
    const login = password ? `:${encodeURIComponent(password)}@` : '';
    this.url = `sentinel://${login}${this.sentinels.map((one) => one.address).join(',')}/${NAME}`;
    return this;
  }

  /** A Sentinel that none of the others hears of: it takes another server for the master. */
  async stray() {
    const server = await this.add(data());
    const lines = [`sentinel monitor ${NAME} ${server.host.ip} ${server.port} 1`];
    return { server, sentinel: await this.add(lines, { sentinel: true }) };
  }

  async #facts(sentinel) {
    const words = (await sentinel.cli('SENTINEL', 'MASTER', NAME)).split('\n');
    return Object.fromEntries(words.flatMap((word, i) => (i % 2 ? [] : [[word, words[i + 1]]])));
  }

  /** Every Sentinel knows the others and REPLICAS that are well: a failover can be done. */
  async whole(replicas) {
    for (const sentinel of this.sentinels)
      await until(async () => {
        const facts = await this.#facts(sentinel);
        const others = Number(facts['num-other-sentinels']) === this.sentinels.length - 1;
        const text = await sentinel.cli('SENTINEL', 'REPLICAS', NAME);
        const well = text.match(/^flags\nslave$/gm)?.length ?? 0;
        const linked = text.match(/^master-link-status\nok$/gm)?.length ?? 0;
        return others && facts.flags === 'master' && well >= replicas && linked >= replicas;
      }, 'the Sentinels to know one another and the replicas');
  }

  /** Who is the master, as most Sentinels say. */
  async master() {
    const votes = await Promise.all(
      this.sentinels.map((one) => one.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME).catch(() => '')),
    );
    const most = votes.find((vote) => votes.filter((v) => v === vote).length * 2 > votes.length);
    return most ? this.at(most.replace('\n', ':')) : null;
  }

  /** Another than WAS, and it has taken over. */
  async successor(was) {
    return until(async () => {
      const master = await this.master();
      return master && master !== was && (await master.info('replication')).role === 'master' && master;
    }, 'another master');
  }
}

/** Three masters, each with REPLICAS. */
export class Cluster extends Group {
  async start({ replicas = 0, password, timeout = 1500 } = {}) {
    const lines = async () => [
      ...data(password),
      'cluster-enabled yes',
      `cluster-port ${await freePort()}`,
      `cluster-node-timeout ${timeout}`,
      'cluster-replica-validity-factor 0',
    ];
    for (let i = 0; i < 3 * (1 + replicas); i += 1) await this.add(await lines(), { password });
    const addresses = this.servers.map((one) => one.address);
    const options = ['--cluster-yes', '--cluster-replicas', String(replicas)];
    await this.servers[0].cli('--cluster', 'create', ...addresses, ...options);
    for (const one of this.servers)
      await until(
        async () => (await one.info('replication')).role === 'master' || (await inStep(one)),
        'the replicas to be in step',
      );
    await this.agrees();
    const login = password ? `:${encodeURIComponent(password)}@` : '';
    this.url = `cluster://${login}${addresses.slice(0, 3).join(',')}`;
    return this;
  }

  /** Every node that runs says that all slots are served. */
  async agrees() {
    for (const one of this.servers)
      await until(
        async () => (await one.cli('CLUSTER', 'INFO').catch(() => 'gone')).match(/cluster_state:ok|gone/),
        'the Cluster to be whole',
      );
  }

  async #nodes(asked) {
    return (await asked.cli('CLUSTER', 'NODES')).split('\n').map((line) => {
      const [id, address, flags, master, , , , , ...slots] = line.split(' ');
      const ranges = slots.filter((slot) => slot[0] !== '[').map((slot) => slot.split('-').map(Number));
      return { id, server: this.at(address.split('@')[0]), flags, master, ranges };
    });
  }

  async slotOf(key) {
    return Number(await this.servers[0].cli('CLUSTER', 'KEYSLOT', key));
  }

  /** Who owns the slot, as ASKED says. */
  async owner(slot, asked = this.servers[0]) {
    assert.ok(slot >= 0 && slot < SLOTS);
    const nodes = await this.#nodes(asked);
    return nodes.find((node) => node.ranges.some(([first, last = first]) => first <= slot && slot <= last));
  }

  /** Another master than the one that owns the slot. */
  async other(slot) {
    const owner = await this.owner(slot);
    const nodes = await this.#nodes(this.servers[0]);
    return nodes.find((node) => /master/.test(node.flags) && node.id !== owner.id);
  }

  async successor(slot, was, asked) {
    return until(async () => {
      const owner = await this.owner(slot, asked);
      return owner && owner.server !== was && owner.server;
    }, 'another owner of the slot');
  }

  /** Takes the slot with all that is in it to another owner, key by key, with HALFWAY in between. */
  async migrate(slot, halfway = async () => {}) {
    const from = await this.owner(slot);
    const to = await this.other(slot);
    const s = String(slot);
    await to.server.cli('CLUSTER', 'SETSLOT', s, 'IMPORTING', from.id);
    await from.server.cli('CLUSTER', 'SETSLOT', s, 'MIGRATING', to.id);
    const login = from.server.password ? ['AUTH', from.server.password] : [];
    for (let moved = 0; ; moved += 1) {
      const keys = (await from.server.cli('CLUSTER', 'GETKEYSINSLOT', s, '1')).split('\n').filter(Boolean);
      if (!keys.length) break;
      const place = [to.server.host.ip, String(to.server.port), '', '0', '5000'];
      const said = await from.server.cli('MIGRATE', ...place, ...login, 'KEYS', ...keys);
      assert.match(said, /OK|NOKEY/);
      if (moved === 3) await halfway();
    }
    for (const one of [to, from]) await one.server.cli('CLUSTER', 'SETSLOT', s, 'NODE', to.id);
    return to.server;
  }
}
