// What a first visit downloads: the entry, what it imports statically, and the first page's chunks, compressed as the edge
// serves them. Fails above the budget.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const BUDGET = 250_000;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

/** The files of an entry with everything it imports at once. */
function closure(keys, seen = new Set()) {
  for (const key of keys) {
    if (!manifest[key] || seen.has(key)) continue;
    seen.add(key);
    closure(manifest[key].imports ?? [], seen);
  }
  return seen;
}

const sized = (keys) => {
  const files = [...new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith('.js')))];
  const bytes = files.map((file) => readFileSync(`dist/${file}`));
  const sum = (compress) => bytes.reduce((total, body) => total + compress(body).length, 0);
  return { files: files.length, gzip: sum((body) => gzipSync(body, { level: 9 })), brotli: sum(brotliCompressSync) };
};

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const routes = Object.keys(manifest).filter(
  (key) => key.startsWith('src/routes/') && key.includes('?tsr-split=component'),
);
const always = ['src/i18n/en/index.ts'];
const shell = routes.filter((key) => key.startsWith('src/routes/_app.tsx'));
let worst = 0;
for (const route of routes) {
  const own = route.startsWith('src/routes/_app/') ? shell : [];
  const { files, gzip, brotli } = sized(closure([entry, ...always, ...own, route]));
  worst = Math.max(worst, gzip);
  const name = route.slice('src/routes'.length).replace(/\.tsx\?.*/, '');
  console.log(
    `${name.padEnd(32)} ${String(files).padStart(3)} files  ${(gzip / 1000).toFixed(1).padStart(6)} kB gzip  ${(brotli / 1000).toFixed(1).padStart(6)} kB brotli`,
  );
}
console.log(`largest first visit: ${(worst / 1000).toFixed(1)} kB of JavaScript gzipped, budget ${BUDGET / 1000} kB`);
process.exit(worst > BUDGET ? 1 : 0);
