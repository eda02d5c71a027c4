// One kind of fault after the other, each under traffic: node faults.mjs NAME [SEED]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sizeOf, tear } from './aof.mjs';
import { cutPower, watching } from './powercut.mjs';
import { Broken, Daemon, run, send, until } from './process.mjs';
import { play } from './scene.mjs';
import { Proxy } from './store.mjs';

const SMALL_JOURNAL = { journal: { max_mib: 64 } }; // segments of 16 MiB

const count = (senders) => `${senders.sent} events sent, ${senders.repeated} sent twice, ${senders.retried} retried`;

/** Redis stands still for 20 s. */
async function stopped(s) {
  const daemon = await s.daemon();
  s.screen(daemon);
  const senders = await s.traffic([daemon]);
  await pause(2_000);
  const redis = daemon.redisPid();
  send(redis, 'SIGSTOP');
  await pause(20_000);
  send(redis, 'SIGCONT');
  await pause(3_000);
  await s.settle(daemon);
  return count(senders);
}

/** The connection to Redis ends in the middle of a reply, again and again. */
async function proxy(s) {
  const store = await s.store();
  const between = await new Proxy(s.folder, store).open();
  const daemon = await s.daemon({ redis: between.url });
  s.screen(daemon);
  const senders = await s.traffic([daemon]);
  for (let i = 0; i < 30; i += 1) {
    await pause(100 + s.chance.below(500));
    between.cut();
  }
  await s.settle(daemon);
  between.close();
  return `${between.cuts} replies cut; ${count(senders)}`;
}

/** Disk calls of the journal fail, each kind in turn, every so often; then the power fails too. */
async function syscalls(s) {
  const kinds = ['sync,EIO', 'sync,ENOSPC', 'write,EIO', 'write,ENOSPC', 'write,short', 'allocate,ENOSPC'];
  kinds.push('allocate,EIO', 'open,EIO', 'open,ENOSPC', 'rename,EIO', 'rename,ENOSPC', 'folder,EIO');
  const store = await s.store();
  const shadows = path.join(s.folder, 'shadow');
  const daemon = await s.daemon({ redis: store.url, config: SMALL_JOURNAL });
  const folders = [daemon.journalFolder];
  const senders = await s.traffic([daemon]);
  for (const kind of kinds) {
    const every = /sync|write/.test(kind) ? 5 + s.chance.below(20) : 2;
    await daemon.killAll();
    daemon.env = watching(shadows, folders, `${kind},${every}`);
    await daemon.start();
    await pause(500);
    await store.kill(); // from here on the journal is all there is
    await pause(1_500);
    await daemon.killAll();
    cutPower(shadows, folders);
    daemon.env = watching(shadows, folders);
    await daemon.start();
    await store.start();
    await pause(300);
  }
  await s.settle(daemon);
  const answers = [...senders.statuses].map(([status, n]) => `${status || 'none'}: ${n}`).join(', ');
  return `${kinds.length} kinds of fault and power cuts; ${count(senders)}; answers ${answers}`;
}

/** Power cuts while Redis is away, so that all rests on the journal. */
async function power(s, cycles = 12, fault = undefined) {
  const shadows = path.join(s.folder, 'shadow');
  const store = await s.store();
  const journal = path.join(s.folder, 'd0', 'journal');
  const env = watching(shadows, [journal], fault);
  const daemon = await s.daemon({ redis: store.url, config: SMALL_JOURNAL, env });
  s.screen(daemon);
  const senders = await s.traffic([daemon]);
  for (let i = 0; i < cycles; i += 1) {
    await pause(300 + s.chance.below(500));
    await store.kill();
    await pause(100 + s.chance.below(600));
    await daemon.killAll();
    cutPower(shadows, [journal]);
    if (i % 2) await store.start();
    await daemon.start();
    if (!(i % 2)) await store.start();
  }
  await s.settle(daemon);
  return `${cycles} power cuts; ${count(senders)}`;
}

/** The same on a disk whose syncs fail now and then. */
const badDisk = (s) => power(s, 12, 'sync,EIO,11');

/** Power cuts of a Redis whose own files are then as the disk has them: what it hasn't synced is
 * gone, by its policy FSYNC. The journal may forget only what is safe there, not what was counted. */
async function unsafe(s, fsync, cycles) {
  const shadows = path.join(s.folder, 'shadow');
  const aof = [path.join(s.folder, 'r0', 'appendonlydir')];
  const store = await s.store({ env: watching(shadows, aof) });
  const daemon = await s.daemon({ redis: store.url });
  const senders = await s.traffic([daemon], { rate: 6_000 });
  await pause(300); // until here "always" has made the token safe
  store.fsync = fsync;
  await store.cli('CONFIG', 'SET', 'appendfsync', fsync);
  for (let i = 0; i < cycles; i += 1) {
    await pause(1_000);
    send(store.pid, 'SIGSTOP');
    await pause(500);
    await daemon.kill(); // what is queued now stands in an earlier incarnation's journal
    send(store.pid, 'SIGCONT');
    await daemon.start();
    await daemon.ready();
    await pause(1_200 + s.chance.below(900));
    await Promise.all([store.kill(), daemon.killAll()]);
    cutPower(shadows, aof);
    await run('redis-check-aof', ['--fix', path.join(aof[0], 'appendonly.aof.manifest')]);
    await store.start();
    await daemon.start();
  }
  await s.settle(daemon);
  return `${cycles} power cuts of Redis, appendfsync ${fsync}; ${count(senders)}`;
}

const everysec = (s) => unsafe(s, 'everysec', 5);
const unsynced = (s) => unsafe(s, 'no', 3);

/** The tail is torn inside a transaction, Redis starts on it, another system's event comes in by the
 * inbox before the daemon has written anything, and Redis is killed again. Left to itself, Redis 7.0
 * takes that event for a part of the transaction that never ended. */
async function torn(s) {
  const daemon = await s.daemon();
  const senders = await s.traffic([daemon], { rate: 1_000 });
  const socket = path.join(daemon.state, 'redis', 'redis.sock');
  const cli = async (...args) => (await run('redis-cli', ['-s', socket, ...args])).text.trim();
  let cuts = 0;
  let floor = 0; // below it stands what came by the inbox: that no journal holds
  for (let i = 0; i < 3; i += 1) {
    await daemon.ready();
    await pause(800);
    const before = await daemon.killRedis(() => {
      cuts += tear(daemon.aofFolder, daemon.journalFolder, s.chance, 200, floor) > 0;
    });
    const again = () => ![null, before].includes(daemon.redisPid()) && fs.existsSync(socket);
    await until(again, 'Redis to start again');
    send(daemon.pid, 'SIGSTOP');
    await until(async () => (await cli('PING')) === 'PONG', 'Redis to answer');
    for (let n = 0; n < 3; n += 1) {
      const entry = s.model.plain();
      const id = await cli('XADD', 'tally:{probe}:inbox', '*', 'event', JSON.stringify(entry.event));
      if (!/^\d+-\d+$/.test(id)) throw new Broken(`XADD: ${id}`);
      entry.acked = true; // but no other event speaks of it, as nobody knows when it is counted
    }
    floor = sizeOf(daemon.aofFolder);
    send(daemon.redisPid(), 'SIGKILL');
    send(daemon.pid, 'SIGCONT');
  }
  await senders.finish();
  await daemon.drained();
  // An event leaves the inbox once the daemon has answered for it.
  await until(async () => (await cli('XLEN', 'tally:{probe}:inbox')) === '0', 'the inbox to be emptied');
  await s.settle(daemon);
  return `${cuts} tails torn inside a transaction, 9 events by the inbox; ${count(senders)}`;
}

/** The clock jumps by days and years, and runs at ten times its pace. */
async function clock(s) {
  const file = path.join(s.folder, 'clock');
  const library = execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1']).toString().trim();
  const set = (text) => {
    fs.writeFileSync(`${file}.new`, `${text}\n`);
    fs.renameSync(`${file}.new`, file);
  };
  set('+0');
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  // Redis' allocator and libfaketime don't get along: only the daemon is deceived.
  const store = await s.store();
  const daemon = await s.daemon({ redis: store.url, env });
  s.screen(daemon);
  const senders = await s.traffic([daemon]);
  const jumps = ['+400d', '-2d', '+2d', '-100d', '+0 x10', '+0'];
  for (const [i, jump] of jumps.entries()) {
    await pause(1_000);
    set(jump);
    await pause(1_000);
    if (i % 2) {
      await store.kill();
      await store.start();
    } else {
      await daemon.kill();
      await daemon.start();
    }
  }
  await pause(1_000);
  await s.settle(daemon);
  return `${jumps.length} jumps of the clock; ${count(senders)}`;
}

/** The disk under the journal is full, then not; nobody starts anything again. Takes root. */
async function diskfull(s) {
  const disk = path.join(s.folder, 'disk');
  fs.mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk]);
  try {
    const store = await s.store();
    const state = path.join(disk, 'state');
    const daemon = await s.daemon({ redis: store.url, state, config: SMALL_JOURNAL });
    s.screen(daemon);
    const senders = await s.traffic([daemon], { rate: 12_000 });
    for (let i = 0; i < 3; i += 1) {
      await pause(1_000);
      const filler = path.join(disk, 'filler');
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']);
      const refused = senders.statuses.get(503) ?? 0;
      await until(() => (senders.statuses.get(503) ?? 0) > refused, 'a 503 on a full disk');
      await pause(500);
      const before = senders.acked;
      fs.unlinkSync(filler);
      await until(() => senders.acked > before + 100, 'events to be taken again', 10_000);
    }
    await s.settle(daemon);
    await daemon.stop();
    return `full three times, ${senders.statuses.get(503)} times 503; ${count(senders)}`;
  } finally {
    await s.close();
    execFileSync('umount', ['-l', disk]);
  }
}

/** An old copy of the append-only file is put under the store, and the second of two daemons has
 * moved the revision past before the first one looks. */
async function wentback(s) {
  const store = await s.store();
  const one = await s.daemon({ redis: store.url });
  const two = await s.daemon({ redis: store.url });
  const old = path.join(s.folder, 'old');
  const senders = await s.traffic([one, two]);
  for (let i = 0; i < 3; i += 1) {
    await pause(1_000);
    await store.kill();
    fs.rmSync(old, { recursive: true, force: true });
    fs.cpSync(store.aofFolder, old, { recursive: true });
    await store.start();
    await pause(1_500);
    send(one.pid, 'SIGSTOP');
    await store.kill();
    fs.rmSync(store.aofFolder, { recursive: true });
    fs.cpSync(old, store.aofFolder, { recursive: true });
    await store.start();
    await two.ready();
    await pause(1_000);
    send(one.pid, 'SIGCONT');
  }
  await s.settle(two);
  await s.settle(one);
  return `an old copy put under three times; ${count(senders)}`;
}

/** Every key as it was when it was put aside, all at once and under connections that stay. */
const PUT_ASIDE = `for _, k in ipairs(redis.call('KEYS', 'aside:*')) do redis.call('DEL', k) end
for _, k in ipairs(redis.call('KEYS', 'tally:*')) do redis.call('COPY', k, 'aside:' .. k) end`;
const PUT_BACK = `for _, k in ipairs(redis.call('KEYS', 'tally:*')) do redis.call('DEL', k) end
for _, k in ipairs(redis.call('KEYS', 'aside:*')) do redis.call('COPY', k, string.sub(k, 7)) end`;

async function live(s) {
  const store = await s.store();
  const daemon = await s.daemon({ redis: store.url });
  const screen = s.screen(daemon);
  const senders = await s.traffic([daemon]);
  for (let i = 0; i < 6; i += 1) {
    await pause(400);
    await store.cli('EVAL', PUT_ASIDE, '0');
    await pause(600 + s.chance.below(600));
    await store.cli('EVAL', PUT_BACK, '0');
    screen.fine();
  }
  // Once with nobody sending: it must notice by itself.
  await store.cli('EVAL', PUT_ASIDE, '0');
  await pause(500);
  await senders.finish();
  await store.cli('EVAL', PUT_BACK, '0');
  await pause(2_000);
  senders.resume();
  senders.stopping = true;
  await s.settle(daemon);
  return `put back six times under traffic and once without; ${count(senders)}`;
}

/** A second daemon on a state folder that is in use gets a clear word and touches nothing. */
async function lock(s) {
  const daemon = await s.daemon();
  const senders = await s.traffic([daemon]);
  await pause(500);
  const second = new Daemon(s.folder, { name: 'second', state: daemon.state });
  const failed = await second.start().then(
    () => null,
    (error) => error,
  );
  if (!failed || !/another tallyd/.test(second.log())) throw new Broken(`the second one said: ${second.log()}`);
  await s.settle(daemon);
  return count(senders);
}

const SCENES = { stopped, proxy, syscalls, power, bad_disk: badDisk, everysec, unsynced, clock, diskfull, wentback, live, lock, torn };
await play(SCENES, process.argv[2], Number(process.argv[3] ?? Date.now() % 1_000_000));
