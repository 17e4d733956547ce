import { counted, type DataCheck, fault } from '../analysis/study/data-check.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import { type ColumnStatistics, countWhere } from './column-statistics.ts';
import type { Layout } from './layout.ts';
import type { Engine } from './open.ts';

/** What the kind of a metric asks of its values: proportions are 0 or 1, denominators are not negative. */
export async function checkKinds(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  statistics: readonly ColumnStatistics[],
  allowed: ReadonlySet<string>,
): Promise<readonly DataCheck[]> {
  const checks: DataCheck[] = [];
  const proportions = new Set(
    spec.metrics.filter(({ metric }) => metric.kind === 'proportion').map(({ y }) => y),
  );
  for (const column of proportions) {
    const arms = statistics
      .filter((entry) => entry.column === column)
      .map(({ arm, neither }) => ({ arm, count: neither }));
    const count = arms.reduce((sum, arm) => sum + arm.count, 0);
    if (count === 0) continue;
    const text = `${column} has ${counted(count, 'value')} other than 0 and 1, and its metric is a proportion; use kind: mean, or mend the file`;
    checks.push({ key: 'not-a-proportion', status: 'fail', count, column, arms, text });
  }
  const below = new Set(spec.metrics.flatMap(({ x }) => x ?? []));
  for (const column of below) {
    const least = statistics.filter((entry) => entry.column === column).map((entry) => entry.least ?? 0);
    if (least.every((value) => value >= 0)) continue;
    const arms = await countWhere(engine, layout.numbers.get(column)!, '$ < 0');
    const count = arms.reduce((sum, arm) => sum + arm.count, 0);
    const text = `${column} is a denominator and has ${counted(count, 'negative value')}`;
    checks.push(fault(allowed, { key: 'negative-denominator', count, column, arms, text }));
  }
  return checks;
}
