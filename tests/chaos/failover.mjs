// The store's master is lost under traffic, and another server takes over: node failover.mjs NAME
// [SEED]. How long it takes until a screen is live again is told, not judged.
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster, inStep, proofs, Watched } from '../integration/replicas.mjs';
import { Broken, until } from './process.mjs';
import { play } from './scene.mjs';
import { count, KEY, store, visits } from './takeover.mjs';

const STILL = 500; // ms: by then nothing of the old master is on its way to a screen any more

/** BREAK_IT breaks the master, TAKEN_OVER resolves to the new one; gives both and the times. */
async function timed(screen, breakIt, takenOver) {
  const began = Date.now();
  await breakIt();
  const live = screen.shownAfter(Math.max(began, Date.now()) + STILL);
  const is = await takenOver();
  const after = Date.now() - began;
  const seconds = ((await live) - began) / 1000;
  return { is, words: `a new master after ${(after / 1000).toFixed(1)} s, live after ${seconds.toFixed(1)} s` };
}

/** kill -9 of the master, and of the next one. */
async function killed(s) {
  const group = await store(s, new Watched(s.folder));
  const daemon = await s.daemon({ redis: group.url });
  const screen = s.screen(daemon);
  const senders = await s.traffic([daemon]);
  const told = [];
  for (let i = 0; i < 2; i += 1) {
    await pause(2_000);
    const was = await group.master();
    const { words } = await timed(screen, () => was.kill(), () => group.successor(was));
    told.push(words);
    await was.start();
    await group.whole(2);
    await pause(2_000); // so soon after a failover Sentinels begin no other
  }
  await s.settle(daemon);
  return `${told.join('; ')}; ${count(senders)}`;
}

/** What the master had counted, and its replicas had not heard of when it died, comes back: also
 * what stands in the journal of a daemon that has been started anew since. */
async function lost(s) {
  const group = await store(s, new Watched(s.folder), { downAfter: 1500 });
  const daemon = await s.daemon({ redis: group.url });
  const screen = s.screen(daemon);
  const senders = await s.traffic([daemon]);
  await pause(2_000);
  const was = await group.master();
  const copies = group.servers.filter((one) => one !== was && !one.sentinel);
  for (const copy of copies) copy.freeze();
  await was.cli('CLIENT', 'KILL', 'TYPE', 'replica');
  const before = Number(await was.cli('HGET', KEY, 'rev'));
  await pause(600);
  await daemon.kill();
  await daemon.start();
  await daemon.ready();
  await proofs(was, 3);
  const after = Number(await was.cli('HGET', KEY, 'rev'));
  const fall = async () => {
    await was.kill();
    for (const copy of copies) copy.thaw();
  };
  const { words } = await timed(screen, fall, () => group.successor(was));
  await s.settle(daemon);
  if (after - before < 100) throw new Broken(`only ${after - before} events were to be lost`);
  if (!/event=epoch_changed/.test(daemon.log())) throw new Broken('the new master lacked nothing that was shown');
  if (/event=store_lost_events/.test(daemon.log())) throw new Broken('what the new master lacked was gone');
  return `${after - before} events or more were the old master's alone; ${words}; ${count(senders)}`;
}

/** The master's machine is cut off with the Sentinel on it, and both come back as if nothing had been.
 * Two daemons. */
async function partitioned(s) {
  const group = await store(s, new Watched(s.folder));
  const one = await s.daemon({ redis: group.url });
  const two = await s.daemon({ redis: group.url });
  const screen = s.screen(one);
  s.screen(two);
  const senders = await s.traffic([one, two]);
  await pause(2_000);
  const was = await group.master();
  const machine = [was, group.sentinels[0]];
  const cut = () => machine.forEach((server) => server.freeze());
  const { words } = await timed(screen, cut, () => group.successor(was));
  await pause(1_000);
  for (const server of machine) server.thaw();
  await until(() => inStep(was), 'the old master to become a replica');
  await pause(1_000);
  await s.settle(one);
  await s.settle(two);
  for (const daemon of [one, two])
    if (visits(daemon, was) !== 1) throw new Broken(`a daemon went back to ${was.address}`);
  return `${words}; ${count(senders)}`;
}

/** The alliance's slot goes from one owner to the next, key by key. */
async function clusterMoved(s) {
  const group = await store(s, new Cluster(s.folder));
  const daemon = await s.daemon({ redis: group.url });
  s.screen(daemon);
  const senders = await s.traffic([daemon]);
  const slot = await group.slotOf(KEY);
  for (let i = 0; i < 4; i += 1) {
    await pause(1_500);
    const from = Date.now();
    await group.migrate(slot, () => pause(300));
    await daemon.ready();
    senders.took = `${senders.took ?? 'away for'} ${((Date.now() - from) / 1000).toFixed(1)} s`;
  }
  await s.settle(daemon);
  return `${senders.took}; ${count(senders)}`;
}

/** The slot's owner dies; the next one is cut off, and comes back as one that knows of nothing. */
async function clusterKilled(s) {
  const group = await store(s, new Cluster(s.folder), { replicas: 1 });
  const daemon = await s.daemon({ redis: group.url });
  const screen = s.screen(daemon);
  const senders = await s.traffic([daemon]);
  const slot = await group.slotOf(KEY);
  const told = [];
  for (const [fall, rise] of [['kill', 'start'], ['freeze', 'thaw']]) {
    await pause(2_000);
    const was = (await group.owner(slot)).server;
    const other = group.servers.find((one) => one !== was);
    const { is, words } = await timed(screen, () => was[fall](), () => group.successor(slot, was, other));
    told.push(words);
    await was[rise]();
    await until(() => inStep(was), `${was.address} to follow ${is.address}`);
    await group.agrees();
  }
  await s.settle(daemon);
  return `${told.join('; ')}; ${count(senders)}`;
}

const SCENES = { killed, lost, partitioned, cluster_moved: clusterMoved, cluster_killed: clusterKilled };
await play(SCENES, process.argv[2], Number(process.argv[3] ?? Date.now() % 1_000_000));
