import type { QuantileAggregates } from '../analysis/aggregates.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { ColumnStatistics } from './column-statistics.ts';
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

/** Half the width of the window that the density is taken from, in standard errors of the share; as in quantile.ts. */
const WINDOW = 1.25;
const DOUBLINGS = 12;

/**
 * Quantile metrics by arm: the quantile q, how many units lie at or under it, and the density there, taken between the
 * quantiles q - d and q + d. d doubles until the quantile lies strictly between both: many units may share a value.
 */
export async function quantileSums(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  statistics: readonly ColumnStatistics[],
  arms: readonly string[],
): Promise<readonly QuantileAggregates[]> {
  const results: QuantileAggregates[] = [];
  for (const { metric, y } of spec.metrics.filter((entry) => entry.metric.kind === 'quantile')) {
    const found: QuantileAggregates['arms'][number][] = [];
    for (const variant of arms) {
      const n = statistics.find(({ column, arm }) => column === y && arm === variant)?.finite ?? 0;
      if (n > 0)
        found.push({
          variant,
          ...(await oneArm(engine, layout.numbers.get(y)!, metric.q ?? 0.5, variant, n)),
        });
    }
    results.push({ metric: metric.key, q: metric.q ?? 0.5, arms: found });
  }
  return results;
}

async function oneArm(engine: Engine, column: string, q: number, variant: string, n: number) {
  const where = `a = ${literal(variant)}`;
  const deviation = Math.sqrt((q * (1 - q)) / Math.max(1, n - 1));
  const widths = Array.from({ length: DOUBLINGS }, (_, k) => WINDOW * deviation * 2 ** k);
  const around = async (tried: readonly number[]) => {
    const shares = tried.flatMap((d) => [Math.max(0, q - d), Math.min(1, q + d)]);
    const [value, ...ends] = (await quantilesOf(engine, column, [q, ...shares], where)) as [
      number,
      ...number[],
    ];
    const windows = tried.map((_, k) => [ends[2 * k]!, ends[2 * k + 1]!] as const);
    return { value, window: windows.find(([low, high]) => low < value && value < high) };
  };
  // The first width does where few units share a value; all others are asked for at once.
  const first = await around(widths.slice(0, 1));
  const { value, window = [value, value] as const } = first.window ? first : await around(widths.slice(1));
  const [below, above] = window;
  const [counts] = await engine.rows(
    `select count(*) filter (${column} <= ${double(value)}) as under, count(*) filter (${column} > ${double(below)} and ${column} <= ${double(above)}) as near from units where ${where}`,
  );
  const under = Number(counts?.under);
  return {
    value,
    moments: { n, y: under, yy: under, x: n, xx: n, xy: under },
    density: above > below ? Number(counts?.near) / n / (above - below) : 0,
  };
}
