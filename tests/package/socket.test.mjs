// The service manager may hold the socket, so that whoever comes while the daemon is started anew
// waits and isn't turned away. systemd's own tool stands in for it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { Daemon, makeFolder, until } from '../chaos/process.mjs';
import { freePort } from '../integration/redis.mjs';

const folder = makeFolder();
let daemon;

after(async () => {
  await daemon?.stop();
  fs.rmSync(folder, { recursive: true });
});

test('a connection that was made before the daemon was there is served', async () => {
  const port = await freePort();
  daemon = new Daemon(folder, { wrap: ['systemd-socket-activate', '-l', `127.0.0.1:${port}`] });
  const started = daemon.start();
  let socket;
  await until(async () => {
    socket = net.connect(port, '127.0.0.1');
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  }, 'the manager to listen');
  // The manager starts it only now.
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await once(socket.setEncoding('utf8'), 'data');
  assert.match(answer, /^HTTP\/1\.1 200 /);
  socket.destroy();
  await started;
  assert.equal(daemon.port, port, 'the socket that it was given, not the one of its settings');
  const store = await until(() => daemon.redisPid(), 'its Redis');
  const names = fs.readFileSync(`/proc/${store}/environ`, 'utf8');
  assert.doesNotMatch(names, /LISTEN_(PID|FDS)=/, 'its Redis takes it for none of its own');
});
