import type { Report } from '../../../src/analysis/report/report.ts';

export interface LiftPoint {
  readonly day: number;
  readonly date: string;
  readonly n: number;
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly mature: boolean;
}

/** The cumulative lift of one metric for one variant. Days without an estimate are listed apart, never drawn as zero. */
export interface LiftSeries {
  readonly metric: string;
  readonly name: string;
  readonly role: 'success' | 'guardrail' | 'secondary';
  readonly variant: string;
  readonly points: readonly LiftPoint[];
  readonly missing: readonly { readonly day: number; readonly date: string; readonly reason: string }[];
}

export function liftSeries(report: Report): LiftSeries[] {
  return report.metrics.flatMap((metric) =>
    [...new Set(report.daily.filter((row) => row.metric === metric.key).map((row) => row.arm))].map(
      (variant) => {
        const rows = report.daily
          .filter((row) => row.metric === metric.key && row.arm === variant)
          .sort((a, b) => a.day - b.day);
        const mature = (day: number) =>
          report.state !== 'immature' &&
          metric.maturity.ready &&
          day >= (report.experiment.maturity?.days ?? 0);
        return {
          metric: metric.key,
          name: metric.name,
          role: metric.role,
          variant,
          points: rows.flatMap(({ relative, ...row }) =>
            relative.ok
              ? [
                  {
                    day: row.day,
                    date: row.date,
                    n: row.n,
                    estimate: relative.estimate,
                    low: relative.interval[0],
                    high: relative.interval[1],
                    mature: mature(row.day),
                  },
                ]
              : [],
          ),
          missing: rows.flatMap(({ relative, day, date }) =>
            relative.ok ? [] : [{ day, date, reason: relative.reason }],
          ),
        };
      },
    ),
  );
}

/**
 * The vertical scale of one series: all of the line and zero, and the band where it is not absurdly wide (the first
 * days of a test have next to no data).
 */
export function liftDomain(points: readonly LiftPoint[]): [number, number] {
  const estimates = points.map((point) => point.estimate);
  const settled = points.slice(Math.floor(points.length / 4));
  const ends = settled.flatMap((point) => [point.low, point.high]).filter((end) => end !== null);
  const low = Math.min(0, ...estimates, ...ends);
  const high = Math.max(0, ...estimates, ...ends);
  const pad = 0.08 * (high - low) || 0.01;
  return [low - pad, high + pad];
}
