// The address: which view is shown, and what a link or a scanned code brought. Codes don't stay in
// it: who looks over a shoulder, or at the history, finds none.

const VIEWS = ['home', 'report', 'problems', 'mine', 'code'];

/** The code that the address bears under NAME, and from then on no longer does; null if it has none. */
export function takeCode(name) {
  const [found, ...rest] = location.hash.slice(1).split('=');
  if (found !== name) return null;
  history.replaceState(null, '', location.pathname + location.search);
  return rest.join('=');
}

/** {in, c, plan} of what the address bore, or a view: {view, argument}. */
export function readAddress() {
  for (const name of ['in', 'c']) {
    const code = takeCode(name);
    if (code !== null) return { [name]: code };
  }
  const [name, ...rest] = location.hash.slice(1).split('=');
  const value = rest.join('=');
  if (name === 'plan') return { plan: decode(value) };
  return { view: VIEWS.includes(name) ? name : 'home', argument: decode(value) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
