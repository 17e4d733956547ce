/**
 * Compiles the kernels of this folder from AssemblyScript and keeps their bytes where both sources and dist find them:
 *
 *     node src/ranking/kernels/assembly/compile.js
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = new URL('.', import.meta.url);

const OPTIONS = [
  ...['rows.ts', 'sweep.ts', '--outFile', 'kernels.wasm', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--enable', 'simd', '--enable', 'threads', '--disable', 'mutable-globals'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
];

/** The bytes of the WebAssembly module. The same sources and compiler give the same bytes. */
export async function compile() {
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(OPTIONS, {
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

/** Text of the generated file. */
export function asSource(bytes) {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '// Made by `node src/ranking/kernels/assembly/compile.js` from the AssemblyScript beside it; not to be edited.',
    '',
    '/** The WebAssembly module of the numeric kernels, in base64. */',
    'export const COMPILED_KERNELS = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../compiled-kernels.ts', folder), asSource(await compile()));
