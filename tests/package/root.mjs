// A Debian of its own in a folder: bootstrapped by this machine's mirror, entered by chroot with a
// /proc that goes when the command does. Nothing in it may start a service by itself, since it
// shares this machine's network.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const say = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });

/** The lines of a sources.list that this machine's own sources of Debian come to. */
function sources() {
  const format = '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const rows = say('apt-get', 'indextargets', '--format', format, 'Identifier: Packages')
    .trim()
    .split('\n')
    .map((row) => row.split('|'))
    .filter(([origin]) => origin === 'Debian');
  return rows.map(([, uri, release, component]) => ({ uri, release, component }));
}

export class Root {
  constructor() {
    const suite = say('sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"').trim();
    const rows = sources();
    const { uri } = rows.find((row) => row.release === suite);
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-root-'));
    fs.chmodSync(this.folder, 0o755);
    say('debootstrap', '--variant=minbase', suite, this.folder, uri);
    this.write('etc/apt/sources.list', rows.map((r) => `deb ${r.uri} ${r.release} ${r.component}\n`).join(''));
    // By the way that this machine reaches its mirror.
    this.write('etc/apt/apt.conf.d/00machine', say('sh', '-c', "apt-config dump | grep '^Acquire::' || :"));
    for (const name of ['resolv.conf', 'hosts']) this.write(`etc/${name}`, fs.readFileSync(`/etc/${name}`));
    this.write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
    this.run('apt-get', '-qq', 'update');
  }

  path(name) {
    return path.join(this.folder, name);
  }

  read(name) {
    return fs.readFileSync(this.path(name), 'utf8');
  }

  write(name, text, mode = 0o644) {
    fs.writeFileSync(this.path(name), text, { mode });
  }

  /** The command line that runs COMMAND inside. */
  inside(command, { user, env = {} } = {}) {
    const mount = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
    const as = user ? ['setpriv', '--reuid', user, '--regid', user, '--init-groups'] : [];
    const set = Object.entries({
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      ...env,
    }).map(([name, value]) => `${name}=${value}`);
    return ['unshare', '--mount', 'sh', '-c', mount, this.folder, ...as, 'env', '-i', ...set, ...command];
  }

  run(...command) {
    return say(...this.inside(command));
  }

  runAs(user, ...command) {
    return say(...this.inside(command, { user }));
  }

  spawn(command, options, io) {
    const [program, ...args] = this.inside(command, options);
    return spawn(program, args, io);
  }

  /** Installs a package's file with what it depends on. */
  install(deb) {
    fs.copyFileSync(deb, this.path('root/new.deb'));
    const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Use-Pty=0'];
    const child = this.spawn(['apt-get', ...options, 'install', '/root/new.deb'], {}, { stdio: 'inherit' });
    return new Promise((done, failed) => {
      child.on('close', (code) => (code === 0 ? done() : failed(new Error(`apt-get ended with ${code}`))));
    });
  }

  /** Paths, from the root, that have NAME in them. */
  holding(name) {
    const all = say('find', this.folder, '-xdev', '-path', `${this.folder}*${name}*`, '-printf', '/%P\n');
    return all.split('\n').filter((line) => line.includes(name));
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
