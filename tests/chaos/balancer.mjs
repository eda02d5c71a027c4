// HAProxy or nginx before the daemons, by the sample configuration that is shipped: only ports, paths
// and whom it runs as are put into it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../integration/redis.mjs';
import { ask, Broken, until } from './process.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SAMPLES = path.join(HERE, '..', '..', 'config', 'balancer');
const NOT_OURS = /^ +(user|group|chroot) .*\n/gm; // a process that changes its user outlives a killed test

/** TEXT with each of PAIRS put in; what isn't there can't be. */
function fill(text, pairs) {
  let filled = text;
  for (const [from, to] of pairs) {
    if (!filled.includes(from)) throw new Broken(`the sample says nothing of ${from}`);
    filled = filled.replaceAll(from, to);
  }
  return filled;
}

const addresses = (ports) => ports.map((port, i) => [`10.0.0.1${i + 1}:8080`, `127.0.0.1:${port}`]);

const KINDS = {
  haproxy: {
    sample: 'haproxy.cfg',
    write: (text, port, ports) => fill(text.replace(NOT_OURS, ''), [['0.0.0.0:80\n', `127.0.0.1:${port}\n`], ...addresses(ports)]),
    command: (file) => ['haproxy', '-db', '-f', file],
  },
  nginx: {
    sample: 'nginx.conf',
    write(text, port, ports, folder) {
      const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
      return [
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;`,
        'events { worker_connections 1024; }',
        `http { access_log off; ${own.join(' ')}`,
        fill(text, [['listen 80;', `listen 127.0.0.1:${port};`], ...addresses(ports)]),
        '}',
      ].join('\n');
    },
    command: (file, folder) => ['nginx', '-e', 'stderr', '-p', folder, '-c', file],
  },
};

export class Balancer {
  many = true; // daemons stand behind it

  constructor(folder, kind) {
    this.folder = path.join(folder, kind);
    this.kind = KINDS[kind];
    this.file = path.join(this.folder, this.kind.sample);
    this.logFile = path.join(this.folder, 'log');
    fs.mkdirSync(this.folder);
  }

  async start(daemons) {
    this.port = await freePort();
    const sample = fs.readFileSync(path.join(SAMPLES, this.kind.sample), 'utf8');
    const ports = daemons.map((daemon) => daemon.port);
    fs.writeFileSync(this.file, this.kind.write(sample, this.port, ports, this.folder));
    const log = fs.openSync(this.logFile, 'a');
    const command = this.kind.command(this.file, this.folder);
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', log, log], env });
    fs.closeSync(log);
    this.ended = once(this.child, 'close');
    const serves = async () => {
      if (this.child.exitCode !== null) throw new Broken(`${command[0]}: ${fs.readFileSync(this.logFile, 'utf8')}`);
      return (await this.request('/readyz')).status === 200;
    };
    await until(serves, `${command[0]} to reach a daemon`);
    return this;
  }

  request(target, options) {
    return ask({ port: this.port }, target, options);
  }

  async kill() {
    this.child?.kill('SIGKILL');
    await this.ended;
  }
}
