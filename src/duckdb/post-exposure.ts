import type { DataCheck } from '../analysis/study/data-check.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { ColumnStatistics } from './column-statistics.ts';
import type { Layout } from './layout.ts';
import type { Engine } from './open.ts';

/** Covariates that are an outcome under another name: equal to it in every unit, so measured after exposure. */
export async function copiedOutcomes(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  statistics: readonly ColumnStatistics[],
): Promise<readonly DataCheck[]> {
  const outcomes = [...new Set(spec.metrics.flatMap(({ y, x }) => (x === undefined ? [y] : [y, x])))];
  const covariates = [...new Set(spec.metrics.flatMap((metric) => metric.covariates))];
  const print = (column: string) =>
    statistics
      .filter((entry) => entry.column === column)
      .map(({ arm, finite, least, most }) => `${arm} ${finite} ${least} ${most}`)
      .join('\n');
  const checks: DataCheck[] = [];
  for (const covariate of covariates) {
    for (const outcome of outcomes.filter((name) => print(name) === print(covariate))) {
      const [v, w] = [layout.numbers.get(covariate), layout.numbers.get(outcome)];
      const [row] = await engine.rows(
        `select count(*) as differing from units where ${v} is distinct from ${w}`,
      );
      if (Number(row?.differing) > 0) continue;
      const count = statistics.reduce(
        (sum, entry) => sum + (entry.column === covariate ? entry.finite : 0),
        0,
      );
      const text = `${covariate} equals the outcome ${outcome} in every unit, so it was measured after exposure: take it from the covariates`;
      checks.push({ key: 'post-exposure-covariate', status: 'fail', count, column: covariate, text });
    }
  }
  return checks;
}
