import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evaluatePipelines } from '../../src/cli/evaluate.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { prepare } from '../../src/prepare.ts';

test('every declared pipeline is measured, and equal pipelines get equal figures', async () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-evaluate-'));
  try {
    const read = await readDeclarations(fileURLToPath(new URL('../../experiments', import.meta.url)));
    if (!read.ok) throw new Error('the shipped declarations are not valid');
    const prepared = await prepare({
      dataFolder: undefined,
      cacheFolder,
      viewers: 300,
      titles: 400,
      seed: 3,
    });
    const rows = await evaluatePipelines(prepared, read.declarations, 100);
    const again = await evaluatePipelines(prepared, read.declarations, 100);
    expect(again).toEqual(rows);
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['homepage (default)', 'homepage-hybrid/popular', 'browse-ladder/mf-only']),
    );
    for (const row of rows) {
      expect(row.users).toBe(100);
      expect(row.recall).toBeGreaterThan(0);
      expect(row.recall).toBeLessThan(1);
      expect(row.genresPerSlate).toBeGreaterThan(1);
    }
    const popular = rows.find(({ name }) => name === 'homepage-hybrid/popular')!;
    const personal = rows.find(({ name }) => name === 'browse-ladder/mf-only')!;
    expect(personal.coverage).toBeGreaterThan(popular.coverage);
    expect(personal.gini).toBeLessThan(popular.gini);
  } finally {
    rmSync(cacheFolder, { recursive: true });
  }
});
