// The checker checked: builds the daemon with one bug after the other and runs the fault that must
// reveal it. Each run must fail; with no bug in it, each must pass:
//   node planted.mjs SOURCE BUILD [NAME …]
// BUILD/planted takes the builds; TALLYD names the daemon that has no bug.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const [source, build, ...only] = process.argv.slice(2);
const SEED = '4711';
const KILLS = ['kills.mjs', '--cycles', '20', '--seed', SEED];
const scene = (name) => ['faults.mjs', name, SEED];

const PLANTS = {
  no_replay: KILLS,
  ids_not_remembered: KILLS,
  aof_not_repaired: scene('torn'),
  answer_before_fsync: scene('power'),
  no_folder_fsync: scene('power'),
  fsync_retried: scene('bad_disk'),
  gap_accepted: scene('live'),
  segment_dropped_early: scene('unsynced'),
};

/** How the checker says that it has caught something; anything else is a test that went wrong. */
const CAUGHT = /lost \d|doubled \d|wrong \d|strange \d|was acknowledged before|is new, and|the daemon ended by itself|waiting for the daemon to (drain|be ready)/;

function run(file, args, env = {}) {
  return spawnSync(file, args, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
}

function make(name) {
  const folder = path.join(build, 'planted', name);
  const setup = ['-S', source, '-B', folder, '-G', 'Ninja', `-DTALLYD_PLANT=${name}`, '-DBUILD_TESTING=OFF'];
  for (const args of [setup, ['--build', folder]]) {
    const { status, stdout, stderr } = run('cmake', args);
    if (status !== 0) throw new Error(`building ${name}:\n${stdout}${stderr}`);
  }
  return path.join(folder, 'tallyd');
}

/** Runs it; gives whether it passed, and what it said of why not. */
function attempt([script, ...args], env) {
  const began = Date.now();
  const { status, stdout, stderr } = run(process.execPath, [path.join(HERE, script), ...args], env);
  const found = /FAILED.*?Error: (.*)/.exec(stdout + stderr);
  const words = status === 0 ? '' : (found?.[1] ?? 'no reason given').slice(0, 150);
  return { passed: status === 0, told: CAUGHT.test(words), words, seconds: Math.round((Date.now() - began) / 1000) };
}

let wrong = 0;
function line(name, args, good, { words, seconds }) {
  wrong += !good;
  const shown = args[0] === 'kills.mjs' ? 'kills' : args[1];
  console.log(`${good ? 'ok ' : 'BAD'} ${name.padEnd(22)} ${shown.padEnd(9)} ${String(seconds).padStart(4)} s  ${words}`);
}

const names = Object.keys(PLANTS).filter((name) => !only.length || only.includes(name));
for (const name of names) {
  const result = attempt(PLANTS[name], {
    TALLYD: make(name),
    TALLYCTL: path.join(build, 'planted', name, 'tallyctl'),
  });
  line(name, PLANTS[name], !result.passed && result.told, result.passed ? { ...result, words: 'NOT CAUGHT' } : result);
}
for (const args of new Set(names.map((name) => PLANTS[name]).map((list) => list.join(' ')))) {
  const result = attempt(args.split(' '));
  line('(no bug)', args.split(' '), result.passed, result);
}
process.exit(wrong ? 1 : 0);
