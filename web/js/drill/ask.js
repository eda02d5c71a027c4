// One question to the server: answered, refused, given up, or out of time.

import { apiPath } from '../base.js';

const TIMEOUT = 10000;

/** GET of the interface. SIGNAL gives it up. A refusal throws an error with its `status`. */
export async function ask(path, signal) {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, TIMEOUT);
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    const response = await fetch(apiPath(path), { signal: limit.signal });
    if (!response.ok) throw Object.assign(new Error(path), { status: response.status });
    return await response.json();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** The path of a question: parameters that have no value are left out. */
export function path(name, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value ?? false);
  return `${name}?${new URLSearchParams(given)}`;
}

/** A page of the events behind a view's figure, newest first. MORE: limit, before and the like. */
export const askEvents = (view, more, signal) =>
  ask(path('events', { range: view.range, metric: view.metric, by: view.by, id: view.id, ...more }), signal);

/** Totals of a view's range, with the groups of dimension BY. */
export const askTotals = (range, by, signal) => ask(path('totals', { range, by }), signal);

/** A place's figures out of the answers to askTotals, by dimension. */
export function figuresOf(answers, view) {
  if (!view.by) return Object.values(answers)[0]?.totals ?? null;
  return answers[view.by]?.groups.find(({ id }) => id === view.id) ?? null;
}
