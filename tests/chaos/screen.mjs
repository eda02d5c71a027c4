// A screen that watches all the while, by a WebSocket spoken here in few words: no package is
// needed. Within one epoch the revision never falls, nor does any figure that no void can touch:
// problems raised, and all of circle c3.
import crypto from 'node:crypto';
import net from 'node:net';
import { Broken, until } from './process.mjs';

const BEHIND = 3;
const ASK = JSON.stringify({ views: [{ range: 'all' }, { range: 'all', by: 'circle' }] });

/** A client's frame: one text message, masked. */
function frame(text) {
  const body = Buffer.from(text);
  const mask = crypto.randomBytes(4);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, mask, body.map((byte, i) => byte ^ mask[i % 4])]);
}

export class Screen {
  /** PAUSE gives the ms until the next try, by how many have failed. PATIENT: like the page, it comes
   * again rather than believe a daemon that hasn't caught up with what another has shown. */
  constructor(daemon, { pause = () => 50, patient = false } = {}) {
    this.daemon = daemon;
    this.pause = pause;
    this.patient = patient;
    this.failed = 0;
    this.behind = 0;
    this.goodbyes = []; // the codes that it was closed with
    this.faults = [];
    this.messages = 0;
    this.arrivals = []; // when it was shown something
    this.epochs = new Set();
    this.shown = null; // {epoch, rev, figures} at most so far
    this.open = false;
    this.#connect();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.destroy();
  }

  /** Throws what it has seen, if anything. */
  fine() {
    if (this.faults.length) throw new Broken(`the screen saw: ${this.faults.slice(0, 3).join('; ')}`);
  }

  /** When it was shown something for the first time after that moment. */
  shownAfter(moment) {
    return until(() => this.arrivals.find((at) => at > moment), 'the screen to be live again');
  }

  #connect() {
    this.views = null;
    this.bytes = Buffer.alloc(0);
    this.pieces = [];
    this.greeted = false;
    const { host = '127.0.0.1', port } = this.daemon;
    this.socket = net.connect({ host, port });
    this.socket.on('connect', () => {
      const key = crypto.randomBytes(16).toString('base64');
      this.socket.write(
        'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: tally.v1\r\n\r\n`,
      );
    });
    this.socket.on('data', (part) => this.#take(part));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      if (!this.closed) this.timer = setTimeout(() => this.#connect(), this.pause(this.failed++));
    });
  }

  #take(part) {
    this.bytes = Buffer.concat([this.bytes, part]);
    if (!this.greeted) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!this.bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.socket.destroy();
        return;
      }
      this.greeted = true;
      this.bytes = this.bytes.subarray(end + 4);
      this.socket.write(frame(ASK));
    }
    while (this.#next());
  }

  /** Takes one frame off the bytes; false if there is no whole one. */
  #next() {
    const b = this.bytes;
    if (b.length < 2) return false;
    let length = b[1] & 0x7f;
    let at = 2;
    if (length === 126) {
      if (b.length < 4) return false;
      length = b.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (b.length < 10) return false;
      length = Number(b.readBigUInt64BE(2));
      at = 10;
    }
    if (b.length < at + length) return false;
    const body = b.subarray(at, at + length);
    this.bytes = b.subarray(at + length);
    const code = b[0] & 0x0f;
    if (code === 8) {
      this.goodbyes.push(body.length < 2 ? 0 : body.readUInt16BE(0));
      this.socket.destroy();
    }
    if (code <= 1) this.pieces.push(Buffer.from(body));
    if (code <= 1 && b[0] & 0x80) this.#message(JSON.parse(Buffer.concat(this.pieces.splice(0)).toString('utf8')));
    return true;
  }

  #message(message) {
    this.messages += 1;
    if (message.type === 'snapshot' && message.views.length === 2) {
      if (this.#isBehind(message)) return void this.socket.destroy();
      this.behind = this.failed = 0;
      this.views = message.views;
      this.rev = message.rev;
    } else if (message.type === 'delta' && this.views && message.views.length === 2) {
      if (message.prev !== this.rev) this.faults.push(`a delta on ${message.prev}, shown was ${this.rev}`);
      this.rev = message.rev;
      message.views.forEach((change, i) => {
        Object.assign(this.views[i].totals, change.totals);
        for (const group of change.groups ?? [])
          Object.assign(this.views[i].groups.find((g) => g.id === group.id) ?? {}, group);
      });
    } else return;
    this.arrivals.push(Date.now());
    this.#compare(message.epoch);
  }

  #isBehind({ epoch, rev }) {
    if (!this.patient || epoch !== this.shown?.epoch || rev >= this.shown.rev) return false;
    this.behind += 1;
    return this.behind < BEHIND;
  }

  #compare(epoch) {
    const c3 = this.views[1].groups.find((group) => group.id === 'c3');
    const figures = {
      problems_raised: this.views[0].totals.problems_raised,
      'activities of c3': c3.activities,
      'residents of c3': c3.residents,
      'venues of c3': c3.venues,
    };
    const was = this.shown;
    this.epochs.add(epoch);
    if (was && was.epoch === epoch) {
      if (this.rev < was.rev) this.faults.push(`revision ${this.rev} after ${was.rev} in one epoch`);
      for (const [name, n] of Object.entries(figures))
        if (n < was.figures[name]) this.faults.push(`${name}: ${n} after ${was.figures[name]} in one epoch`);
    }
    this.shown = { epoch, rev: this.rev, figures };
  }
}
