// Makes the pages: bundles scripts and styles into files that bear a hash of what is in them,
// writes their names into the pages, and packs everything for the wire once and for all.
// node build.mjs SOURCE LIBRARIES OUT: LIBRARIES is where node_modules stands.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';

const [source, libraries, out] = process.argv.slice(2).map((name) => path.resolve(name));
const esbuild = createRequire(path.join(libraries, 'package.json'))('esbuild');

const SCRIPTS = ['js/early.js', 'js/main.js', 'js/check.js', 'js/worker.js'];
const STYLES = ['css/cockpit.css', 'css/check.css'];
// Pages for phones, whose browsers inside other apps are often years old.
const PHONE = { scripts: ['js/mobile.js', 'js/admin/admin.js'], styles: ['css/mobile.css', 'css/admin.css'],
                target: ['chrome86', 'firefox90', 'safari14.1'] };
const PAGES = ['index.html', 'm/index.html', 'admin/index.html', 'check.html'];
const PLAIN = ['favicon.svg', 'favicon.ico', 'manifest.webmanifest', 'icon-192.png', 'icon-512.png',
               'icon-maskable-512.png'];
const PACKED = /\.(html|js|css|svg|json|webmanifest)$/;
const WIRE_LIMIT = 300 * 1024; // what a cockpit may weigh, packed

const there = (name) => fs.existsSync(path.join(source, name));

/** esbuild's hashes are letters; ours are hex, as the server knows them. */
function hashed(name, bytes) {
  const { dir, name: stem, ext } = path.parse(name);
  const hash = crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return path.join(dir, `${stem}.${hash}${ext}`);
}

/** The built-in layout is the one that ships: config/screen.json without its comment lines. */
const layout = {
  name: 'layout',
  setup(build) {
    build.onResolve({ filter: /^layout:/ }, () => ({ path: 'screen', namespace: 'layout' }));
    build.onLoad({ filter: /.*/, namespace: 'layout' }, () => ({
      loader: 'json', contents: fs.readFileSync(path.join(source, '../config/screen.json'), 'utf8')
        .replace(/^\s*\/\/.*$/gm, '') }));
  },
};

async function bundle(entries, options) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: source, entryPoints: entries.filter(there), bundle: true, minify: true,
    write: false, legalComments: 'none', target: ['chrome100', 'firefox100', 'safari15'],
    nodePaths: [path.join(libraries, 'node_modules')], outdir: out, logLevel: 'warning',
    charset: 'utf8', plugins: [layout], loader: { '.svg': 'dataurl' }, ...options });
  return outputFiles;
}

/** Puts files under names with hashes; a chunk before whoever names it. Gives old name → new. */
function rename(files) {
  const names = new Map();
  const left = files.map(({ path: file, text }) => ({ name: path.relative(out, file), text }));
  while (left.length) {
    const i = left.findIndex(({ name, text }) => left.every((other) => other.name === name
      || !text.includes(path.basename(other.name))));
    if (i < 0) throw new Error('chunks name each other');
    const [file] = left.splice(i, 1);
    for (const [from, to] of names) {
      file.text = file.text.replaceAll(path.basename(from), path.basename(to));
    }
    const name = path.join('assets', path.basename(hashed(file.name, file.text)));
    names.set(file.name, name);
    write(name, file.text);
  }
  return names;
}

const written = [];
function write(name, bytes) {
  const file = path.join(out, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  written.push(name);
}

fs.rmSync(out, { recursive: true, force: true });
const scripts = rename(await bundle(SCRIPTS.filter((name) => name !== 'js/worker.js'),
                                    { format: 'esm', splitting: true, entryNames: '[name]',
                                      chunkNames: 'part-[name]-[hash]' }));
const styles = rename(await bundle(STYLES, { entryNames: '[name]' }));
const cockpit = new Map([...scripts, ...styles]);
const phone = new Map([
  ...rename(await bundle(PHONE.scripts, { format: 'esm', splitting: true, target: PHONE.target,
                                          entryNames: '[name]', chunkNames: 'mobile-[name]-[hash]' })),
  ...rename(await bundle(PHONE.styles, { target: PHONE.target, entryNames: '[name]' }))]);
const assets = new Map([...cockpit, ...phone]);
const build = crypto.createHash('sha256')
  .update(JSON.stringify([...assets.values()]) + PAGES.filter(there).map((name) => fs.readFileSync(path.join(source, name))).join(''))
  .digest('hex').slice(0, 12);

for (const page of PAGES.filter(there)) {
  const text = fs.readFileSync(path.join(source, page), 'utf8')
    .replace(/@([\w.-]+)@/g, (whole, name) => {
      if (name === 'BUILD') return build;
      if (!assets.has(name)) throw new Error(`${page} names ${whole}, which isn't made`);
      return `/${assets.get(name)}`;
    });
  write(page, text);
}
for (const name of PLAIN.filter(there)) write(name, fs.readFileSync(path.join(source, name)));
// A worker for each place, since a phone needn't fetch what only the cockpit shows.
const SHELLS = { 'sw.js': ['/', cockpit], 'm/sw.js': ['/m/', phone] };
for (const [name, [page, files]] of Object.entries(there('js/worker.js') ? SHELLS : {})) {
  const shell = [page, ...[...files.values()].filter((file) => !/admin/.test(file)).map((file) => `/${file}`),
                 '/favicon.svg'];
  const [worker] = await bundle(['js/worker.js'], { format: 'iife', define: {
    BUILD: JSON.stringify(build), SHELL: JSON.stringify(shell) } });
  write(name, worker.text);
}
write('build.txt', `${build}\n`);
for (const name of ['LICENSE', 'NOTICE']) {
  write(`assets/echarts.${name.toLowerCase()}.txt`,
        fs.readFileSync(path.join(libraries, 'node_modules/echarts', name)));
}

let weight = 0;
for (const name of written.filter((file) => PACKED.test(file))) {
  const bytes = fs.readFileSync(path.join(out, name));
  const gzip = zlib.gzipSync(bytes, { level: 9 });
  const brotli = zlib.brotliCompressSync(bytes);
  if (gzip.length < bytes.length) fs.writeFileSync(path.join(out, `${name}.gz`), gzip);
  if (brotli.length < bytes.length) fs.writeFileSync(path.join(out, `${name}.br`), brotli);
  if (!/mobile|admin|check|^m\//.test(name)) weight += gzip.length;
}
console.log(`pages: build ${build}, ${Math.ceil(weight / 1024)} KiB packed`);
if (weight > WIRE_LIMIT) throw new Error(`the cockpit weighs ${weight} bytes, over ${WIRE_LIMIT}`);
