// How the page itself is: its age, its memory, how many nodes it has. Kept for whoever looks after
// the wall: the check page shows the last one.

const KEPT = 'self-check';

export function checkSelf() {
  const found = {
    at: new Date().toISOString(),
    hours: Math.round(performance.now() / 360000) / 10,
    nodes: document.querySelectorAll('*').length,
    heap: Math.round((performance.memory?.usedJSHeapSize ?? 0) / 1048576),
    build: document.querySelector('meta[name="build"]')?.content ?? '',
  };
  localStorage.setItem(KEPT, JSON.stringify(found));
  return found;
}

export function lastCheck() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
