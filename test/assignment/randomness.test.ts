import { describe, expect, it } from 'vitest';
import { createAssigner } from '../../src/assignment/assign.ts';
import { bucket } from '../../src/assignment/hash.ts';
import { DAY, experiment, mainLayer, START } from './experiments.ts';

/**
 * Uniformity and independence on sequential ids, the hardest that are common. Every bound is a quantile of chi-square
 * that true randomness passes with probability 1 - 1e-4 over all the checks of its test (Bonferroni):
 * python3 -c "from scipy.stats import chi2; print(chi2.isf(1e-4 / CHECKS, DF))"
 */
const UNITS = 100_000;
const units = Array.from({ length: UNITS }, (_, n) => `u-${n}`);

/** Chi-square statistic of counts against equal shares. */
function chiSquareEven(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Chi-square statistic of independence of two labellings of the units that both label. */
function chiSquareTable(first: readonly (string | null)[], second: readonly (string | null)[]): number {
  const cells = new Map<string, number>();
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  let n = 0;
  first.forEach((a, i) => {
    const b = second[i];
    if (a === null || b == null) return;
    n++;
    cells.set(`${a} ${b}`, (cells.get(`${a} ${b}`) ?? 0) + 1);
    rows.set(a, (rows.get(a) ?? 0) + 1);
    columns.set(b, (columns.get(b) ?? 0) + 1);
  });
  let statistic = 0;
  for (const [a, inRow] of rows)
    for (const [b, inColumn] of columns) {
      const expected = (inRow * inColumn) / n;
      statistic += ((cells.get(`${a} ${b}`) ?? 0) - expected) ** 2 / expected;
    }
  return statistic;
}

describe('uniformity', () => {
  it('100 equal buckets hold equal shares, for 20 salts', () => {
    for (let salt = 0; salt < 20; salt++) {
      const counts = Array.from({ length: 100 }, () => 0);
      for (const unit of units) counts[Math.floor(bucket(`salt-${salt}`, unit) * 100)]!++;
      expect(chiSquareEven(counts)).toBeLessThan(173.8); // CHECKS 20, DF 99
    }
  });

  it('shares match the weights', () => {
    const weights = [0.05, 0.15, 0.3, 0.5];
    const variants = weights.map((weight, i) => ({ key: `v${i}`, weight }));
    const all = createAssigner({ experiments: [experiment({ variants })], layers: [mainLayer] });
    const counts = new Map<string, number>();
    for (const unit of units) {
      const key = all.assignOne('ranker', unit, {}, START)!.variant!;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const statistic = variants.reduce((sum, { key, weight }) => {
      const expected = UNITS * weight;
      return sum + (counts.get(key)! - expected) ** 2 / expected;
    }, 0);
    expect(statistic).toBeLessThan(21.1); // CHECKS 1, DF 3
  });
});

describe('independence', () => {
  const variantsOf = (changes: Parameters<typeof experiment>[0], at = START) => {
    const all = createAssigner({ experiments: [experiment(changes)], layers: [mainLayer] });
    return units.map((unit) => all.assignOne(changes?.key ?? 'ranker', unit, {}, at)!.variant);
  };

  it('ten experiments on the same units tell nothing of one another', () => {
    const all = Array.from({ length: 10 }, (_, i) => variantsOf({ key: `ranker-${i}` }));
    let checks = 0;
    all.forEach((second, i) => {
      for (const first of all.slice(0, i)) {
        expect(chiSquareTable(first, second)).toBeLessThan(22.3); // CHECKS 45, DF 1
        checks++;
      }
    });
    expect(checks).toBe(45);
  });

  it('a new iteration is a new randomisation', () => {
    expect(chiSquareTable(variantsOf({}), variantsOf({ iteration: 2 }))).toBeLessThan(15.1); // CHECKS 1, DF 1
  });

  it('taking part in a ramp of 10 % says nothing of the variant', () => {
    const part = variantsOf({ ramp: [{ share: 0.1 }] }).map((variant) => (variant === null ? 'out' : 'in'));
    expect(chiSquareTable(part, variantsOf({}))).toBeLessThan(15.1); // CHECKS 1, DF 1
    expect(Math.abs(part.filter((side) => side === 'in').length - UNITS / 10)).toBeLessThan(
      3.9 * Math.sqrt(UNITS * 0.1 * 0.9), // normal, two-sided 1e-4
    );
  });

  it('the slice of the layer says nothing of the variant in it', () => {
    const half = variantsOf({ layer: { name: 'main', from: 0, to: 0.5 } }).map((v) =>
      v === null ? 'out' : 'in',
    );
    expect(chiSquareTable(half, variantsOf({}))).toBeLessThan(15.1); // CHECKS 1, DF 1
  });

  it('a statistic of two labellings that agree is huge, so the bounds above can fail', () => {
    const variants = variantsOf({}, START + DAY);
    expect(chiSquareTable(variants, variants)).toBeGreaterThan(UNITS / 2);
    expect(chiSquareEven([60, 40])).toBeCloseTo(4, 12);
  });
});
