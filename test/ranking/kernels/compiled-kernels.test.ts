import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The compiler is loaded from the script itself, which TypeScript does not know.
const script = new URL('../../../src/ranking/kernels/assembly/compile.js', import.meta.url);

test('the kept bytes of every module are those that its sources compile to', async () => {
  const { compileAll } = await import(script.href);
  const made: { file: URL; text: string }[] = await compileAll();
  expect(made.map(({ file }) => file.pathname.split('/').at(-1))).toEqual([
    'compiled-kernels.ts',
    'compiled-nearest.ts',
    'compiled-space.ts',
    'compiled-pairs.ts',
  ]);
  for (const { file, text } of made) expect(text).toBe(readFileSync(file, 'utf8'));
});
