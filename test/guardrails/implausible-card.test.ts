import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/analysis/report/markdown.ts';
import type { HealthCard, Report } from '../../src/analysis/report/report.ts';
import { reportCsv } from '../../src/analysis/report/report-csv.ts';
import { analyze } from '../../src/analyze.ts';
import { aggregatesOf, experimentOf, METRICS, meanMoments } from '../support/evidence.ts';

/** 5,000 units an arm of 8 h, and so many of 80 h in each. */
function reportWith(odd: readonly [number, number] | undefined): Report {
  const aggregates = aggregatesOf({ watch: [8, 8] });
  const arms = ['popular', 'hybrid'];
  const metrics = aggregates.metrics.map((sums) => {
    if (sums.metric !== 'watch' || odd === undefined) return sums;
    const implausible = arms.map((variant, i) => ({
      variant,
      moments: meanMoments(odd[i]!, 80, odd[i]! > 1 ? 2 : 0),
    }));
    const all = arms.map((variant, i) => {
      const [own, more] = [meanMoments(5000 - odd[i]!, 8, 6), implausible[i]!.moments];
      return {
        variant,
        moments: {
          n: 5000,
          x: 5000,
          xx: 5000,
          y: own.y + more.y,
          yy: own.yy + more.yy,
          xy: own.xy + more.xy,
        },
      };
    });
    return { ...sums, arms: all, implausible };
  });
  return analyze(experimentOf(), METRICS, { ...aggregates, metrics }, 'c');
}

const card = (report: Report): HealthCard | undefined =>
  report.health.find(({ key }) => key === 'implausible-units');

describe('implausible units', () => {
  it.each([
    [[0, 0], 'pass', '0 % (0 of 10,000)'],
    [[3, 4], 'pass', '0.07 % (7 of 10,000)'],
    [[12, 15], 'warn', '0.27 % (27 of 10,000)'],
    [[60, 61], 'fail', '1.21 % (121 of 10,000)'],
    // Few, but all in one arm: 2 x 0.5^20 by the exact binomial.
    [[0, 20], 'fail', '0.2 % (20 of 10,000)'],
  ] as const)('%o: %s', (odd, status, value) => {
    expect(card(reportWith(odd))).toMatchObject({ status, value });
  });

  it('no card where nobody looked for them', () => {
    expect(card(reportWith(undefined))).toBeUndefined();
  });

  it('shows the estimate with and without them, and does not ship', () => {
    const report = reportWith([0, 100]);
    const [found] = report.metrics.find(({ key }) => key === 'watch')!.plausible!;
    const { all, without, leftOut } = found!;
    expect(leftOut).toEqual([
      { arm: 'popular', units: 0 },
      { arm: 'hybrid', units: 100 },
    ]);
    // (4,900 x 8 + 100 x 80) / 5,000 = 9.44 against 8.
    expect(all.relative.ok && all.relative.estimate).toBeCloseTo(0.18, 10);
    expect(without.relative.ok && without.relative.estimate).toBeCloseTo(0, 10);
    expect(card(report)!.detail).toMatch(
      /popular 0, hybrid 100; not in the declared ratio.*\+18.0 %.*with them/,
    );
    expect(report.verdict.decision).not.toBe('ship');
    expect(reportMarkdown(report)).toContain('Without units that behave implausibly');
    expect(reportCsv(report)).toContain('without-implausible');
  });
});
