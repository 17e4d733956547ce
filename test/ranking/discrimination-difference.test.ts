import { expect, test } from 'vitest';
import { auc, logLoss } from '../../src/ranking/discrimination.ts';
import { discriminationDifference } from '../../src/ranking/discrimination-difference.ts';
import { generator, normal } from '../../src/ranking/generator.ts';

const GROUPS = 300;
const SIZE = 8;

/** Examples in groups of which each has its own share of positives, and scores that know the label by so much. */
function problem(seed: number, knowing: number) {
  const random = generator(seed);
  const groups = Int32Array.from({ length: GROUPS * SIZE }, (_, i) => Math.floor(i / SIZE));
  const shares = Float64Array.from({ length: GROUPS }, () => 0.1 + 0.5 * random());
  const labels = Uint8Array.from(groups, (group) => (random() < shares[group]! ? 1 : 0));
  // Rounded, so that there are ties.
  const scores = Array.from(labels, (label) => {
    const score = 1 / (1 + Math.exp(0.8 - knowing * label - normal(random)));
    return Math.min(0.99, Math.max(0.01, Math.round(100 * score) / 100));
  });
  return { groups, labels, scores };
}

test('differences are those of the plain measures', () => {
  const { groups, labels, scores } = problem(1, 1);
  const other = problem(2, 0.4).scores;
  const found = discriminationDifference(scores, other, labels, groups, 1);
  expect(found.auc.value).toBeCloseTo(auc(scores, labels) - auc(other, labels), 12);
  expect(found.logLoss.value).toBeCloseTo(logLoss(scores, labels) - logLoss(other, labels), 12);
});

test('a scorer is no better than itself', () => {
  const { groups, labels, scores } = problem(3, 1);
  const found = discriminationDifference(scores, scores, labels, groups, 1);
  expect(found.auc).toEqual({ value: 0, interval: [0, 0] });
  expect(found.logLoss).toEqual({ value: 0, interval: [0, 0] });
});

test('intervals are as wide as the spread over fresh draws', () => {
  const differences: number[] = [];
  const widths: number[] = [];
  for (let draw = 0; draw < 60; draw++) {
    const { groups, labels, scores } = problem(10 + draw, 1);
    const random = generator(draw);
    const noisy = scores.map((score) => Math.min(0.99, Math.max(0.01, score + 0.15 * normal(random))));
    const { auc: found } = discriminationDifference(scores, noisy, labels, groups, 1);
    differences.push(found.value);
    widths.push(found.interval[1] - found.interval[0]);
  }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(differences);
  const deviation = Math.sqrt(mean(differences.map((value) => (value - middle) ** 2)));
  // A standard deviation of 60 draws is known to within 9 %, three of which are allowed.
  expect(mean(widths) / (2 * 1.96 * deviation)).toBeGreaterThan(0.73);
  expect(mean(widths) / (2 * 1.96 * deviation)).toBeLessThan(1.35);
});

test('a scorer that gave no numbers has no area, and the sum ends', () => {
  const labels = Uint8Array.of(0, 1, 0, 1);
  const broken = [Number.NaN, 0.4, Number.NaN, 0.2];
  expect(auc(broken, labels)).toBeNaN();
  const { auc: area } = discriminationDifference(
    broken,
    [0.1, 0.2, 0.3, 0.4],
    labels,
    Int32Array.of(0, 0, 1, 1),
    1,
  );
  expect(area.value).toBeNaN();
});
