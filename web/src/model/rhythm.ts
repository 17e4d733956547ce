import type { Report } from '../../../src/analysis/report/report.ts';

type Row = NonNullable<Report['rhythm']>[number];

export interface RhythmSeries {
  readonly metric: string;
  readonly name: string;
  readonly unit: string;
  readonly arm: string;
  readonly by: Row['by'];
  readonly points: readonly {
    readonly day: number;
    readonly n: number;
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Effects by days since first exposure and by weekday, a series each; days without a bounded interval are left out. */
export function rhythmSeries(report: Report): RhythmSeries[] {
  const rows = report.rhythm ?? [];
  const keys = new Set(rows.map(({ metric, arm, by }) => JSON.stringify([metric, arm, by])));
  return [...keys].flatMap((key) => {
    const [metric, arm, by] = JSON.parse(key) as [string, string, Row['by']];
    const known = report.metrics.find((candidate) => candidate.key === metric);
    const points = rows
      .filter((row) => row.metric === metric && row.arm === arm && row.by === by)
      .sort((a, b) => a.day - b.day)
      .flatMap(({ day, n, absolute }) => {
        if (!absolute.ok) return [];
        const [low, high] = absolute.interval;
        return low === null || high === null ? [] : [{ day, n, estimate: absolute.estimate, low, high }];
      });
    return known && points.length > 1
      ? [{ metric, name: known.name, unit: known.unit, arm, by, points }]
      : [];
  });
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Name of a day: weekdays from 1 = Monday, days since first exposure from 0. */
export function dayName(by: Row['by'], day: number): string {
  return by === 'weekday' ? (WEEKDAYS[day - 1] ?? String(day)) : `day ${day + 1}`;
}
