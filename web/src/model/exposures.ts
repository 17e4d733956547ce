import type { Report } from '../../../src/analysis/report/report.ts';

export interface ExposureDay {
  readonly date: string;
  readonly variant: string;
  readonly units: number;
  readonly cumulative: number;
  /** Lower and upper edge of the arm's layer in the stack of all arms. */
  readonly from: number;
  readonly to: number;
  /** Share of all units enrolled up to this day, and the share the weights ask for. */
  readonly share: number | null;
  readonly expected: number;
}

/** Every arm on every day on which any arm has a row; an arm without one keeps its count of the day before. */
export function exposureDays(report: Report): ExposureDay[] {
  const arms = report.experiment.variants;
  const weights = arms.reduce((sum, arm) => sum + arm.weight, 0);
  const dates = [...new Set(report.exposures.map((row) => row.date))].sort();
  const running = new Map<string, number>();
  return dates.flatMap((date) => {
    const today = new Map(
      report.exposures.filter((row) => row.date === date).map((row) => [row.variant, row]),
    );
    for (const [variant, row] of today) running.set(variant, row.cumulative);
    const total = arms.reduce((sum, arm) => sum + (running.get(arm.key) ?? 0), 0);
    let edge = 0;
    return arms.map((arm) => {
      const cumulative = running.get(arm.key) ?? 0;
      const from = edge;
      edge += cumulative;
      return {
        date,
        variant: arm.key,
        units: today.get(arm.key)?.units ?? 0,
        cumulative,
        from,
        to: edge,
        share: total === 0 ? null : cumulative / total,
        expected: arm.weight / weights,
      };
    });
  });
}
