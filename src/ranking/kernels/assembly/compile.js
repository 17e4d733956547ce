/**
 * Compiles the AssemblyScript of this folder and keeps the bytes where both sources and dist find them:
 *
 *     node src/ranking/kernels/assembly/compile.js
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = new URL('.', import.meta.url);

const OPTIONS = [
  ...['--outFile', 'kernel.wasm', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--enable', 'simd', '--disable', 'mutable-globals', '--initialMemory', '1'],
];
/** Of a module that works in the memory of others; without, it has its own, which one thread grows and fills. */
const SHARED = ['--enable', 'threads', '--importMemory', '--sharedMemory', '--maximumMemory', '65536'];

const MODULES = [
  {
    sources: ['rows.ts', 'sweep.ts'],
    options: SHARED,
    target: 'compiled-kernels.ts',
    constant: 'COMPILED_KERNELS',
    what: 'the numeric kernels',
  },
  {
    sources: ['nearest.ts'],
    options: [],
    target: 'compiled-nearest.ts',
    constant: 'COMPILED_NEAREST',
    what: 'retrieval',
  },
  {
    sources: ['space.ts'],
    options: [],
    target: 'compiled-space.ts',
    constant: 'COMPILED_SPACE',
    what: 'one vector space',
  },
  {
    sources: ['pairs.ts'],
    options: [],
    target: 'compiled-pairs.ts',
    constant: 'COMPILED_PAIRS',
    what: 'pair features',
  },
];

/** The generated files and their text. The same sources and compiler give the same text. */
export function compileAll() {
  return Promise.all(
    MODULES.map(async (module) => ({
      file: new URL(`../${module.target}`, folder),
      text: asSource(module, await compile(module)),
    })),
  );
}

async function compile({ sources, options }) {
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main([...sources, ...OPTIONS, ...options], {
    readFile: (name) => {
      try {
        return readFileSync(new URL(name, folder), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return bytes;
}

function asSource({ sources, constant, what }, bytes) {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    `// Made by \`node src/ranking/kernels/assembly/compile.js\` from ${sources.join(' and ')} in its folder; not to be edited.`,
    '',
    `/** The WebAssembly module of ${what}, in base64. */`,
    `export const ${constant} = [`,
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { file, text } of await compileAll()) writeFileSync(file, text);
