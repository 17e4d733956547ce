import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coldStartTable } from '../../src/cli/cold-start-table.ts';
import { type ColdStartReport, evaluateColdStart } from '../../src/cli/evaluate-cold-start.ts';
import { modelsToMeasure } from '../../src/cli/evaluate-sources.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-cold-'));
const read = await readDeclarations(fileURLToPath(new URL('../../experiments', import.meta.url)));
if (!read.ok) throw new Error('the shipped declarations are not valid');
const experiments = read.declarations.experiments.filter(({ key }) => key === 'browse-ladder');
let prepared: Prepared;
let report: ColdStartReport;
beforeAll(async () => {
  prepared = await prepare({ dataFolder: undefined, cacheFolder, viewers: 300, titles: 400, seed: 3 });
  report = await evaluateColdStart(
    prepared,
    await modelsToMeasure(prepared, [], undefined),
    { experiments, surfaces: [] },
    { sample: 300, resamples: 200, seed: 1 },
  );
}, 60_000);
afterAll(() => rmSync(cacheFolder, { recursive: true }));

const row = (name: string) => report.rows.find((one) => one.name === name)!;
const ndcg = (name: string): (number | null)[] => row(name).figures.map(({ ndcg20 }) => ndcg20.value);

describe('new users', () => {
  test('are the same in every column', () => {
    expect(report.watches).toEqual([0, 1, 3, 10, null]);
    expect(report.users).toBeGreaterThan(80);
    for (const { figures } of report.rows) expect(figures).toHaveLength(5);
  });

  test('a source that knows nothing of a user finds nothing, popularity the same for everyone', () => {
    expect(ndcg('ials')[0]).toBe(0);
    expect(ndcg('content')[0]).toBe(0);
    // What was watched is taken off in every column, known or hidden, so popularity gains nothing by history.
    expect(new Set(ndcg('popularity')).size).toBe(1);
    expect(ndcg('popularity')[0]).toBeGreaterThan(0);
  });

  test('a blend leads with what is popular where a source is silent, which speaks up with watches', () => {
    const [none] = ndcg('browse-ladder/hybrid');
    expect(none).toBeGreaterThan(0.5 * ndcg('popularity')[0]!);
    expect(ndcg('ials').at(-1)).toBeGreaterThan(ndcg('ials')[1]!);
  });

  test('differences to popularity have intervals and are those of the figures', () => {
    for (const { figures, lessPopularity } of report.rows)
      figures.forEach(({ ndcg20 }, column) => {
        const { value } = lessPopularity[column]!;
        expect(value).toBeCloseTo(ndcg20.value! - ndcg('popularity')[column]!, 12);
      });
  });
});

test('new titles are asked of the sources that need no watches, beside chance', () => {
  const { titles, users, chance, rows } = report.newTitles;
  expect(titles).toBe(40);
  expect(chance).toBe(0.5);
  expect(users).toBeGreaterThan(50);
  expect(rows.map(({ name }) => name)).toEqual(['content', 'new']);
  // Better than by chance on real ratings: evaluate-ratings.test.ts. This world's wishes hang on more than its texts tell.
  for (const { recall20 } of rows) expect(recall20.value).toBeGreaterThan(0);
});

test('users of a country that nobody knows are served by everything that knows more than countries', () => {
  const of = (name: string) => report.newCountry.find((one) => one.name === name)!;
  expect(of('ials').difference.value).toBe(0);
  const { ndcg20, difference } = of('browse-ladder/reranked');
  expect(ndcg20.value! + difference.value!).toBeGreaterThan(0.5 * ndcg20.value!);
});

test('the table says who is judged, by how many watches, and what chance would find', () => {
  const text = coldStartTable(report);
  expect(text).toMatch(/first 0 +first 1 +first 3 +first 10 +all/);
  expect(text).toContain(`The same ${report.users} users of 10 and more watches in every column`);
  expect(text).toContain('Recall@20 among 40 titles without any watch');
  expect(text).toContain('(by chance 0.5000)');
  expect(text).toContain('New country');
});
