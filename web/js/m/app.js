// What all views share: the live figures, who is signed in, what is unsent, and how to send.
// The bus says "session", "items" (what is unsent changed), and of what is sent "sending", "idle",
// "done", "refused" and "signin"; the link's own bus says "model" and "tick".

import { createSources } from '../sources.js';
import { wire } from '../wire.js';
import { ask, Lost } from './api.js';
import { openBox } from './box.js';
import { keep, recall } from './kept.js';
import { createMemory } from './memory.js';
import { createSender } from './post.js';
import { createSession } from './session.js';

const VIEWS = [{ range: 'all' }, { range: 'today' }];
const RECENT = 20000; // ms: lists are asked for again sooner
const NAMED = 4000;
const ANYBODY = ['plans'];
const REPORTER = ['plans', 'problems', 'venues'];

/** Where pages may be kept for a reload without a network. */
export const keepsPages = () => isSecureContext && 'serviceWorker' in navigator;

export async function createApp() {
  const bus = new EventTarget();
  const say = (type, detail) => bus.dispatchEvent(new CustomEvent(type, { detail }));
  const link = wire(VIEWS);
  const sources = createSources(link.take);
  const memory = createMemory(link);
  const session = createSession(() => say('session'));
  const app = { bus, link, session, now: memory.now, zone: memory.zone, items: [], closed: false,
                state: () => link.state(), online: () => link.state().link === 'live' };

  let recent = [];

  async function readItems() {
    app.items = await app.box.list();
    say('items');
  }
  app.box = await openBox(readItems);
  app.sender = createSender({ box: app.box, who: session.who, say });

  /** Keeps ITEM on the phone, then sends it; gives its key. */
  app.add = async (item) => {
    navigator.storage?.persist?.();
    const key = await app.box.add({ ...item, state: 'waiting', tried: false, made: app.now(),
                                    as: session.who()?.name ?? null });
    app.sender.run();
    return key;
  };

  /** Ends when places and units have names, or won't soon. */
  app.named = () => (link.state().catalogue ? undefined : new Promise((resolve) => {
    link.bus.addEventListener('model', ({ detail: { state } }) => state.catalogue && resolve());
    setTimeout(resolve, NAMED);
  }));

  /** Events of this phone that lists may not show yet: what waits, and what was taken just now. */
  app.made = () => [...recent.filter(({ taken }) => app.now() - taken < RECENT).map(({ item }) => item),
    ...app.items.filter(({ state }) => state !== 'refused')].flatMap(({ events = [] }) => events);
  /** Whether the one that is called so still waits. */
  app.waitsFor = (id) => app.items.some(({ events = [] }) => events.some((event) => event.id === id));

  /** Puts what was refused, or not yet sent, back as it is now. */
  app.mend = async (item, change) => {
    await app.box.put({ ...item, ...change, state: 'waiting', as: session.who()?.name ?? item.as });
    app.sender.run();
  };

  /** The unit that is reported for: the session's own, else the one chosen last. */
  app.unit = () => session.who()?.unit ?? recall('unit') ?? null;

  const refresh = () => sources.refresh(link.state(), performance.timeOrigin + performance.now());
  link.bus.addEventListener('model', refresh);
  link.bus.addEventListener('tick', refresh);

  function look() {
    sources.use({ views: VIEWS, sources: session.reports() ? REPORTER : ANYBODY });
    refresh();
  }
  bus.addEventListener('session', () => {
    if (!session.who()) for (const name of ['records', 'sums']) keep(name, null);
    look();
    app.open();
    app.sender.hurry();
  });
  bus.addEventListener('signin', () => session.refresh());
  bus.addEventListener('done', ({ detail: { item } }) => {
    recent = [...recent.slice(-20), { item, taken: app.now() }];
    say('items');
  });

  let opened = false;
  /** Begins to watch, where anybody may or somebody is signed in. */
  app.open = async () => {
    if (opened) return;
    try {
      app.closed = (await ask('catalogue')).status === 401;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    say('access');
    if (app.closed || opened) return;
    opened = true;
    link.start();
  };

  app.begin = async () => {
    memory.begin();
    look();
    await readItems();
    session.refresh();
    app.open();
    app.sender.run();
  };
  return app;
}
