// Tears the tail of an append-only file as a crash could: at any place of the newest part, but
// only as far back as the journal can still make good. What the journal has let go was proven to
// be on the store's disk, and a disk that forgets that is no crash but another disk.
import fs from 'node:fs';
import path from 'node:path';

const REACH = 8 * 1024 * 1024; // how far back the last mark before the cut is looked for
const EXEC = '*1\r\n$4\r\nEXEC\r\n';

function newestPart(folder) {
  const parts = fs.readdirSync(folder).filter((name) => /\.incr\.aof$/.test(name));
  const number = (name) => Number(/\.(\d+)\.incr\.aof$/.exec(name)[1]);
  return path.join(folder, parts.sort((a, b) => number(a) - number(b)).at(-1));
}

/** Bytes of the part that is being written. */
export const sizeOf = (folder) => fs.statSync(newestPart(folder)).size;

/** Incarnation -> first number that its segments hold. */
function held(journal) {
  const first = new Map();
  for (const name of fs.readdirSync(journal).sort()) {
    if (!/^[0-9a-f]{32}-\d{8,}\.j$/.test(name)) continue;
    const fd = fs.openSync(path.join(journal, name), 'r');
    const head = Buffer.alloc(64);
    fs.readSync(fd, head, 0, 64, 0);
    fs.closeSync(fd);
    const incarnation = name.slice(0, 32);
    if (!first.has(incarnation)) first.set(incarnation, Number(head.readBigUInt64LE(32)));
  }
  return first;
}

/** Marks "applied INCARNATION NUMBER" in the bytes, with where their command begins and where the
 * transaction that they are part of ends. */
function marks(text) {
  const found = [];
  const pattern = /\$4\r\nHSET\r\n\$\d+\r\ntally:\{[^}]*\}:applied\r\n\$32\r\n([0-9a-f]{32})\r\n\$\d+\r\n(\d+)\r\n/g;
  for (let m; (m = pattern.exec(text)); ) {
    const exec = text.indexOf(EXEC, m.index);
    const end = exec < 0 ? text.length : exec + EXEC.length;
    found.push({ at: m.index, end, incarnation: m[1], number: Number(m[2]) });
  }
  return found;
}

/** Cuts at most MOST bytes off, never below FLOOR bytes; gives how many. */
export function tear(aofFolder, journalFolder, chance, most, floor = 0) {
  const file = newestPart(aofFolder);
  const { size } = fs.statSync(file);
  let cut = Math.min(chance.below(most + 1), Math.max(0, size - floor));
  const start = Math.max(0, size - cut - REACH);
  const bytes = Buffer.alloc(size - start);
  const fd = fs.openSync(file, 'r+');
  fs.readSync(fd, bytes, 0, bytes.length, start);
  const list = marks(bytes.toString('latin1'));
  const first = held(journalFolder);
  const mayLose = (mark) => {
    const before = list.filter((m) => m.incarnation === mark.incarnation && m.at < mark.at).at(-1);
    return first.has(mark.incarnation) && first.get(mark.incarnation) <= (before?.number ?? 0) + 1;
  };
  for (const mark of list) {
    if (start + mark.end > size - cut && !mayLose(mark)) cut = Math.max(0, size - start - mark.end);
  }
  if (cut > 0) fs.ftruncateSync(fd, size - cut);
  fs.closeSync(fd);
  return cut;
}
