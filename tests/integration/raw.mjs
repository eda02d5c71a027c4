// HTTP to the byte: sends exactly what it is given over a plain socket, and reads the answers.
import net from 'node:net';

/** An open connection to ADDRESS ("127.0.0.1:1234"), collecting all that comes back. */
export class Line {
  constructor(address) {
    const at = address.lastIndexOf(':');
    this.text = '';
    this.socket = net.connect(Number(address.slice(at + 1)), address.slice(0, at));
    this.socket.setNoDelay(true);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (part) => {
      this.text += part;
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.isClosed = false;
    this.waiting = [];
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
        this.#wake();
      });
    });
    this.connected = new Promise((resolve, reject) => {
      this.socket.on('connect', resolve);
      this.socket.on('error', reject);
    });
    this.connected.catch(() => {});
  }

  async write(bytes) {
    await this.connected;
    await new Promise((resolve) => {
      this.socket.write(bytes, resolve);
    });
    return this;
  }

  /** Waits until COUNT whole answers are there or the other side has closed; gives the answers.
   * With neither after MS it gives what there is. */
  answers(count, ms = 20_000) {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(parse(this.text)), ms);
      const retry = () => {
        const found = parse(this.text);
        if (found.length >= count || this.isClosed) {
          clearTimeout(late);
          resolve(found);
        } else this.waiting.push(retry);
      };
      retry();
    });
  }

  /** Waits until TEXT has come, or the other side has closed. */
  until(text) {
    return new Promise((resolve) => {
      const retry = () => {
        if (this.text.includes(text) || this.isClosed) resolve();
        else this.waiting.push(retry);
      };
      retry();
    });
  }

  #wake() {
    for (const retry of this.waiting.splice(0)) retry();
  }

  end() {
    this.socket.destroy();
  }
}

/** The whole answers at the start of TEXT: [{status, headers, body}]. */
function parse(text) {
  const found = [];
  for (;;) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return found;
    const [first, ...lines] = text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const status = Number(first.split(' ')[1]);
    const length = status === 304 || status < 200 ? 0 : Number(headers['content-length'] ?? 0);
    if (text.length < end + 4 + length) return found;
    const body = Buffer.from(text.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
    found.push({ status, headers, body });
    text = text.slice(end + 4 + length);
  }
}

/** Sends BYTES in one write and gives the answers, at most COUNT. */
export async function exchange(address, bytes, count = 1, ms) {
  const line = new Line(address);
  await line.write(bytes);
  const answers = await line.answers(count, ms);
  line.end();
  return answers;
}

/** A whole POST /api/v1/events as text. */
export function postText(address, token, body, extra = '') {
  return (
    `POST /api/v1/events HTTP/1.1\r\nHost: ${address}\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`
  );
}

/** A WebSocket's handshake, with these lines besides. */
export const upgradeText = (address, target, ...lines) =>
  getText(
    address,
    target,
    ['Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...lines]
      .map((line) => `${line}\r\n`)
      .join(''),
  );

export const getText = (address, target, extra = '') =>
  `GET ${target} HTTP/1.1\r\nHost: ${address}\r\n${extra}\r\n`;
