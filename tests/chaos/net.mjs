// A network of the test's own: hosts on a switch, each a namespace with an address of its own, whose
// cables can be pulled one by one. The whole test is started again in namespaces that nothing of this
// machine's network is in; they are gone with it, also when it is killed.
import { execFileSync, spawnSync } from 'node:child_process';

const INSIDE = 'TALLYD_TEST_INSIDE';
const SKIPPED = 77; // as CMakeLists.txt has it
const NOBODY = '02:00:00:00:00:00'; // no host's hardware address
process.env.PATH += ':/usr/sbin:/sbin';
const OWN = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const PROBE = 'ip link add v0 type veth peer name v1 && ip link add b0 type bridge && mount -t tmpfs tmpfs /run';

/** Gives only inside. Where namespaces can't be had, the test ends as one that was skipped. */
export function retreat() {
  if (process.env[INSIDE]) return;
  const mapped = process.getuid() === 0 ? [] : ['--map-root-user'];
  const args = ['--pdeathsig', 'KILL', 'unshare', ...mapped, ...OWN];
  const probe = spawnSync('setpriv', [...args, 'sh', '-c', PROBE], { encoding: 'utf8' });
  if (probe.status !== 0) {
    console.log(`skipped: no network of its own: ${(probe.stderr || String(probe.error)).trim()}`);
    process.exit(SKIPPED);
  }
  const again = [process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('setpriv', [...args, ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  process.exit(status ?? 1);
}

const ip = (...args) => execFileSync('ip', args.flatMap((arg) => arg.split(' ')), { stdio: ['ignore', 'ignore', 'inherit'] });

/** The test itself and the daemons are also on the office's switch, so that whoever posts and looks
 * still reaches a daemon that is cut off from the store. */
export class Net {
  constructor() {
    this.hosts = [];
    ip('link set lo up');
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']); // where names of namespaces are kept
    ip('netns add switches');
    for (const name of ['store', 'office']) {
      ip(`-n switches link add ${name} type bridge`);
      ip(`-n switches link set ${name} up`);
    }
    this.#cable([], 'office', 'o0', '10.2.0.1');
  }

  /** From the host that IN names to a switch. */
  #cable(inside, to, port, address) {
    ip(`link add ${port} type veth peer name ${to} netns ${inside[1] ?? process.pid}`);
    ip(`link set ${port} netns switches`);
    ip(`-n switches link set ${port} master ${to} up`);
    ip(...inside, `addr add ${address}/16 dev ${to}`);
    ip(...inside, `link set ${to} up`);
  }

  /** One that has nothing yet. */
  host({ office = false } = {}) {
    const n = this.hosts.length + 1;
    const name = `h${n}`;
    const inside = ['-n', name];
    ip(`netns add ${name}`);
    ip(...inside, 'link set lo up');
    const host = new Host(name, n);
    this.#cable(inside, 'store', host.port, host.ip);
    if (office) this.#cable(inside, 'office', `o${n}`, host.office);
    this.hosts.push(host);
    return host;
  }
}

class Host {
  constructor(name, n) {
    this.name = name;
    this.port = `s${n}`;
    this.ip = `10.1.0.${n + 1}`;
    this.office = `10.2.0.${n + 1}`;
    this.enter = ['nsenter', `--net=/run/netns/${name}`];
  }

  /** From the store's switch. Connections stay, and nobody is told. */
  unplug() {
    ip(`-n switches link set ${this.port} down`);
  }

  plug() {
    ip(`-n switches link set ${this.port} up`);
  }

  /** What it sends to the others gets lost from now on. */
  mute(others) {
    for (const other of others)
      ip(`-n ${this.name} neigh replace ${other.ip} lladdr ${NOBODY} dev store nud permanent`);
  }

  speak(others) {
    for (const other of others) ip(`-n ${this.name} neigh del ${other.ip} dev store`);
  }
}

/** Between those and these nothing gets through, or again. */
export function part(those, these) {
  for (const one of those) one.mute(these);
  for (const one of these) one.mute(those);
}

export function join(those, these) {
  for (const one of those) one.speak(these);
  for (const one of these) one.speak(those);
}
