// What was made on this phone and isn't known to be counted: kept in the browser's database before
// anything is sent, in the order in which it was made. Where there is no database, in its plain
// memory, which is kept just as long.

import { keptName } from '../base.js';
import { keep, onKept, recall } from './kept.js';
import { random } from './ids.js';

const NAME = 'unsent';
const PATIENCE = 3000; // ms

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// Some browsers never answer: then it is plain memory this time.
function openDatabase() {
  const request = indexedDB.open(keptName('tally'), 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(NAME, { keyPath: 'key', autoIncrement: true });
  };
  return Promise.race([settled(request), new Promise((_, reject) => { setTimeout(reject, PATIENCE); })]);
}

// What was kept in plain memory while the database wasn't to be had goes there.
async function moveIn(store) {
  const items = recall(NAME, []);
  for (const { key, ...item } of items) await store.add(item);
  if (items.length) keep(NAME, []);
  return store;
}

// Resolves once it is written, not once it is asked for.
function inDatabase(base, mode, act) {
  const transaction = base.transaction(NAME, mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return settled(act(transaction.objectStore(NAME))).then((result) => done.then(() => result));
}

const database = (base) => ({
  list: () => inDatabase(base, 'readonly', (store) => store.getAll()),
  add: (item) => inDatabase(base, 'readwrite', (store) => store.add(item)),
  put: (item) => inDatabase(base, 'readwrite', (store) => store.put(item)),
  remove: (key) => inDatabase(base, 'readwrite', (store) => store.delete(key)),
});

function plain() {
  let here = []; // for a browser that keeps nothing at all
  const list = () => recall(NAME, here);
  const write = (items) => {
    here = items;
    keep(NAME, items);
  };
  return {
    list: async () => list(),
    async add(item) {
      const key = (list().at(-1)?.key ?? 0) + 1;
      write([...list(), { ...item, key }]);
      return key;
    },
    put: async (item) => write(list().map((other) => (other.key === item.key ? item : other))),
    remove: async (key) => write(list().filter((other) => other.key !== key)),
  };
}

/** {list, add, put, remove}; ON_CHANGE is called after every change, in whichever tab. */
export async function openBox(onChange) {
  const store = await Promise.resolve().then(openDatabase).then((base) => moveIn(database(base))).catch(plain);
  onKept('unsent.changed', onChange);
  const changing = (act) => async (argument) => {
    const result = await act(argument);
    keep('unsent.changed', random(8));
    onChange();
    return result;
  };
  return { list: store.list, add: changing(store.add), put: changing(store.put),
           remove: changing(store.remove) };
}
