import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluatePipelines } from '../../src/cli/evaluate.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';
import type { Evaluation } from '../../src/ranking/evaluate.ts';

const here = dirname(fileURLToPath(import.meta.url));
const shared = process.env.SCREENTEST_SHARED ?? join(here, '../../../shared');
const ratings = join(shared, 'data/ml-latest-small');
if (!existsSync(ratings)) console.warn(`skipped: real MovieLens ratings are not at ${ratings}`);

describe.skipIf(!existsSync(ratings))('what is trained on the real ml-latest-small', () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-ratings-'));
  let prepared: Prepared;
  let rows: (Evaluation & { readonly name: string })[];
  beforeAll(async () => {
    const read = await readDeclarations(join(here, '../../experiments'));
    if (!read.ok) throw new Error('the shipped declarations are not valid');
    prepared = await prepare({ dataFolder: ratings, cacheFolder, viewers: 610, seed: 1 });
    const { experiments } = read.declarations;
    const ladder = experiments.filter(({ key }) => key === 'browse-ladder');
    rows = await evaluatePipelines(
      prepared,
      { ...read.declarations, surfaces: [], experiments: ladder },
      1000,
    );
  }, 120_000);
  afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

  test('the re-ranker beats logistic regression on the same features on later labels', () => {
    const { twoTower, logistic } = prepared.report;
    expect(twoTower.auc).toBeGreaterThan(logistic.auc + 0.002);
    expect(twoTower.logLoss).toBeLessThan(logistic.logLoss);
  });

  test('the re-ranker is worse without either of its towers', () => {
    const { twoTower, aucWithoutItemTower, aucWithoutUserTower } = prepared.report;
    expect(aucWithoutUserTower).toBeLessThan(twoTower.auc - 0.005);
    expect(aucWithoutItemTower).toBeLessThan(twoTower.auc - 0.005);
  });

  test.each([
    ['hybrid', 'mf-only'],
    ['reranked', 'hybrid'],
  ])('%s finds more of what users came to like than %s', (better, worse) => {
    const of = (variant: string) => rows.find(({ name }) => name === `browse-ladder/${variant}`)!;
    expect(of(better).recall).toBeGreaterThan(of(worse).recall);
    expect(of(better).ndcg).toBeGreaterThan(of(worse).ndcg);
  });
});
