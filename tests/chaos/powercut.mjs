// Cuts the power: kills whatever runs and leaves of the watched folders what powercut.c knows to
// have been on the disk.
import fs from 'node:fs';
import path from 'node:path';
import { Broken, TALLYD } from './process.mjs';

const LIBRARY = path.resolve(
  process.env.TALLYD_POWERCUT_LIBRARY ?? path.join(path.dirname(TALLYD), 'tests', 'chaos', 'libpowercut.so'),
);

/** The environment under which a process's FOLDERS are watched. FAULT: "sync,EIO,7". */
export function watching(shadows, folders, fault) {
  if (!fs.existsSync(LIBRARY)) throw new Broken(`${LIBRARY} is missing`);
  const pairs = folders.map((folder, i) => `${folder}=${shadows}-${i}`);
  return {
    LD_PRELOAD: LIBRARY,
    TALLYD_POWERCUT: pairs.join(':'),
    ...(fault ? { TALLYD_DISK_FAULT: fault } : {}),
  };
}

function layUnder(folder, shadow) {
  const file = path.join(shadow, 'names');
  const names = new Map();
  if (fs.existsSync(file)) {
    for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const space = line.indexOf(' ');
      names.set(line.slice(space + 1), line.slice(0, space));
    }
  }
  for (const entry of fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [])
    if (entry.isFile()) fs.unlinkSync(path.join(folder, entry.name));
  for (const [name, inode] of names) {
    const bytes = path.join(shadow, `I${inode}`);
    if (fs.existsSync(bytes)) fs.copyFileSync(bytes, path.join(folder, name));
    else fs.writeFileSync(path.join(folder, name), '');
  }
  fs.rmSync(shadow, { recursive: true, force: true });
}

/** All processes that write there must have been killed. */
export function cutPower(shadows, folders) {
  folders.forEach((folder, i) => layUnder(folder, `${shadows}-${i}`));
}
