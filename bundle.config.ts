import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Packages that a short command reads on every start; a native library and what a server needs stay files of their own. */
const INLINED = [
  '@duckdb/node-api',
  'ajv',
  'commander',
  'csv-parse',
  'csv-stringify',
  'fast-deep-equal',
  'fast-uri',
  'json-schema-traverse',
  'jstat',
  'typebox',
  'yaml',
];
/** Native, and found from wherever `@duckdb/node-api` is. */
const NATIVE = /^@duckdb\/node-bindings/;

/** Files that are started by their address and not imported: threads. */
function startedByAddress(): Record<string, string> {
  const sources = readdirSync(here('src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(here('src'), path));
  return Object.fromEntries(
    sources.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/new URL\('\.\/([\w-]+)\.js', import\.meta\.url\)/g)].map(
        ([, name = '']) => [name, join(dirname(path), `${name}.ts`)],
      ),
    ),
  );
}

/**
 * What `screentest` runs: one file for each command and what they share, instead of the hundreds of files that a start would find,
 * read and compile one by one. As deep in the folder as the sources, whose relative addresses it keeps.
 */
export default defineConfig({
  root: here('.'),
  publicDir: false,
  ssr: { noExternal: INLINED, external: ['@duckdb/node-bindings'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: here('dist/bin'),
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: { main: here('src/cli/main.ts'), ...startedByAddress() },
      external: [NATIVE],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
