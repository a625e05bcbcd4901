// node build.mjs [OUTPUT]: builds the page with Vite into OUTPUT/dist and packs it for the program:
// OUTPUT/assets.bin (every file, plain and gzipped, one after the other) and OUTPUT/assets.inc (the C++
// table of where each one lies). Fails where the first load is larger than it may be. OUTPUT is
// build/webui of the project where none is given.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const MOST_FIRST_LOAD_BYTES = 80_000;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
};

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const output = path.resolve(process.argv[2] ?? path.join(root, '..', 'build', 'webui'));
const dist = path.join(output, 'dist');
process.chdir(root); // Tools that read their configuration look beside the sources.
await build({ root, logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } });

function filesUnder(folder, prefix = '/') {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesUnder(path.join(folder, entry.name), `${prefix}${entry.name}/`)
        : [`${prefix}${entry.name}`],
    );
}

const pieces = [];
const rows = [];
let size = 0;
function add(bytes) {
  pieces.push(bytes);
  size += bytes.length;
  return `${size - bytes.length}, ${bytes.length}`;
}

const compressed = new Map();
for (const name of filesUnder(dist)) {
  const plain = readFileSync(path.join(dist, name));
  const type = TYPES[path.extname(name)];
  if (!type) throw new Error(`build.mjs: no content type is known for ${name}: add it to TYPES`);
  const packed = gzipSync(plain, { level: 9 });
  compressed.set(name, packed.length);
  const etag = createHash('sha256').update(plain).digest('hex').slice(0, 20);
  // Vite puts the content's hash into the names under assets/.
  const forEver = name.startsWith('/assets/');
  rows.push(`{"${name}", "${type}", "${etag}", ${forEver}, ${add(plain)}, ${add(packed)}},`);
}

const page = readFileSync(path.join(dist, 'index.html'), 'utf8');
const first = ['/index.html', ...[...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1])];
// One language is loaded besides; the largest counts. Views that few open come when they are asked for.
const tags = readdirSync(path.join(root, 'src', 'i18n')).filter((name) => name.endsWith('.json'));
const isLanguage = (name) => tags.some((tag) => name.startsWith(`/assets/${path.basename(tag, '.json')}-`));
const languages = [...compressed].filter(([name]) => isLanguage(name));
if (languages.length !== tags.length) {
  throw new Error(`build.mjs: expected ${tags.length} languages, found ${languages}`);
}
const language = Math.max(...languages.map(([, bytes]) => bytes));
const firstLoad = first.reduce((sum, name) => sum + (compressed.get(name) ?? 0), language);

mkdirSync(output, { recursive: true });
writeFileSync(path.join(output, 'assets.bin'), Buffer.concat(pieces));
writeFileSync(path.join(output, 'assets.inc'), rows.join('\n') + '\n');
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `web page: ${rows.length} files; first load ${kilobytes(firstLoad)} compressed ` +
    `(at most ${kilobytes(MOST_FIRST_LOAD_BYTES)})`,
);
if (firstLoad > MOST_FIRST_LOAD_BYTES) process.exit(1);
