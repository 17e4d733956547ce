import { describe, expect, it } from 'vitest';
import { EXPORT_HEADER, exportRows } from '../../../src/analysis/report/export.ts';
import { richReport } from '../../support/rich-report.ts';

const report = richReport();
const { header, rows } = exportRows(report);
const objects = rows.map((row) =>
  Object.fromEntries(header.map((column, index) => [column, row[index] ?? null])),
);
const of = (wanted: Readonly<Record<string, unknown>>) =>
  objects.filter((row) => Object.entries(wanted).every(([column, value]) => row[column] === value));

describe('the long table', () => {
  it('has one header and rows as wide as it, every one with its source', () => {
    expect(header).toBe(EXPORT_HEADER);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([EXPORT_HEADER.length]));
    for (const row of objects) {
      expect(row).toMatchObject({
        experiment: 'homepage-hybrid',
        configuration: 'c0ffee',
        cutoff: report.cutoff,
      });
    }
  });

  it.each([
    ['value', 6 * 2],
    ['planned', 6 * 2],
    ['fixed', 6 * 2],
    ['always-valid', 6 * 2],
    ['unadjusted', 6],
    ['posterior', 6],
    ['novelty', 3],
    ['segment', 4 * 3],
    ['segment-explored', 4 * 4],
    ['interaction', 4 * 7],
    ['shrunken', 4 * 7],
  ])('%s: %d rows', (estimator, count) => {
    expect(of({ estimator })).toHaveLength(count);
  });

  it("gives the report's numbers as they are: shares as fractions, with what the interval promises", () => {
    const comparison = report.metrics[3]?.comparisons[0];
    const absolute = comparison?.absolute.ok ? comparison.absolute : null;
    expect(of({ metric: 'm3', estimator: 'planned', scale: 'absolute' })).toEqual([
      expect.objectContaining({
        arm: 'treatment',
        control: 'control',
        unit: '%',
        estimate: absolute?.estimate,
        low: absolute?.interval[0],
        high: absolute?.interval[1],
        p: comparison?.p,
        p_adjusted: comparison?.pAdjusted,
        interval_kind: 'fixed',
        level: comparison?.interval.level,
        coverage: 'step-wise',
        correction: 'holm',
        segment_value: null,
      }),
    ]);
    expect(of({ metric: 'm3', estimator: 'value', arm: 'control' })[0]?.estimate).toBeCloseTo(0.2, 1);
  });

  it('says why a number is missing', () => {
    const broken = {
      ...report,
      metrics: report.metrics.map((metric) => ({
        ...metric,
        comparisons: metric.comparisons.map((comparison) => ({
          ...comparison,
          alwaysValid: { ok: false as const, reason: 'no unit is consumed once' },
        })),
      })),
    };
    const table = exportRows(broken);
    const found = table.rows.filter((row) => row[table.header.indexOf('estimator')] === 'always-valid');
    expect(
      found.map((row) => [row[table.header.indexOf('estimate')], row[table.header.indexOf('note')]]),
    ).toEqual(Array.from({ length: 6 }, () => [null, 'no unit is consumed once']));
  });

  it('has no rows where the estimates are withheld', () => {
    expect(exportRows({ ...report, state: 'invalid' }).rows).toEqual([]);
  });
});
