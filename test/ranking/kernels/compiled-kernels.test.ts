import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The compiler is loaded from the script itself, which TypeScript does not know.
const script = new URL('../../../src/ranking/kernels/assembly/compile.js', import.meta.url);
const kept = new URL('../../../src/ranking/kernels/compiled-kernels.ts', import.meta.url);

test('the kept bytes are those that the sources compile to', async () => {
  const { compile, asSource } = await import(script.href);
  expect(asSource(await compile())).toBe(readFileSync(kept, 'utf8'));
});
