// The address is the only thing that opens, changes and closes the drill-down, so that the
// browser's own Back and Forward work. Each step is an entry of the history, which knows how many
// steps ago the drill-down was closed: closing goes back there, and entries don't pile up.

const PATIENCE = 1000; // ms for the browser to go back

/** FOLLOW is called with the address's hash now and whenever it changes. */
export function createTrail(follow) {
  let steps = null; // since it was closed; null: it wasn't, the page was opened by a shared link
  let closing = 0;  // the timer of a way back that is being taken
  let followed = null;
  const open = () => location.hash.length > 1;

  function mark() {
    const kept = history.state?.drill;
    if (!open()) steps = 0;
    else if (kept !== undefined) steps = kept;
    else {
      steps = steps === null ? null : steps + 1;
      history.replaceState({ ...history.state, drill: steps }, '');
    }
  }

  function changed() {
    clearTimeout(closing);
    closing = 0;
    mark();
    if (location.hash === followed) return;
    followed = location.hash;
    follow(location.hash);
  }

  function replace() {
    history.replaceState({ ...history.state, drill: 0 }, '', '#');
    changed();
  }

  addEventListener('hashchange', changed);
  mark();
  return {
    go(hash) {
      location.hash = hash;
      changed();
    },
    close() {
      if (!open() || closing) return;
      // A browser keeps only so many entries: the one to go back to may be gone.
      if (!steps || steps >= history.length) return replace();
      closing = setTimeout(replace, PATIENCE);
      history.go(-steps);
    },
  };
}
