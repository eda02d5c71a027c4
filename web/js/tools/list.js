// The tools of the foot and their keys. A tool is a wish: pressing it, or its key, dispatches
// "wish-NAME" on the document, and whoever can fulfil it listens.

export const tools = [
  { name: 'theme', key: 't', icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 3v18a9 9 0 0 0 0-18z' },
  { name: 'language', key: null,
    icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM3 12h18M12 3c-6 5-6 13 0 18M12 3c6 5 6 13 0 18' },
  { name: 'full', key: 'f', icon: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5' },
  { name: 'visit', key: 'v',
    icon: 'M2 12c5-8 15-8 20 0c-5 8-15 8-20 0zM12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6z' },
  { name: 'export', key: 'e', icon: 'M12 3v12M7 10l5 5l5-5M4 20h16' },
  { name: 'help', key: '?', icon: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.5' },
];

/** Keys that have no button of their own. */
export const silent = [{ name: 'print', key: 'p' }];

export const wish = (name) => document.dispatchEvent(new CustomEvent(`wish-${name}`));
