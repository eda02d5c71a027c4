// Prints line coverage by floor, from gcovr's summary on standard input; exits 1 where one of the
// floors named has less than the bound. node coverage.mjs PERCENT FLOOR…
import { readFileSync } from 'node:fs';

const [bound, ...held] = process.argv.slice(2);
const floors = new Map(['base', 'core', 'wire', 'io', 'app', 'cli'].map((name) => [name, []]));
for (const file of JSON.parse(readFileSync(0, 'utf8')).files)
  floors.get(file.filename.split('/')[1])?.push(file);

const sum = (files, key) => files.reduce((n, file) => n + file[key], 0);
const percent = (covered, total) => (total ? Math.floor((covered / total) * 1000) / 10 : 0);
let short = false;

for (const [name, files] of floors) {
  const covered = sum(files, 'line_covered');
  const total = sum(files, 'line_total');
  const share = percent(covered, total);
  const isShort = held.includes(name) && share < Number(bound);
  const note = isShort ? `  less than ${bound} %` : '';
  console.log(`${name.padEnd(5)} ${share.toFixed(1).padStart(5)} %  ${covered} of ${total}${note}`);
  if (!isShort) continue;
  short = true;
  for (const file of files.filter((f) => f.line_percent < Number(bound)))
    console.log(`        ${file.filename} ${file.line_percent} %`);
}
process.exitCode = short ? 1 : 0;
