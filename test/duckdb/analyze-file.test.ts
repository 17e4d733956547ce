import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument } from '../../src/analyze-units.ts';
import { analysisDocumentSchema } from '../../src/cli/analysis-schema.ts';
import { literal, openEngine } from '../../src/duckdb/open.ts';
import { expectNear } from '../analysis/vectors.ts';
import { csvOf, documentFor, scratch } from './table.ts';

const known: {
  readonly units: readonly number[];
  readonly cap: number;
  readonly sampleRatio: { readonly statistic: number; readonly df: number; readonly p: number };
  readonly missing: { readonly rounds: number; readonly before: number; readonly p: number };
  readonly expected: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
} = JSON.parse(readFileSync(new URL('../cases/analyze.json', import.meta.url), 'utf8'));

const SPEC = `
unit: userid
arm: version
control: gate_30
weights: {gate_30: 40%, gate_40: 40%, gate_50: 20%}
metrics:
  - {key: rounds, kind: mean}
  - {key: capped, kind: mean, column: rounds, winsorise: 0.95}
  - {key: adjusted, kind: mean, column: rounds, covariates: [before]}
  - {key: back, kind: proportion, margin: 50%}
  - {key: ctr, kind: ratio, numerator: clicks, denominator: views}
  - {key: load_ms, kind: quantile, q: 0.9, lowerIsBetter: true, margin: 30%, limit: 900}
segments: [platform]
prior: {relative: {mean: 0%, standardDeviation: 10%}}
`;

let folder: Awaited<ReturnType<typeof scratch>>;
let csv: string;
let document: AnalysisDocument;
beforeAll(async () => {
  folder = await scratch();
  csv = await folder.file('units.csv', csvOf(known.columns));
  document = await documentFor(csv, SPEC);
});
afterAll(() => folder.remove());

const comparison = (from: AnalysisDocument, key: string, arm: string) =>
  from.metrics.find((metric) => metric.key === key)?.comparisons.find((entry) => entry.arm === arm);

describe('a file of units', () => {
  it.each(
    ['gate_40', 'gate_50'].flatMap((arm) =>
      ['rounds', 'capped', 'adjusted', 'back', 'ctr', 'load_ms'].map((key) => [key, arm] as const),
    ),
  )('finds the difference of %s in %s that other software finds', (key, arm) => {
    const found = comparison(document, key, arm);
    const wanted = known.expected[arm]?.[key] ?? {};
    expect(found?.absolute.ok).toBe(true);
    const actual = { ...found, ...found?.absolute } as unknown as Record<string, number>;
    for (const [name, value] of Object.entries(wanted)) {
      expectNear(actual[name] as number, value, name === 'p' ? 1e-6 : 1e-9);
    }
  });

  it('judges the sample ratio and counts units', () => {
    expect(document.state).toBe('valid');
    expect(document.data.arms.map(({ units }) => units)).toEqual(known.units);
    for (const name of ['statistic', 'df', 'p'] as const) {
      expectNear(
        document.sampleRatio[name] ?? Number.NaN,
        known.sampleRatio[name],
        name === 'p' ? 1e-6 : 1e-9,
      );
    }
  });

  it('counts what is missing and asks whether it differs between arms', () => {
    const check = (key: string) => document.data.checks.find((entry) => entry.key === key);
    expect(check('missing-values')).toMatchObject({
      column: 'rounds',
      count: known.missing.rounds,
      status: 'warn',
    });
    expectNear(check('missing-values')?.p ?? Number.NaN, known.missing.p, 1e-6);
    expect(check('missing-covariates')).toMatchObject({ column: 'before', count: known.missing.before });
    expect(document.metrics[0]?.maturity).toMatchObject({ mature: 900 - known.missing.rounds, exposed: 900 });
  });

  it('says at what value it capped, and what the covariate gained', () => {
    const metric = document.metrics.find(({ key }) => key === 'capped');
    expect(metric?.diagnostics?.cap).toEqual({ quantile: 0.95, value: known.cap });
    const adjustment = comparison(document, 'adjusted', 'gate_40')?.adjustment;
    expect(adjustment).toMatchObject({ covariates: ['before'], dropped: [] });
    expect(adjustment?.reduction).toBeGreaterThan(0.3);
  });

  it('judges guardrails by margin and limit, and adds a posterior', () => {
    const guardrail = comparison(document, 'load_ms', 'gate_40')?.guardrail;
    expect(guardrail).toMatchObject({
      margin: 0.3,
      marginKind: 'relative',
      limit: { limit: 900, holds: true },
    });
    expect(comparison(document, 'rounds', 'gate_40')?.posterior).toMatchObject({
      ok: true,
      scale: 'relative',
    });
  });

  it('reads the same from gzip, from Parquet and from tabs', async () => {
    const text = csvOf(known.columns);
    const tabs = await folder.file('units.tsv', text.replaceAll(',', '\t'));
    const zipped = await folder.file('units.csv.gz', gzipSync(text));
    const parquet = folder.path('units.parquet');
    const engine = await openEngine();
    await engine.run(
      `copy (select * from read_csv(${literal(csv)})) to ${literal(parquet)} (format parquet)`,
    );
    await engine.close();
    for (const file of [tabs, zipped, parquet]) {
      const other = await documentFor(file, SPEC);
      expect(other.data.units).toBe(900);
      for (const [i, metric] of other.metrics.entries()) {
        const [mine, theirs] = [
          document.metrics[i]?.comparisons[0]?.absolute,
          metric.comparisons[0]?.absolute,
        ];
        if (!mine?.ok || !theirs?.ok) throw new Error(`${file}: ${metric.key}`);
        expectNear(theirs.estimate, mine.estimate, 1e-12);
        expectNear(theirs.standardError, mine.standardError, 1e-12);
      }
    }
  });

  it('post-stratifies', async () => {
    const spec = SPEC.replace(
      /metrics:[\s\S]*segments.*\n/,
      'metrics: [{key: stamp, kind: mean}]\nstrata: [platform]\n',
    );
    const stratified = await documentFor(csv, spec);
    for (const arm of ['gate_40', 'gate_50']) {
      const found = comparison(stratified, 'stamp', arm);
      const wanted = known.expected[arm]?.stratified?.estimate ?? Number.NaN;
      if (!found?.absolute.ok) throw new Error('not computed');
      expectNear(found.absolute.estimate, wanted);
      expect(found?.adjustment).toMatchObject({ strata: ['platform'] });
    }
  });

  it('takes the arms of the file in equal shares where no weights are given', async () => {
    const spec = SPEC.replace(/weights.*\n/, '');
    const equal = await documentFor(csv, spec);
    expect(equal.data.arms.map(({ arm, weight }) => [arm, weight])).toEqual([
      ['gate_30', 1 / 3],
      ['gate_40', 1 / 3],
      ['gate_50', 1 / 3],
    ]);
    expect(equal.state).toBe('invalid');
  });

  it('fits its published schema', () => {
    const validate = new Ajv({ strict: false }).compile(analysisDocumentSchema);
    expect(validate(JSON.parse(JSON.stringify(document))), JSON.stringify(validate.errors)).toBe(true);
  });
});
