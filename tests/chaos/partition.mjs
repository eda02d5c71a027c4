// Cables are pulled under traffic, between real hosts on a network of the test's own: node
// partition.mjs NAME [SEED]. What is acknowledged on either side must be counted once in the end. How
// long it takes until a screen is live again is told, not judged.
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster, inStep, proofs, Watched } from '../integration/replicas.mjs';
import { join, Net, part, retreat } from './net.mjs';
import { Broken, until } from './process.mjs';
import { play } from './scene.mjs';
import { count, followed, KEY, store, visits } from './takeover.mjs';

const BEFORE = 2_000; // ms of traffic while all is well
const FEW = 100; // events: with fewer nothing is shown
const UNLIMITED = { limits: { address_per_second: 0, lockout_tries: 0 } }; // who posts isn't on loopback here

retreat();
const net = new Net();

const hosts = (servers) => servers.map((server) => server.host);
const others = (group, ...these) => group.servers.filter((server) => !these.includes(server));
const revision = async (server) => Number(await server.cli('HGET', KEY, 'rev'));

async function watched(s, options) {
  return store(s, new Watched(s.folder, { host: () => net.host() }), options);
}

/** A Cluster with a replica each; the alliance's slot; and who owns it now. */
async function cluster(s) {
  const group = await store(s, new Cluster(s.folder, { host: () => net.host() }), { replicas: 1 });
  const slot = await group.slotOf(KEY);
  return { group, slot, was: (await group.owner(slot)).server };
}

/** A daemon on a host of its own. */
async function daemonOn(s, redis) {
  const host = net.host({ office: true });
  const daemon = await s.daemon({ redis, host: host.office, wrap: host.enter, config: UNLIMITED });
  return Object.assign(daemon, { on: host });
}

/** One daemon, with a screen, under traffic for a while. */
async function begin(s, redis) {
  const daemon = await daemonOn(s, redis);
  const screen = s.screen(daemon);
  const senders = await s.traffic([daemon]);
  await pause(BEFORE);
  return { daemon, screen, senders };
}

const acknowledged = (senders, more) => {
  const by = senders.acked + more;
  return until(() => senders.failure || senders.acked > by, `${more} events more to be acknowledged`);
};

/** The old master has heard who is the new one, and the daemon wasn't led back. */
async function healed(was, ...daemons) {
  await until(() => inStep(was), 'the old master to become a replica');
  await pause(1_000);
  for (const daemon of daemons)
    if (visits(daemon, was) !== 1) throw new Broken(`a daemon went back to ${was.address}`);
}

/** The master is cut off from everybody. */
async function master(s) {
  const group = await watched(s);
  const { daemon, screen, senders } = await begin(s, group.url);
  const was = await group.master();
  const { words } = await followed(daemon, screen, () => was.host.unplug(), () => group.successor(was));
  const left = await revision(was);
  await acknowledged(senders, FEW);
  if ((await revision(was)) !== left) throw new Broken('the old master went on counting');
  was.host.plug();
  await healed(was, daemon);
  await s.settle(daemon);
  return `${words}; ${count(senders)}`;
}

/** The master is cut off from its replicas and Sentinels, but not from the daemon, which goes on
 * writing to it until it has heard of the next one. */
async function split(s) {
  const group = await watched(s);
  const { daemon, screen, senders } = await begin(s, group.url);
  const was = await group.master();
  const rest = hosts(others(group, was));
  const before = await revision(was);
  const { words } = await followed(daemon, screen, () => part([was.host], rest), () => group.successor(was));
  const alone = (await revision(was)) - before;
  await acknowledged(senders, FEW);
  join([was.host], rest);
  await healed(was, daemon);
  await s.settle(daemon);
  if (alone < FEW) throw new Broken(`only ${alone} events were the old master's alone`);
  if (screen.epochs.size !== 2) throw new Broken(`the screen saw ${screen.epochs.size} epochs`);
  return `${alone} events were the old master's alone; ${words}; ${count(senders)}`;
}

/** A daemon on either side. With the old master are a replica and a Sentinel; that daemon is started
 * anew there, and the other replica is given up. Then both sides have counted what the other lacks. */
async function sides(s) {
  const group = await watched(s);
  const one = await daemonOn(s, group.url);
  const two = await daemonOn(s, group.url);
  const screen = s.screen(two);
  s.screen(one);
  const senders = await s.traffic([one, two]);
  await pause(BEFORE);
  const was = await group.master();
  const [near, far] = others(group, was, ...group.sentinels);
  for (const server of [was, near, far]) await server.cli('CONFIG', 'SET', 'repl-timeout', '3');
  const these = [was.host, near.host, group.sentinels[0].host, one.on];
  const those = [far.host, ...hosts(group.sentinels.slice(1)), two.on];
  const before = await revision(was);
  const { is, words } = await followed(two, screen, () => part(these, those), () => group.successor(was));
  await one.kill();
  await one.start();
  await one.ready();
  await until(async () => (await was.info('replication')).connected_slaves === '1', 'the far replica to be given up');
  await proofs(was, 3);
  const [here, there] = await Promise.all([was, is].map(revision));
  join(these, those);
  await healed(was, two);
  await s.settle(one);
  await s.settle(two);
  for (const daemon of [one, two])
    if (/event=store_lost_events/.test(daemon.log())) throw new Broken('what the new master lacked was gone');
  if (here - before < FEW || there - before < FEW) throw new Broken(`from ${before} on: ${here}, there ${there}`);
  return `both sides went on at ${before}, the old master to ${here}, the new one to ${there}; ${words}; ${count(senders)}`;
}

/** The daemon is cut off from the store, and queues; then again, and meanwhile the master dies. */
async function away(s) {
  const group = await watched(s);
  const { daemon, screen, senders } = await begin(s, group.url);
  const told = [];
  for (const dies of [false, true]) {
    const was = await group.master();
    daemon.on.unplug();
    await until(async () => (await daemon.request('/readyz')).status === 503, 'the daemon to miss the store');
    await acknowledged(senders, 20 * FEW);
    if (dies) await was.kill();
    if (dies) await group.successor(was);
    const { queued } = JSON.parse((await daemon.request('/readyz')).text);
    const began = Date.now();
    daemon.on.plug();
    await daemon.ready();
    const live = (await screen.shownAfter(Date.now())) - began;
    told.push(`${queued} events queued, live ${(live / 1000).toFixed(1)} s after the cut was healed`);
    await pause(BEFORE);
  }
  await s.settle(daemon);
  return `${told.join('; then with another master ')}; ${count(senders)}`;
}

/** What the master sends to the daemon gets lost, not what the daemon sends to it: calls are counted,
 * and nobody learns of it. */
async function unheard(s) {
  const group = await watched(s, { sentinels: 1, quorum: 1, replicas: 0 });
  const { daemon, screen, senders } = await begin(s, group.url);
  const was = await group.master();
  const told = [];
  for (let i = 0; i < 2; i += 1) {
    const before = await revision(was);
    was.host.mute([daemon.on]);
    await until(async () => (await daemon.request('/readyz')).status === 503, 'the daemon to miss the store');
    const counted = (await revision(was)) - before;
    await acknowledged(senders, 20 * FEW);
    const began = Date.now();
    was.host.speak([daemon.on]);
    await daemon.ready();
    const live = (await screen.shownAfter(Date.now())) - began;
    told.push(`${counted} events counted unheard, live ${(live / 1000).toFixed(1)} s after the cut was healed`);
    await pause(BEFORE);
  }
  await s.settle(daemon);
  return `${told.join('; ')}; ${count(senders)}`;
}

/** The slot's owner is cut off from everybody. */
async function clusterMaster(s) {
  const { group, slot, was } = await cluster(s);
  const { daemon, screen, senders } = await begin(s, group.url);
  const [asked] = others(group, was);
  const { words } = await followed(daemon, screen, () => was.host.unplug(), () => group.successor(slot, was, asked));
  await acknowledged(senders, FEW);
  was.host.plug();
  await healed(was, daemon);
  await group.agrees();
  await s.settle(daemon);
  return `${words}; ${count(senders)}`;
}

/** The slot's owner is cut off from the other nodes, but not from the daemon. */
async function clusterSplit(s) {
  const { group, slot, was } = await cluster(s);
  const { daemon, screen, senders } = await begin(s, group.url);
  const rest = others(group, was);
  const before = await revision(was);
  const cut = () => part([was.host], hosts(rest));
  const { words } = await followed(daemon, screen, cut, () => group.successor(slot, was, rest[0]));
  await was.cli('CONFIG', 'SET', 'cluster-allow-reads-when-down', 'yes');
  const alone = (await revision(was)) - before;
  await acknowledged(senders, FEW);
  join([was.host], hosts(rest));
  await healed(was, daemon);
  await group.agrees();
  await s.settle(daemon);
  return `${alone} events were the old owner's alone; ${words}; ${count(senders)}`;
}

const SCENES = { master, split, sides, away, unheard, cluster_master: clusterMaster, cluster_split: clusterSplit };
await play(SCENES, process.argv[2], Number(process.argv[3] ?? Date.now() % 1_000_000));
