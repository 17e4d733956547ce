import type { CovariateSums, Moments } from '../../analysis/aggregates.ts';
import type { MetricDeclaration } from '../../declarations.ts';

/** Exact sums over units with the same number of weeks: a mean per week divides them only afterwards. */
export interface Sums {
  readonly weeks: number;
  readonly n: number;
  readonly y: number;
  readonly yy: number;
  readonly x: number;
  readonly xx: number;
  readonly xy: number;
  /** Units above the cap, and the sum of their x: their y is the cap. */
  readonly capped: number;
  readonly cappedX: number;
  readonly covariates?: CovariateTotals;
}

/** Sums of the covariates, before scaling; zy without the units above the cap, whose z are summed apart. */
export interface CovariateTotals extends CovariateSums {
  readonly cappedZ: readonly number[];
}

/**
 * In display units; `rows` differ in their weeks.
 *
 * @param scales of the covariates; absent: without covariates
 */
export function moments(
  rows: readonly Sums[],
  metric: Pick<MetricDeclaration, 'scale'>,
  cap: number | null,
  scales: readonly number[] = [],
): Moments {
  const c = (cap ?? 0) * metric.scale;
  let [n, y, yy, x, xx, xy] = [0, 0, 0, 0, 0, 0];
  for (const row of rows) {
    const unit = metric.scale / row.weeks;
    n += row.n;
    y += row.y * unit + row.capped * c;
    yy += row.yy * unit * unit + row.capped * c * c;
    x += row.x;
    xx += row.xx;
    xy += row.xy * unit + row.cappedX * c;
  }
  if (scales.length === 0) return { n, y, yy, x, xx, xy };
  const over = (value: (row: Sums, totals: CovariateTotals) => number) =>
    rows.reduce((sum, row) => (row.covariates ? sum + value(row, row.covariates) : sum), 0);
  const at = (list: readonly number[], k: number) => list[k] ?? 0;
  const z = {
    z: scales.map((s, k) => s * over((_, totals) => at(totals.z, k))),
    zz: scales.map((s, k) => scales.map((r, j) => s * r * over((_, totals) => at(totals.zz[k] ?? [], j)))),
    zy: scales.map(
      (s, k) =>
        s * over((row, totals) => (at(totals.zy, k) * metric.scale) / row.weeks + at(totals.cappedZ, k) * c),
    ),
    zx: scales.map((s, k) => s * over((_, totals) => at(totals.zx, k))),
  };
  return { n, y, yy, x, xx, xy, z };
}
