import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAnalysisSpec } from '../../src/declaration/parse-analysis-spec.ts';
import { columnStatistics } from '../../src/duckdb/column-statistics.ts';
import { layoutOf } from '../../src/duckdb/layout.ts';
import { type Engine, openEngine } from '../../src/duckdb/open.ts';
import { quantilesOf } from '../../src/duckdb/quantiles.ts';
import { metricSums } from '../../src/duckdb/sums.ts';
import { expectNear } from '../analysis/vectors.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const parsed = parseAnalysisSpec({
  path: 'analysis.yaml',
  text: 'unit: u\narm: a\ncontrol: c\nmetrics: [{key: y, kind: mean, covariates: [z]}]\nsegments: [s]\nstrata: [s]\n',
});
if (!parsed.ok) throw new Error('the specification is wrong');
const { spec } = parsed;

async function sumsOf(y: string, z = '0') {
  await engine.run(
    `create or replace table units as select 'u' || i as u, case when i % 2 = 0 then 'c' else 't' end as a, (${y})::DOUBLE as v0, (${z})::DOUBLE as v1, case when i % 5 = 0 then 'p' else 'q' end as s0 from range(1, 2003) t(i)`,
  );
  const layout = layoutOf(spec);
  const statistics = await columnStatistics(engine, spec, layout);
  return (await metricSums(engine, spec, layout, statistics, ['c', 't']))[0]!;
}

const centredOf = (moments: object) =>
  (moments as { centred: { mean: readonly number[]; products: readonly (readonly number[])[] } }).centred;

describe('sums over units', () => {
  it('keeps whole numbers exact', async () => {
    const sums = await sumsOf('i', 'i * i % 7');
    const { moments } = sums.arms[0]!;
    const even = Array.from({ length: 1001 }, (_, i) => 2 * (i + 1));
    const total = (of: (i: number) => number) => even.reduce((sum, i) => sum + of(i), 0);
    expect(moments).toMatchObject({
      n: 1001,
      y: total((i) => i),
      yy: total((i) => i * i),
      x: 1001,
      xx: 1001,
    });
    expect(moments.z).toEqual({
      z: [total((i) => (i * i) % 7)],
      zz: [[total((i) => ((i * i) % 7) ** 2)]],
      zy: [total((i) => i * ((i * i) % 7))],
      zx: [total((i) => (i * i) % 7)],
    });
  });

  it.each([
    // Like NIST's NumAcc3 and NumAcc4: the sample standard deviation is 0.1 to the digits that doubles leave.
    ['1000000.2 + case when i <= 2 then 0 when (i // 2) % 2 = 0 then -0.1 else 0.1 end', 1000000.2, 1e-8],
    ['10000000.2 + case when i <= 2 then 0 when (i // 2) % 2 = 0 then -0.1 else 0.1 end', 10000000.2, 1e-7],
  ])('keeps the variance of values far from 0: %s', async (sql, middle, tolerance) => {
    const sums = await sumsOf(sql);
    for (const { moments } of sums.arms) {
      const { mean, products } = centredOf(moments);
      expectNear(mean[0]!, middle, 1e-14);
      expectNear(Math.sqrt(products[0]![0]! / (moments.n - 1)), 0.1, tolerance);
    }
  });

  it('finds no variance where there is none, whatever the constant', async () => {
    const sums = await sumsOf('case when i % 2 = 0 then 0.1 else 0.3 end', '1e9 + 0.1');
    for (const { moments } of sums.arms) {
      expect(centredOf(moments).products).toEqual([
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ]);
    }
  });

  it('cuts by segment and stratum, and both add up to the whole', async () => {
    const sums = await sumsOf('i % 11', 'i % 3');
    expect(sums.segments.map(({ value }) => value)).toEqual(['p', 'q']);
    expect(sums.strata?.map(({ key }) => key)).toEqual(['p', 'q']);
    for (const [i, arm] of sums.arms.entries()) {
      const parts = sums.segments.map(({ arms }) => arms[i]!.moments.yy);
      expect(parts[0]! + parts[1]!).toBe(arm.moments.yy);
      expect(sums.strata?.map(({ arms }) => arms[i]!.moments.yy)).toEqual(parts);
    }
  });

  it('measures shape after a missing value was left out', async () => {
    const sums = await sumsOf('case when i = 3 then null when i % 4 = 1 then 0 else i % 10 end');
    const values = Array.from({ length: 1001 }, (_, i) => 2 * i + 1)
      .filter((i) => i !== 3)
      .map((i) => (i % 4 === 1 ? 0 : i % 10));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const shape = sums.shape?.find(({ variant }) => variant === 't');
    expect(sums.mature).toBe(2001);
    expect(shape?.zeros).toBe(values.filter((value) => value === 0).length);
    expectNear(
      shape?.cubed ?? 0,
      values.reduce((sum, value) => sum + (value - mean) ** 3, 0),
      1e-9,
    );
  });

  it('takes the same quantiles in memory and by sorting on disk', async () => {
    await engine.run(
      'create or replace table units as select (hash(i) % 1000)::DOUBLE as v0 from range(5000) t(i)',
    );
    const shares = [0.001, 0.1, 0.5, 0.9, 0.999];
    expect(await quantilesOf(engine, 'v0', shares, 'true', 0)).toEqual(
      await quantilesOf(engine, 'v0', shares),
    );
  });
});
