import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EvaluationReport, evaluateAll } from '../../src/cli/evaluate-all.ts';
import { evaluateColdStart } from '../../src/cli/evaluate-cold-start.ts';
import { modelsToMeasure } from '../../src/cli/evaluate-sources.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';

const here = dirname(fileURLToPath(import.meta.url));
const shared = process.env.SCREENTEST_SHARED ?? join(here, '../../../shared');
const ratings = join(shared, 'data/ml-latest-small');
if (!existsSync(ratings)) console.warn(`skipped: real MovieLens ratings are not at ${ratings}`);

const COMPARED = ['mf-only', 'hybrid', 'reranked'];

describe.skipIf(!existsSync(ratings))('what is trained on the real ml-latest-small', () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-ratings-'));
  let prepared: Prepared;
  let report: EvaluationReport;
  beforeAll(async () => {
    const read = await readDeclarations(join(here, '../../experiments'));
    if (!read.ok) throw new Error('the shipped declarations are not valid');
    prepared = await prepare({ dataFolder: ratings, cacheFolder, viewers: 610, seed: 1 });
    const ladder = read.declarations.experiments
      .filter(({ key }) => key === 'browse-ladder')
      .map((one) => ({ ...one, variants: one.variants.filter(({ key }) => COMPARED.includes(key)) }));
    report = await evaluateAll(
      prepared,
      await modelsToMeasure(prepared, [], undefined),
      { ...read.declarations, surfaces: [], experiments: ladder },
      { sample: 1000, resamples: 200, seed: 1, protocol: 'leave-last' },
    );
  }, 300_000);
  afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

  test('the re-ranker beats logistic regression on the same features on later labels, in AUC beyond its interval', () => {
    const { twoTower, logistic, difference } = prepared.report;
    expect(difference.auc.value).toBeCloseTo(twoTower.auc - logistic.auc, 12);
    expect(difference.auc.interval[0]).toBeGreaterThan(0);
    expect(difference.logLoss.value).toBeLessThan(0);
  });

  test('its probabilities are about what they say', () => {
    const { bins, expectedError, slope } = prepared.report.calibration;
    expect(bins).toHaveLength(10);
    expect(expectedError).toBeLessThan(0.03);
    expect(slope).toBeGreaterThan(0.6);
    expect(slope).toBeLessThan(1.4);
  });

  test.each([
    ['hybrid', 'mf-only'],
    ['reranked', 'hybrid'],
  ])('%s finds more of what users came to like than %s', (better, worse) => {
    const of = (variant: string) =>
      report.rows.find(({ name }) => name === `browse-ladder/${variant}`)!.measures;
    expect(of(better).recall20.value).toBeGreaterThan(of(worse).recall20.value!);
    expect(of(better).ndcg20.value).toBeGreaterThan(of(worse).ndcg20.value!);
  });

  test('every personal source finds more than popularity', () => {
    const of = (source: string) => report.rows.find(({ name }) => name === source)!.measures.ndcg20;
    for (const source of ['itemKnn', 'ials', 'ease'])
      expect(of(source).interval![0]).toBeGreaterThan(of('popularity').value!);
  });

  test('new titles are found by content better than by chance', async () => {
    const { newTitles } = await evaluateColdStart(
      prepared,
      await modelsToMeasure(prepared, [], undefined),
      { experiments: [], surfaces: [] },
      { sample: 200, resamples: 200, seed: 1 },
    );
    expect(newTitles.chance).toBeCloseTo(20 / newTitles.titles, 12);
    const byContent = newTitles.rows.find(({ name }) => name === 'content')!;
    expect(byContent.recall20.interval![0]).toBeGreaterThan(newTitles.chance);
  }, 300_000);
});
