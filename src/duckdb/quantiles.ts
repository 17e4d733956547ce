import type { QuantileAggregates } from '../analysis/aggregates.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { Layout } from './layout.ts';
import { double, type Engine, literal } from './open.ts';

/** From this many values on they are sorted on disk instead of in memory. */
const SORT_ON_DISK = 20_000_000;

/**
 * Values at the shares `ps` of a column of `units`, each the least value v with at least that share of the values <= v;
 * empty where there are none.
 */
export async function quantilesOf(
  engine: Engine,
  column: string,
  ps: readonly number[],
  where = 'true',
  onDiskFrom = SORT_ON_DISK,
): Promise<readonly number[]> {
  const from = `from units where ${column} is not null and ${where}`;
  const [counted] = await engine.rows(`select count(*) as n ${from}`);
  const n = Number(counted?.n);
  if (n === 0) return [];
  if (n < onDiskFrom) {
    const [row] = await engine.rows(
      `select quantile_disc(${column}, [${ps.map(double).join(', ')}]) as at ${from}`,
    );
    return (row!.at as { items: readonly number[] }).items;
  }
  const values: number[] = [];
  for (const p of ps) {
    const rank = Math.min(n - 1, Math.max(0, Math.ceil(p * n) - 1));
    const [row] = await engine.rows(`select ${column} as v ${from} order by 1 limit 1 offset ${rank}`);
    values.push(Number(row?.v));
  }
  return values;
}

/**
 * Quantile metrics by arm: the quantile q, how many units lie at or under it, and the density there, taken between the
 * quantiles q - d and q + d with d = n^(-1/3) min(q, 1 - q): narrow enough to be local, wide enough to hold many units.
 */
export async function quantileSums(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  arms: readonly string[],
): Promise<readonly QuantileAggregates[]> {
  const results: QuantileAggregates[] = [];
  for (const { metric, y } of spec.metrics.filter((entry) => entry.metric.kind === 'quantile')) {
    const q = metric.q ?? 0.5;
    const column = layout.numbers.get(y)!;
    const found: QuantileAggregates['arms'][number][] = [];
    for (const variant of arms) {
      const where = `a = ${literal(variant)}`;
      const [size] = await engine.rows(`select count(${column}) as n from units where ${where}`);
      const n = Number(size?.n);
      if (n === 0) continue;
      const d = n ** (-1 / 3) * Math.min(q, 1 - q);
      const [below, value, above] = (await quantilesOf(engine, column, [q - d, q, q + d], where)) as [
        number,
        number,
        number,
      ];
      const [counts] = await engine.rows(
        `select count(*) filter (${column} <= ${double(value)}) as under, count(*) filter (${column} > ${double(below)} and ${column} <= ${double(above)}) as near from units where ${where}`,
      );
      const under = Number(counts?.under);
      found.push({
        variant,
        value,
        moments: { n, y: under, yy: under, x: n, xx: n, xy: under },
        density: above > below ? Number(counts?.near) / n / (above - below) : 0,
      });
    }
    results.push({ metric: metric.key, q, arms: found });
  }
  return results;
}
