import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { Layout } from './layout.ts';
import type { Engine, Row } from './open.ts';

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
  /** Finite values other than 0 and 1, of the outcomes of proportions; else 0. */
  readonly neither: number;
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  /** Of covariates; else null. */
  readonly variance: number | null;
}

/** All columns of numbers by arm, in a pass over the table `units`; in another where some values are no finite numbers. */
export async function columnStatistics(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
): Promise<readonly ColumnStatistics[]> {
  const columns = [...layout.numbers.values()];
  const covariates = new Set(
    spec.metrics.flatMap((metric) => metric.covariates.map((name) => layout.numbers.get(name)!)),
  );
  const proportions = new Set(
    spec.metrics.flatMap(({ metric, y }) => (metric.kind === 'proportion' ? [layout.numbers.get(y)!] : [])),
  );
  const first = await byArm(
    engine,
    columns.flatMap((v) => [
      `count(${v}) as given_${v}, min(${v}) as least_${v}, max(${v}) as most_${v}, avg(${v}) as mean_${v}`,
      ...(proportions.has(v)
        ? [`count(*) filter (isfinite(${v}) and ${v} <> 0 and ${v} <> 1) as neither_${v}`]
        : []),
      ...(covariates.has(v) ? [`var_samp(${v}) filter (isfinite(${v})) as variance_${v}`] : []),
    ]),
  );
  // NaN is the largest of all doubles to DuckDB, so it shows at the top.
  const strange = columns.filter((v) =>
    first.some((row) =>
      [row[`least_${v}`], row[`most_${v}`]].some((end) => end !== null && !Number.isFinite(end)),
    ),
  );
  const second =
    strange.length === 0
      ? []
      : await byArm(
          engine,
          strange.map(
            (v) =>
              `count(*) filter (isnan(${v})) as nan_${v}, count(*) filter (isinf(${v})) as inf_${v},
               min(${v}) filter (isfinite(${v})) as least_${v}, max(${v}) filter (isfinite(${v})) as most_${v},
               avg(${v}) filter (isfinite(${v})) as mean_${v}`,
          ),
        );
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  return [...layout.numbers].flatMap(([column, v]) =>
    first.map((row, i) => {
      const all = { ...row, ...second[i] };
      const count = (name: string) => Number(all[`${name}_${v}`] ?? 0);
      const [given, notNumbers, infinite] = [count('given'), count('nan'), count('inf')];
      return {
        column,
        arm: String(row.arm),
        rows: Number(row.rows),
        finite: given - notNumbers - infinite,
        missing: Number(row.rows) - given,
        notNumbers,
        infinite,
        neither: count('neither'),
        least: number(all[`least_${v}`]),
        most: number(all[`most_${v}`]),
        mean: number(all[`mean_${v}`]),
        variance: number(all[`variance_${v}`]),
      };
    }),
  );
}

function byArm(engine: Engine, selected: readonly string[]): Promise<readonly Row[]> {
  return engine.rows(
    `select a as arm, count(*) as rows, ${selected.join(', ')} from units group by a order by a`,
  );
}

/** Finite values of a column that meet a condition, in which $ stands for the column, by arm. */
export async function countWhere(
  engine: Engine,
  column: string,
  condition: string,
): Promise<readonly { readonly arm: string; readonly count: number }[]> {
  const rows = await engine.rows(
    `select a as arm, count(*) filter (isfinite(${column}) and ${condition.replaceAll('$', column)}) as n from units group by a order by a`,
  );
  return rows.map(({ arm, n }) => ({ arm: String(arm), count: Number(n) }));
}
