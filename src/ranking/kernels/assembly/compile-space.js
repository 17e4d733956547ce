/**
 * Compiles `space.ts` into a module with a memory of its own, which one thread grows and fills:
 *
 *     node src/ranking/kernels/assembly/compile-space.js
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = new URL('.', import.meta.url);

const OPTIONS = [
  ...['space.ts', '--outFile', 'space.wasm', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--enable', 'simd', '--disable', 'mutable-globals', '--initialMemory', '1'],
];

/** Text of the generated file. The same source and compiler give the same text. */
export async function compileSpace() {
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
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '// Made by `node src/ranking/kernels/assembly/compile-space.js` from space.ts beside it; not to be edited.',
    '',
    '/** The WebAssembly module of one vector space, in base64. */',
    'export const COMPILED_SPACE = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../compiled-space.ts', folder), await compileSpace());
