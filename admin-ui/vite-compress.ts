import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const WORTH_IT = /\.(?:js|css|svg|json|html)$/;
/** Smaller files fit in a packet as they are. */
const LEAST_BYTES = 1000;

/**
 * Writes `.br` and `.gz` beside each text of the build, which the edge serves as they are. Not beside `index.html`, which has
 * another nonce in each answer.
 */
export function compressPlugin(): Plugin {
  let folder = 'dist';
  return {
    name: 'keystead-compress',
    apply: 'build',
    configResolved: (config) => void (folder = resolve(config.root, config.build.outDir, 'assets')),
    closeBundle() {
      for (const name of readdirSync(folder).filter((name) => WORTH_IT.test(name))) {
        const body = readFileSync(`${folder}/${name}`);
        if (body.length < LEAST_BYTES) continue;
        writeFileSync(`${folder}/${name}.br`, brotliCompressSync(body));
        writeFileSync(`${folder}/${name}.gz`, gzipSync(body, { level: 9 }));
      }
    },
  };
}
