// Is every acknowledged event counted exactly once? Asked of the daemon in every way that it can
// be asked, once nothing is queued any more.
import { Broken, until } from './process.mjs';

const METRICS = ['activities', 'venues', 'residents', 'problems_raised'];

/** Asked again while the store is away: even now its master may change. */
async function ask(daemon, target, options) {
  let answer;
  const is = async () => {
    answer = await daemon.request(target, options);
    return answer.status !== 503;
  };
  await until(is, 'the store to be there while it is checked');
  return answer;
}

/** Every counted event's id, each as often as it stands in the history. */
async function walk(daemon) {
  const times = new Map();
  for (let after = 0; ; ) {
    const target = `/owner/v1/events?after=${after}&limit=5000`;
    const answer = await ask(daemon, target, { owner: true });
    if (answer.status !== 200) throw new Broken(`${target}: ${answer.status} ${answer.text}`);
    const lines = answer.text.split('\n').filter(Boolean);
    if (!lines.length) return times;
    for (const line of lines) {
      const [rev, id] = line.split(' ', 2);
      times.set(id, (times.get(id) ?? 0) + 1);
      after = Number(rev);
    }
  }
}

function compareHistory(model, times, found) {
  for (const [id, n] of times) {
    if (!model.all.has(id)) found.strange.push(id);
    if (n > 1) found.doubled.push(id);
  }
  for (const [id, entry] of model.all) {
    if (entry.acked && !times.has(id)) found.lost.push(id);
  }
}

async function compareTotals(daemon, model, found) {
  const want = model.figures();
  const got = await daemon.get('/api/v1/totals?by=circle');
  const rows = [['all', got.totals], ...got.groups.map((group) => [group.id, group])];
  for (const [name, row] of rows)
    for (const metric of METRICS)
      if (row[metric] !== want[name][metric])
        found.wrong.push(`${metric} of ${name}: ${row[metric]}, not ${want[name][metric]}`);
}

/** GET /events/ID of up to LIMIT of them: there, with the content that was sent. */
async function lookUp(daemon, model, chance, limit, found) {
  const list = [...model.all.values()].filter((entry) => entry.acked);
  const some = list.length <= limit ? list : Array.from({ length: limit }, () => list[chance.below(list.length)]);
  const one = async (entry) => {
    const { event } = entry;
    const answer = await ask(daemon, `/api/v1/events/${event.id}`, { agent: daemon.lookupAgent });
    if (answer.status !== 200) return found.lost.push(`${event.id} (${answer.status})`);
    const told = JSON.parse(answer.text);
    for (const [field, value] of Object.entries(event))
      if (field !== 'at' && told.event[field] !== value) found.wrong.push(`${event.id}: ${field} ${told.event[field]}`);
    const gone = entry.voided || Boolean(entry.target?.voided); // a reach goes with its activity
    if (gone !== (told.void !== null)) found.wrong.push(`${event.id}: void ${JSON.stringify(told.void)}`);
    return null;
  };
  for (let i = 0; i < some.length; i += 32) await Promise.all(some.slice(i, i + 32).map(one));
  return some.length;
}

const few = (list) => `${list.length} (${list.slice(0, 4).join(', ')}${list.length > 4 ? ', …' : ''})`;

/** Throws whatever is wrong; gives what was looked at. */
export async function check(daemon, model, chance, { lookups = 2_000, patience = 60_000 } = {}) {
  await daemon.drained(patience);
  const found = { lost: [], doubled: [], strange: [], wrong: [] };
  const times = await walk(daemon);
  compareHistory(model, times, found);
  await compareTotals(daemon, model, found);
  const lookedUp = await lookUp(daemon, model, chance, lookups, found);
  const words = Object.entries(found)
    .filter(([, list]) => list.length)
    .map(([name, list]) => `${name} ${few(list)}`);
  const verify = await daemon.ctl('verify');
  if (verify.code !== 0) words.push(`verify exits ${verify.code}: ${verify.text.trim().slice(0, 300)}`);
  if (words.length) throw new Broken(words.join('; '));
  return { events: times.size, lookedUp };
}
