// What the runs share in which another server takes the master's place.
import { until } from './process.mjs';

export const KEY = 'tally:{probe}:meta';

export const count = (senders) => {
  const answers = [...senders.statuses].map(([status, n]) => `${status || 'none'}: ${n}`).join(', ');
  return `${senders.sent} events sent, ${senders.retried} retried, answers ${answers}`;
};

/** GROUP, started, and ended with the scene. */
export async function store(s, group, options) {
  s.stores.push({ kill: () => group.stop() });
  return group.start(options);
}

/** How often has the daemon gone to that server? */
export const visits = (daemon, server) =>
  daemon.log().split('\n').filter((line) => line.includes(`store_at address=${server.address} `)).length;

const since = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;

/** Breaks the store; TAKEN_OVER resolves to the new master. Gives it, and how long after the fault it
 * was one, the daemon had found it, and a screen showed what it has. */
export async function followed(daemon, screen, breakIt, takenOver) {
  const from = Buffer.byteLength(daemon.log());
  const began = Date.now();
  await breakIt();
  const changed = until(() => daemon.log(from).includes('event=store_at'), 'the daemon to go elsewhere');
  const live = changed.then(async () => {
    const found = since(began);
    await daemon.ready();
    await screen.shownAfter(Date.now());
    return `found after ${found}, live after ${since(began)}`;
  });
  const is = await takenOver();
  const taken = since(began);
  const words = `a new master after ${taken}, ${await live}`;
  await until(() => visits(daemon, is), `the daemon to go to ${is.address}`);
  return { is, words };
}
