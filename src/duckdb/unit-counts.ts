import type { SampleRatioCounts } from '../analysis/study/sample-ratio-report.ts';
import type { UnitData } from '../analyze-units.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { Layout } from './layout.ts';
import type { Engine, Row } from './open.ts';
import { createSums } from './sum-query.ts';

/** Units by arm, which are counted already, and by arm within every declared segment, exploratory one and phase. */
export async function unitCounts(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  arms: UnitData['arms'],
): Promise<Pick<SampleRatioCounts, 'arms' | 'cuts'>> {
  const attributes = spec.segments.map(({ attribute }) => attribute);
  const named = [...new Set([...attributes, ...(spec.phase === undefined ? [] : [spec.phase])])];
  const columns = named.map((attribute) => ({ attribute, as: layout.texts.get(attribute)! }));
  if (columns.length === 0) {
    const counted = arms.filter(({ units }) => units > 0);
    return { arms: counted.map(({ arm, units }) => ({ variant: arm, units })), cuts: [] };
  }
  const cut = await createSums().take(engine, [[], ...columns.map(({ as }) => [as])]);
  const counts = (rows: readonly Row[]) =>
    rows.map((row) => ({ variant: String(row.a), units: Number(row.rows) }));
  return {
    arms: counts(cut([])),
    cuts: columns.flatMap(({ attribute, as }) => {
      const rows = cut([as]);
      const values = [...new Set(rows.map((row) => String(row[as])))].sort();
      return values.map((value) => ({
        by: attribute,
        value,
        arms: counts(rows.filter((row) => String(row[as]) === value)),
      }));
    }),
  };
}
