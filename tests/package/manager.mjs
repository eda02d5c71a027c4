// The service manager's part, where there is none: starts the service as its unit says, and hears
// what it tells.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { until } from '../chaos/process.mjs';

/** A unit's settings; of those set twice the last. */
export function unit(root, name) {
  const rows = root.read(`usr/lib/systemd/system/${name}`).matchAll(/^([A-Za-z]+)=(.*)$/gm);
  return Object.fromEntries([...rows].map(([, key, value]) => [key, value]));
}

export class Service {
  constructor(root, name) {
    this.root = root;
    this.unit = unit(root, name);
    this.told = '';
    this.log = '';
  }

  async start() {
    const socket = this.root.path('run/notify');
    fs.rmSync(socket, { force: true });
    this.ear = spawn('socat', ['-u', `UNIX-RECV:${socket},mode=666`, 'STDOUT']);
    this.told = '';
    this.ear.stdout.setEncoding('utf8').on('data', (text) => {
      this.told += `${text}\n`;
    });
    await until(() => fs.existsSync(socket), 'the notify socket');
    const options = { user: this.unit.User, env: { NOTIFY_SOCKET: '/run/notify' } };
    const command = ['setpriv', '--pdeathsig', 'TERM', ...this.unit.ExecStart.split(' ')];
    const child = this.root.spawn(command, options, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    const from = this.log.length;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log += text;
    });
    await this.hears('READY=1');
    const [, address] = /event=listening address="?([^\s"]+)/.exec(this.log.slice(from));
    this.url = `http://${address}`;
  }

  hears(words) {
    return until(() => {
      assert.equal(this.child.exitCode, null, this.log);
      return this.told.includes(words);
    }, words);
  }

  reload() {
    this.told = '';
    this.child.kill('SIGHUP');
  }

  async stop() {
    const ended = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const [code] = await ended;
    this.ear.kill();
    assert.equal(code, 0, this.log);
    assert.match(this.told, /STOPPING=1/);
  }
}
