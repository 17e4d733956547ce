import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatInstant,
  formatLift,
  formatLiftInterval,
  formatP,
  formatReduction,
  formatShare,
  formatValue,
} from '../../../src/analysis/report/format.ts';

describe('numbers as the report writes them', () => {
  it.each([
    [formatValue(0.12341, '%'), '12.34 %'],
    [formatValue(0, '%'), '0.00 %'],
    [formatValue(0.00003, '%'), '0.003 %'],
    [formatValue(8.4, 'h/week'), '8.40 h/week'],
    [formatValue(1234.4, 'ms'), '1,234 ms'],
    [formatValue(123.44, 'ms'), '123.4 ms'],
    [formatValue(0.0123456, 's'), '0.0123 s'],
    [formatValue(-3, ''), '-3.00'],
    [formatValue(null, '%'), 'n/a'],
    [formatDifference(0.0042, '%'), '+0.42 pp'],
    [formatDifference(-0.0042, '%'), '-0.42 pp'],
    [formatDifference(0, '%'), '0.00 pp'],
    [formatDifference(2.7, 'h/week'), '+2.70 h/week'],
    [formatDifferenceInterval([-0.001, null], '%'), '[-0.10 pp, +∞]'],
    [formatLift(0.035), '+3.5 %'],
    [formatLift(-0.32), '-32.0 %'],
    [formatLift(0.0001), '+0.01 %'],
    [formatLift(12.5), '+1,250.0 %'],
    [formatLiftInterval([0.001, 0.069]), '[+0.1 %, +6.9 %]'],
    [formatLiftInterval([null, 0.069]), '[-∞, +6.9 %]'],
    [formatP(0.0421), '0.042'],
    [formatP(0.001), '0.001'],
    [formatP(0.00099), '<0.001'],
    [formatP(null), 'n/a'],
    [formatCount(1234567), '1,234,567'],
    [formatCount(999), '999'],
    [formatShare(0.05), '5 %'],
    [formatShare(0.001), '0.1 %'],
    [formatShare(0.9995), '99.95 %'],
    [formatReduction({ covariates: ['visits', 'age'], reduction: 0.1234 }), '12.3 % (visits, age)'],
    [formatReduction({ covariates: [], reduction: 0 }), 'not adjusted'],
    [formatReduction(undefined), 'not adjusted'],
    [formatInstant('2026-10-29T00:00:00.000Z'), '2026-10-29 00:00 UTC'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});
