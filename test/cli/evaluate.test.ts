import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EvaluationReport, evaluateAll } from '../../src/cli/evaluate-all.ts';
import { modelsToMeasure } from '../../src/cli/evaluate-sources.ts';
import { MEASURES } from '../../src/cli/evaluation-intervals.ts';
import { evaluationTable } from '../../src/cli/evaluation-table.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-evaluate-'));
const read = await readDeclarations(fileURLToPath(new URL('../../experiments', import.meta.url)));
if (!read.ok) throw new Error('the shipped declarations are not valid');
const { declarations } = read;
const settings = { sample: 100, resamples: 200, seed: 1 };
let prepared: Prepared;
let report: EvaluationReport;
beforeAll(async () => {
  prepared = await prepare({ dataFolder: undefined, cacheFolder, viewers: 300, titles: 400, seed: 3 });
  report = await evaluateAll(
    prepared,
    await modelsToMeasure(prepared, [], undefined),
    declarations,
    settings,
  );
});
afterAll(() => rmSync(cacheFolder, { recursive: true }));

const row = (name: string) => report.rows.find((one) => one.name === name)!;

describe('what is measured', () => {
  test('every source and every declared pipeline, twice the same', async () => {
    expect(report.rows.filter(({ kind }) => kind === 'source').map(({ name }) => name)).toEqual([
      'popularity',
      'content',
      'itemKnn',
      'ials',
      'ease',
    ]);
    expect(report.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['homepage (default)', 'homepage-hybrid/popular', 'browse-ladder/mf-only']),
    );
    const measured = await modelsToMeasure(prepared, [], undefined);
    expect(await evaluateAll(prepared, measured, declarations, settings)).toEqual(report);
  });

  test('every pipeline after each of its stages, cut there and filled greedily', () => {
    const names = report.rows
      .filter(({ name }) => name.startsWith('browse-ladder/diverse'))
      .map(({ name }) => name);
    expect(names).toEqual([
      'browse-ladder/diverse: candidates',
      'browse-ladder/diverse: blend',
      'browse-ladder/diverse: score',
      'browse-ladder/diverse: boost',
      'browse-ladder/diverse',
    ]);
    // What nothing changes any more is the pipeline itself.
    expect(row('browse-ladder/reranked').measures).toEqual(row('browse-ladder/reranked: score').measures);
    expect(row('browse-ladder/reranked').sameAs).toMatch(/: score$/);
    expect(row('browse-ladder/diverse: score').sameAs).toBe(row('browse-ladder/reranked').sameAs);
    // Stages that two pipelines have in common give the same figures.
    expect(row('browse-ladder/hybrid: blend').measures).toEqual(row('browse-ladder/diverse: blend').measures);
    expect(row('browse-ladder/diverse: candidates').measures.ndcg20.value).not.toBe(
      row('browse-ladder/diverse: blend').measures.ndcg20.value,
    );
  });

  test('what a step adds is the difference of its figures to those of the step before', () => {
    const after = row('browse-ladder/diverse');
    const before = row('browse-ladder/diverse: boost');
    expect(after.change!.against).toBe(before.name);
    for (const name of ['ndcg20', 'recall20', 'genresPerSlate', 'intraListDiversity'] as const) {
      const { value, interval } = after.change![name];
      expect(value).toBeCloseTo(after.measures[name].value! - before.measures[name].value!, 12);
      expect(interval![0]).toBeLessThanOrEqual(value!);
      expect(interval![1]).toBeGreaterThanOrEqual(value!);
    }
    expect(row('browse-ladder/diverse: candidates').change).toBeNull();
    expect(row('ials').change).toBeNull();
  });

  test('a pipeline whose models are not trained is left out and named', async () => {
    const stages = [
      { stage: 'candidates', parameters: { sources: [{ ease: 50 }] } },
      { stage: 'fill', parameters: {} },
    ];
    const none = { experiments: [], surfaces: [] };
    const plain = { models: prepared.models, sources: ['popularity', 'ials'], leftOut: [] } as const;
    const ladder = [{ name: 'linear', pipeline: stages }];
    const without = await evaluateAll(prepared, plain, none, { ...settings, ladder });
    expect(without.rows.map(({ name }) => name)).toEqual(['popularity', 'ials']);
    expect(without.leftOut).toEqual([{ name: 'linear', reason: 'needs ease, which is not trained here' }]);
    const measured = await modelsToMeasure(prepared, [], ['ease']);
    const found = await evaluateAll(prepared, measured, none, { ...settings, ladder });
    expect(found.rows.at(-1)!.measures.ndcg20.value).toBeCloseTo(found.rows[0]!.measures.ndcg20.value!, 12);
  });

  test('every figure has an interval around it', () => {
    expect(report.users).toBe(100);
    for (const { measures } of report.rows)
      for (const name of MEASURES) {
        const { value, interval } = measures[name];
        expect(value).toBeGreaterThan(0);
        expect(interval![0]).toBeLessThanOrEqual(value!);
        expect(interval![1]).toBeGreaterThanOrEqual(value!);
      }
  });

  test('a pipeline of one source has the figures of the source, and no difference to it', () => {
    const alone = row('browse-ladder/mf-only');
    for (const name of ['recall20', 'ndcg20', 'mrr'] as const)
      expect(alone.measures[name].value).toBeCloseTo(row('ials').measures[name].value!, 12);
    expect(alone.ndcg20Difference!.value).toBeCloseTo(0, 12);
    expect(row('ials').ndcg20Difference).toBeNull();
  });

  test('users by the length of their history add up to all of them, and their means to the mean', () => {
    const { watches } = report;
    expect(watches.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [1, 2],
      [3, 9],
      [10, 29],
      [30, null],
    ]);
    expect(watches.reduce((sum, { users }) => sum + users, 0)).toBe(report.users);
    for (const { measures, ndcg20ByWatches } of report.rows) {
      const sum = ndcg20ByWatches.reduce(
        (all, { value }, group) => all + (value ?? 0) * watches[group]!.users,
        0,
      );
      expect(sum / report.users).toBeCloseTo(measures.ndcg20.value!, 12);
    }
  });

  test('personal rankers spread over more titles than popularity, further from the head', () => {
    const [popular, personal] = [row('popularity').measures, row('ials').measures];
    expect(personal.coverage.value).toBeGreaterThan(popular.coverage.value!);
    expect(personal.gini.value).toBeLessThan(popular.gini.value!);
    expect(personal.popularityRank.value).toBeGreaterThan(popular.popularityRank.value!);
  });
});

describe('the text', () => {
  test('says protocol, denominator of recall, users and resamples', () => {
    const text = evaluationTable(report);
    expect(text).toContain('Protocol next-choices: the next 5 titles');
    expect(text).toContain(
      "Recall@k: a user's held-out relevant titles found in the first k / all held-out relevant titles of the user; mean over 100 users.",
    );
    expect(text).toContain('200 resamples of users');
    expect(text).toContain('NDCG@20 less that of ials');
    expect(text).toContain('NDCG@20 by watches');
  });

  test('a source that is left out is named with the reason', () => {
    const leftOut = [{ name: 'ease', reason: 'is too large' }];
    expect(evaluationTable({ ...report, leftOut })).toContain('Left out: ease is too large.');
  });
});

test('only the sources that are asked for are measured', async () => {
  const few = await evaluateAll(
    prepared,
    await modelsToMeasure(prepared, [], ['itemKnn']),
    { ...declarations, experiments: [], surfaces: [] },
    settings,
  );
  expect(few.rows.map(({ name }) => name)).toEqual(['itemKnn']);
});

test('EASE is left out where it would take long and is neither named nor declared', async () => {
  // One watch of each of 10,001 titles by as many users.
  const rows = Array.from({ length: 10_001 }, (_, row) => row);
  const wide: Prepared = {
    ...prepared,
    folder: join(cacheFolder, 'wide'),
    catalogue: { ...prepared.catalogue, size: rows.length },
    models: { ...prepared.models, catalogue: { ...prepared.catalogue, size: rows.length } },
    known: {
      count: rows.length,
      users: Int32Array.from(rows),
      titles: Int32Array.from(rows),
      weights: new Float32Array(rows.length).fill(1),
      at: Float64Array.from(rows),
      userCount: rows.length,
    },
  };
  const { sources, leftOut, models } = await modelsToMeasure(wide, [], undefined);
  expect(sources).toEqual(['popularity', 'content', 'itemKnn', 'ials']);
  expect(leftOut).toEqual([{ name: 'ease', reason: expect.stringContaining('10,001 rows') }]);
  expect(models.ease).toBeUndefined();
});
