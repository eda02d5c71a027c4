// Adds up every event behind a figure and holds the sum against it. What is counted meanwhile
// doesn't disturb: the sum is of the events up to the revision at which the figure was told. Only a
// correction to one of those can, and then it is begun anew. An estimate keeps what it has taken in:
// it is held against all registered reaches, those taken back too.

import { askEvents, askTotals, figuresOf } from './ask.js';
import { adder, agrees, ESTIMATE } from './contribution.js';

const BITE = 1000;
const ATTEMPTS = 3;

async function told(view, signal) {
  const answer = await askTotals(view.range, view.by, signal);
  return { rev: answer.rev, from: answer.from, range: answer.range, at: answer.as_of,
           figure: figuresOf({ [view.by]: answer }, view)?.[view.metric] ?? 0 };
}

// "today" and its like, as the period that they are at present, so that midnight may come.
const LENGTH = { today: 10, month: 7, year: 4 };
const pinned = (view, { from }) =>
  (LENGTH[view.range] ? { ...view, range: from.slice(0, LENGTH[view.range]) } : view);

const asFor = ({ metric }) => (metric === ESTIMATE ? { metric: null, kind: 'reach' } : {});

async function attempt(asked, signal, onProgress) {
  const first = await told(asked, signal);
  const view = pinned(asked, first);
  const add = adder(view.metric);
  let done = add([]);
  for (let before = first.rev + 1; before !== null;) {
    const page = await askEvents(view, { limit: BITE, before, ...asFor(view) }, signal);
    done = add(page.events);
    before = page.next;
    onProgress({ ...done, share: before === null ? 1 : 1 - before / (first.rev + 1) });
  }
  const agreed = agrees(view.metric, done.sum, first.figure);
  const moved = !agreed && (await told(view, signal)).rev !== first.rev;
  return { ...done, figure: first.figure, rev: first.rev, at: first.at, agreed, moved };
}

/** {n, sum, figure, rev, at, agreed, moved}: MOVED says that corrections kept coming in, so that
 * the difference may be theirs. onProgress({n, sum, share}) after each bite. */
export async function prove(view, signal, onProgress) {
  let outcome;
  for (let i = 0; i < ATTEMPTS; i += 1) {
    outcome = await attempt(view, signal, onProgress);
    if (outcome.agreed || !outcome.moved) break;
  }
  return outcome;
}
