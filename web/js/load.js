// What the socket doesn't bring: answers of the HTTP interface, asked for again until they come.

import { apiPath } from './base.js';

const TIMEOUT = 8000;
const AGAIN = { first: 1000, most: 30000 };

async function get(path) {
  const response = await fetch(apiPath(path), { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** A load that can be asked for at any time: the newest wish wins, failures are tried again. */
export function loader(take) {
  let wish = 0;
  let timer = 0;

  async function attempt(mine, path, wait) {
    try {
      const answer = await get(path);
      if (mine === wish) take(answer);
    } catch {
      if (mine !== wish) return;
      timer = setTimeout(attempt, wait, mine, path, Math.min(AGAIN.most, wait * 2));
    }
  }

  return (path) => {
    clearTimeout(timer);
    wish += 1;
    attempt(wish, path, AGAIN.first);
  };
}
