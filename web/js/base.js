// Which alliance this page is of, by its own address: the one place that knows how addresses begin.
// A server's first alliance has the plain ones, each has them under /a/ID/. What browsers keep,
// they keep for a server as a whole, so names there say whose it is.

const id = /^\/a\/([^/]+)\//.exec(globalThis.location?.pathname ?? '/')?.[1] ?? null;

/** A page's address by its plain one: "/m/". */
export const pagePath = (path) => (id === null ? path : `/a/${id}${path}`);

/** The interface's, without what all have in common: "totals?range=all". */
export const apiPath = (path) => (id === null ? `/api/v1/${path}` : `/api/v1/alliances/${id}/${path}`);

export function socketUrl() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}${pagePath('/ws')}`;
}

/** The name under which this alliance's NAME is kept in this browser. */
export const keptName = (name) => (id === null ? name : `${id}/${name}`);
