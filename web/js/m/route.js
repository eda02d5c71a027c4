// The address: which view is shown, and what a link or a scanned code brought. Codes don't stay in
// it: who looks over a shoulder, or at the history, finds none.

const VIEWS = ['home', 'report', 'problems', 'mine', 'code'];

/** {in, c, plan} of what the address bore, or a view: {view, argument}. */
export function readAddress() {
  const [name, ...rest] = location.hash.slice(1).split('=');
  const value = rest.join('=');
  if (name === 'in' || name === 'c') {
    history.replaceState(null, '', location.pathname);
    return { [name]: value };
  }
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
