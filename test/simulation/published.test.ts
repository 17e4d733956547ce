import { expect, test } from 'vitest';
import type { Estimate, MetricReport, Report } from '../../src/analysis/report/report.ts';
import { PUBLISHED_TEST, publishedTable } from '../../src/simulation/published.ts';

const estimate = (value: number, low: number | null, high: number | null): Estimate => ({
  ok: true,
  estimate: value,
  standardError: 0.01,
  interval: [low, high],
});

function metric(
  key: string,
  unit: string,
  control: number,
  treatment: number,
  over: Partial<MetricReport> = {},
  level = 0.95,
) {
  const change = treatment - control;
  return {
    key,
    name: key,
    description: '',
    role: 'success',
    kind: 'mean',
    unit,
    direction: 'higher-is-better',
    maturity: { mature: 100, exposed: 100, completeAt: null, ready: true },
    arms: [
      { arm: 'popular', n: 50, value: control },
      { arm: 'hybrid', n: 50, value: treatment },
    ],
    comparisons: [
      {
        arm: 'hybrid',
        control: 'popular',
        absolute: estimate(change, change - 0.01, change + 0.01),
        relative: estimate(change / control, change / control - 0.02, change / control + 0.02),
        interval: {
          kind: 'fixed',
          level,
          coverage: 'step-wise',
          correction: 'holm',
          sides: 'two-sided',
        },
        fixedHorizon: { ok: false, reason: 'not part of the table' },
        alwaysValid: { ok: false, reason: 'not part of the table' },
        statistic: 3,
        df: 98,
        p: 0.01,
        pAdjusted: 0.02,
        method: 'Welch',
        outcome: 'better',
      },
    ],
    correction: 'holm',
    ...over,
  } satisfies MetricReport as MetricReport;
}

const report = (metrics: MetricReport[]) => ({ experiment: { alpha: 0.05 }, metrics }) as unknown as Report;

test('the published changes follow from the published arms', () => {
  for (const { control, treatment, change } of PUBLISHED_TEST) {
    const actual = change.kind === 'relative' ? treatment / control - 1 : treatment - control;
    expect(Math.abs(actual - change.value)).toBeLessThan(0.006);
  }
});

test('the table sets ours beside the published figures', () => {
  const table = publishedTable(
    report([
      metric('click_through_rate', '%', 0.2, 0.25),
      metric('watch_hours_per_week', 'h/week', 8, 10),
      metric('retention_7d', '%', 0.7, 0.72),
    ]),
  );
  const lines = table.split('\n');
  expect(lines).toHaveLength(2 + PUBLISHED_TEST.length);
  expect(lines[0]).toContain('95 % interval');
  const row = (name: string) => lines.find((line) => line.startsWith(name))!.replace(/\s+/g, ' ');
  expect(row('Click-through rate')).toBe(
    'Click-through rate 18.2 % 24.1 % +32.0 % 20.0 % 25.0 % +25.0 % +23.0 % to +27.0 %',
  );
  expect(row('Watch time')).toBe(
    'Watch time 8.4 h/week 11.1 h/week +32.0 % 8.0 h/week 10.0 h/week +25.0 % +23.0 % to +27.0 %',
  );
  expect(row('7-day retention')).toBe(
    '7-day retention 68.0 % 73.0 % +5.0 pp 70.0 % 72.0 % +2.0 pp +1.0 pp to +3.0 pp',
  );
  expect(row('Session duration')).toContain('not measured');
});

test('a metric without an estimate says why, an immature one how far it is', () => {
  const none = metric('retention_30d', '%', 0.8, 0.8, {
    comparisons: [],
    maturity: { mature: 1, exposed: 200, completeAt: null, ready: false },
  });
  expect(publishedTable(report([none]))).toContain('0 % of windows complete');
  const early = metric('retention_30d', '%', 0.8, 0.82, {
    maturity: { mature: 50, exposed: 200, completeAt: null, ready: false },
  });
  expect(publishedTable(report([early]))).toContain('+2.0 pp (25 % of windows complete)');
  const failed = metric('genres_per_week', 'genres/week', 2, 2);
  const reason = { ok: false, reason: 'no variance' } as const;
  const comparison = { ...failed.comparisons[0]!, relative: reason };
  expect(publishedTable(report([{ ...failed, comparisons: [comparison] }]))).toContain('no variance');
});

test('an interval at a corrected level says so', () => {
  const corrected = metric('click_through_rate', '%', 0.2, 0.25, {}, 1 - 0.05 / 6);
  expect(publishedTable(report([corrected]))).toContain('+23.0 % to +27.0 % (at 99.17 %)');
});
