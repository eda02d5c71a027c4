// What every fault's run shares: a folder, chance by a seed, a daemon with senders and a screen, and
// at the end the check, and one line that tells what was done.
import fs from 'node:fs';
import { check } from './checker.mjs';
import { dice, Model } from './model.mjs';
import { Daemon, makeFolder, until } from './process.mjs';
import { Screen } from './screen.mjs';
import { Senders } from './sender.mjs';
import { Store } from './store.mjs';

export class Scene {
  constructor(seed, under) {
    this.seed = seed;
    this.chance = dice(seed);
    this.folder = makeFolder(under);
    this.daemons = [];
    this.stores = [];
    this.screens = [];
    this.senders = null;
  }

  async store(options) {
    const store = new Store(this.folder, { name: `r${this.stores.length}`, ...options });
    this.stores.push(store);
    return store.start();
  }

  /** A daemon that is ready. */
  async daemon(options = {}) {
    const daemon = new Daemon(this.folder, { name: `d${this.daemons.length}`, ...options });
    this.daemons.push(daemon);
    await daemon.start();
    await daemon.drained();
    return daemon;
  }

  async token(...daemons) {
    const token = await daemons[0].token();
    for (const daemon of daemons) {
      await until(async () => {
        const post = { method: 'POST', body: '[]', token };
        return (await daemon.request('/api/v1/events', post)).status !== 401;
      }, 'the token to be known');
    }
    return token;
  }

  screen(daemon, options) {
    const screen = new Screen(daemon, options);
    this.screens.push(screen);
    return screen;
  }

  /** Traffic to these daemons from now on. Over several, an event may overtake the one that it
   * speaks of, or the same id with other content: then none speaks of another, and ids are
   * forged nowhere. BY: what is sent to in their place. */
  async traffic(daemons, { by = daemons, ...options } = {}) {
    const share = daemons.length > 1 ? { void: 0, reach: 0, venue: 0.05, problem: 0.05 } : undefined;
    this.model = new Model(this.chance, { prefix: `x${this.seed}`, share });
    this.senders = new Senders(by, await this.token(...daemons), this.model, this.chance, options);
    this.senders.resume();
    return this.senders;
  }

  /** Ends the traffic, waits until all is acknowledged and counted, and compares. */
  async settle(daemon, options = {}) {
    await this.senders.finish();
    for (const one of this.daemons) if (one.exit === null) await one.drained(options.patience);
    const { events } = await check(daemon, this.model, this.chance, options);
    for (const screen of this.screens) screen.fine();
    return events;
  }

  async close() {
    this.senders?.abandon();
    for (const screen of this.screens) screen.close();
    for (const daemon of this.daemons) await daemon.end();
    for (const store of this.stores) await store.kill();
  }
}

/** Runs one of the table's scenes by name; its end is the process's. */
export async function play(table, name, seed) {
  const body = table[name];
  if (!body) {
    console.error(`one of: ${Object.keys(table).join(', ')}`);
    process.exit(2);
  }
  const began = Date.now();
  const scene = new Scene(seed);
  let words = '';
  let failure = null;
  try {
    words = await body(scene);
  } catch (error) {
    failure = error;
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  if (failure) {
    console.log(`FAILED ${name}, seed ${seed}, ${seconds} s: ${failure.stack}`);
    for (const daemon of scene.daemons) console.log(daemon.log().split('\n').slice(-25).join('\n'));
  }
  await scene.close();
  if (failure) console.log(`kept: ${scene.folder}`);
  else {
    console.log(`ok ${name}, seed ${seed}, ${seconds} s: ${words}`);
    fs.rmSync(scene.folder, { recursive: true, force: true });
  }
  process.exit(failure ? 1 : 0);
}
