// The socket, and only the socket: keeps one open, asks for views, sees to it that no step of the
// server's history is missed, and says what comes as events of its own: snapshot, delta, status
// (detail: the server's message with `received` added) and connection ({link, attempt, retryIn}).
// What is shown of it is the model's business.

const PROTOCOL = 'tally.v1';
const BACKOFF = { first: 500, growth: 1000, most: 15000 };
// A status comes every 15 s. After a silence of more the server is asked, so that one which hangs
// with its socket open isn't taken for a quiet one; whatever it says within `answer` will do.
// Patience is for the snapshot that was asked for. Only a server whose store is away may keep us
// waiting for it: it has nothing to show yet, and says so.
const LIMITS = { silence: 17000, answer: 3000, patience: 20000 };
const BEHIND = 3;       // snapshots of an older revision that are refused before one is believed

/** An Event that carries a value; CustomEvent isn't everywhere where this module runs. */
export class FeedEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/** How long to wait before try N (from 0): anywhere between the least and a doubling bound. */
export function backoff(attempt, random) {
  const bound = Math.min(BACKOFF.most, BACKOFF.growth * 2 ** Math.min(attempt, 10));
  return BACKOFF.first + random * (bound - BACKOFF.first);
}

export class Feed extends EventTarget {
  #url; #open; #now; #random; #limits;
  #views = [];
  #socket = null;
  #epoch = null;
  #rev = null;
  #waiting = true;  // for the snapshot that answers what we asked
  #attempt = 0;
  #behind = 0;
  #retry = 0;
  #heardAt = null;  // by the reader's clock; null before the first connection
  #silence = 0;
  #patience = 0;
  #stopped = true;

  /** OPEN makes a WebSocket (url, protocol); NOW is the reader's clock in ms. */
  constructor({ url, views, open = (u, p) => new WebSocket(u, p), now = Date.now,
                random = Math.random, limits = LIMITS }) {
    super();
    this.#url = url;
    this.#views = views;
    this.#open = open;
    this.#now = now;
    this.#random = random;
    this.#limits = limits;
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** Tries now rather than at the end of the wait: the network is back. */
  hurry() {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  /** Looks at other views from now on. */
  look(views) {
    this.#views = views;
    this.#ask();
  }

  #say(type, detail) {
    this.dispatchEvent(new FeedEvent(type, { type, received: this.#now(), ...detail }));
  }

  #connect() {
    const socket = this.#open(this.#url, PROTOCOL);
    this.#socket = socket;
    this.#waiting = true;
    this.#patience = 0;
    this.#listen();
    socket.addEventListener('open', () => this.#mine(socket) && this.#opened());
    socket.addEventListener('message', (event) => this.#mine(socket) && this.#read(event.data));
    socket.addEventListener('close', () => this.#mine(socket) && this.#lost());
    socket.addEventListener('error', () => this.#mine(socket) && this.#lost());
  }

  // A socket that was given up may still speak: it is no longer listened to.
  #mine(socket) {
    return socket === this.#socket;
  }

  #opened() {
    this.#hear();
    this.#say('connection', { link: 'open', attempt: this.#attempt });
    this.#ask();
  }

  #ask() {
    if (this.#socket?.readyState !== 1) return;
    this.#waiting = true;
    this.#socket.send(JSON.stringify({ views: this.#views }));
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#lost(), this.#limits.patience);
  }

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#probe(), this.#limits.silence);
  }

  #hear() {
    this.#heardAt = this.#now();
    this.#listen();
  }

  #probe() {
    this.#ask();
    this.#silence = setTimeout(() => this.#lost(this.#heardAt), this.#limits.answer);
  }

  #read(text) {
    this.#hear();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#lost();
    }
    if (message.type === 'snapshot') this.#snapshot(message);
    else if (message.type === 'delta') this.#delta(message);
    else if (message.type === 'status') this.#status(message);
    return undefined;
  }

  #snapshot(message) {
    if (!this.#answers(message)) return;
    clearTimeout(this.#patience);
    if (this.#isBehind(message)) {
      this.#lost();
      return;
    }
    this.#behind = 0;
    this.#attempt = 0;
    this.#waiting = false;
    this.#epoch = message.epoch;
    this.#rev = message.rev;
    this.#say('snapshot', message);
  }

  #status(message) {
    if (message.store === 'down') {
      clearTimeout(this.#patience);
      this.#patience = 0;
    } else if (this.#waiting && !this.#patience) {
      this.#ask();
    }
    this.#say('status', message);
  }

  // The first snapshot of a connection comes unasked, and shows less than we want.
  #answers(message) {
    const same = (view, i) => view.range === this.#views[i].range
      && (view.by || null) === (this.#views[i].by || null);
    return message.views?.length === this.#views.length && message.views.every(same);
  }

  // An older revision of the same history is a server that has not caught up: come again later.
  #isBehind(message) {
    if (message.epoch !== this.#epoch || message.rev >= this.#rev) return false;
    this.#behind += 1;
    return this.#behind < BEHIND;
  }

  #delta(message) {
    if (this.#waiting) return;
    if (message.epoch !== this.#epoch || message.prev !== this.#rev) {
      this.#ask();
      return;
    }
    this.#rev = message.rev;
    this.#say('delta', message);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#silence);
    clearTimeout(this.#patience);
    socket?.close();
  }

  /** SINCE is when it was last there, if that isn't now. */
  #lost(since = null) {
    this.#drop();
    if (this.#stopped) return;
    const retryIn = backoff(this.#attempt, this.#random());
    this.#attempt += 1;
    this.#say('connection', { link: 'lost', attempt: this.#attempt, retryIn, since: since ?? this.#now() });
    this.#retry = setTimeout(() => this.#connect(), retryIn);
  }
}
