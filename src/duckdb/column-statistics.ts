import type { Layout } from './layout.ts';
import type { Engine } from './open.ts';

/** One column of numbers in one arm. Moments are those of the finite values. */
export interface ColumnStatistics {
  readonly column: string;
  readonly arm: string;
  readonly rows: number;
  readonly finite: number;
  /** Not given. */
  readonly missing: number;
  /** Given, and no number. */
  readonly notNumbers: number;
  readonly infinite: number;
  readonly negative: number;
  /** Neither 0 nor 1. */
  readonly notBinary: number;
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  readonly variance: number | null;
}

/** All columns of numbers by arm, in one pass over the table `units`. */
export async function columnStatistics(engine: Engine, layout: Layout): Promise<readonly ColumnStatistics[]> {
  const columns = [...layout.numbers.values()];
  const selected = columns.map(
    (
      v,
    ) => `count(${v}) as given_${v}, count(*) filter (isnan(${v})) as nan_${v}, count(*) filter (isinf(${v})) as inf_${v},
      count(*) filter (${v} < 0) as negative_${v}, count(*) filter (${v} <> 0 and ${v} <> 1) as other_${v},
      min(${v}) filter (isfinite(${v})) as least_${v}, max(${v}) filter (isfinite(${v})) as most_${v},
      avg(${v}) filter (isfinite(${v})) as mean_${v}, var_samp(${v}) filter (isfinite(${v})) as variance_${v}`,
  );
  const rows = await engine.rows(
    `select a as arm, count(*) as rows, ${selected.join(', ')} from units group by a order by a`,
  );
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  return [...layout.numbers].flatMap(([column, v]) =>
    rows.map((row) => {
      const count = (name: string) => Number(row[`${name}_${v}`]);
      const [notNumbers, infinite] = [count('nan'), count('inf')];
      return {
        column,
        arm: String(row.arm),
        rows: Number(row.rows),
        finite: count('given') - notNumbers - infinite,
        missing: Number(row.rows) - count('given'),
        notNumbers,
        infinite,
        negative: count('negative'),
        // NaN counts as neither; infinities are told apart.
        notBinary: Math.max(0, count('other') - notNumbers),
        least: number(row[`least_${v}`]),
        most: number(row[`most_${v}`]),
        mean: number(row[`mean_${v}`]),
        variance: number(row[`variance_${v}`]),
      };
    }),
  );
}
