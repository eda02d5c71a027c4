// What one event of /events?metric=… adds to that metric's figure, by the contract. Pure. The
// server lists only what counts: nothing taken back, and of several that claim the same the one
// that holds; so that what is said here adds up to the figure.

export const METRICS = ['activities', 'venues', 'residents', 'residents_unique',
                        'problems_raised', 'problems_solved'];

/** The metric that can't be added up: an estimate of how many different persons. */
export const ESTIMATE = 'residents_unique';

/** How far an estimate may lie from the truth: three times Redis's standard error of 0.81 %. */
const ERROR = 3 * 0.0081;

export function adds(metric, event) {
  if (event.kind === 'opening') return event.metrics?.[metric] ?? 0;
  if (metric !== 'residents') return 1;
  return event.kind === 'reach' && event.resident !== undefined ? 1 : event.residents ?? 0;
}

/** Adds up events as they come, in bounded memory: {n, sum}, and for the estimate the persons. */
export function adder(metric) {
  const persons = metric === ESTIMATE ? new Set() : null;
  const made = { n: 0, sum: 0 };
  return (events) => {
    for (const event of events) {
      if (persons && event.resident === undefined) continue;
      made.n += 1;
      if (persons) persons.add(event.resident);
      else made.sum += adds(metric, event);
    }
    if (persons) made.sum = persons.size;
    return made;
  };
}

/** Does SUM prove FIGURE? An estimate needs only be as near as it promises. */
export function agrees(metric, sum, figure) {
  if (metric !== ESTIMATE) return sum === figure;
  return Math.abs(sum - figure) <= Math.max(1, Math.ceil(sum * ERROR));
}
