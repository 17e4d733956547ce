import { describe, expect, test } from 'vitest';
import { auc, logLoss } from '../../src/ranking/discrimination.ts';
import { predictLogistic, trainLogistic } from '../../src/ranking/logistic.ts';

describe('trainLogistic', () => {
  const features = Float32Array.of(0, 1, 1, 0, 2, 1, 3, -1, 4, 0.5, 5, 2, 1, 1, 4, -2);
  const labels = Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 0);

  // python3: scipy.optimize.minimize(lambda b: np.sum(np.logaddexp(0, -(2*y-1) * (X@b[:2]+b[2]))) + 0.5*b[:2]@b[:2],
  //   np.zeros(3), method='BFGS', options={'gtol': 1e-10}).x
  test('finds the optimum that scipy finds', () => {
    const model = trainLogistic(features, labels, 2, 1);
    expect(model.weights[0]).toBeCloseTo(0.59032719, 5);
    expect(model.weights[1]).toBeCloseTo(0.48531862, 5);
    expect(model.intercept).toBeCloseTo(-1.54797672, 5);
    const first = predictLogistic(model, features)[0]!;
    expect(first).toBeCloseTo(1 / (1 + Math.exp(1.54797672 - 0.48531862)), 6);
  });

  test.each<[string, number[], number[]]>([
    ['separable', [-2, -1, 1, 2], [0, 0, 1, 1]],
    ['constant', [3, 3, 3, 3], [0, 1, 0, 1]],
    ['one class', [1, 2, 3, 4], [1, 1, 1, 1]],
  ])('%s data yield finite weights', (_, values, classes) => {
    const model = trainLogistic(Float32Array.from(values), Uint8Array.from(classes), 1);
    expect(Number.isFinite(model.weights[0]!) && Number.isFinite(model.intercept)).toBe(true);
  });
});

describe('discrimination', () => {
  // python3: np.mean([(a>b)+.5*(a==b) for a in s[l==1] for b in s[l==0]]); -np.mean(np.where(l==1, np.log(s), np.log(1-s)))
  const scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9];
  const labels = [0, 0, 1, 1, 1, 0];

  test.each<[string, number[], number[], number]>([
    ['with a tie', scores, labels, 0.5],
    ['perfect', [0.1, 0.2, 0.3], [0, 0, 1], 1],
    ['inverted', [0.3, 0.2, 0.1], [0, 0, 1], 0],
    ['constant', [1, 1, 1, 1], [0, 1, 0, 1], 0.5],
  ])('AUC %s', (_, values, classes, expected) => expect(auc(values, classes)).toBeCloseTo(expected, 12));

  test('AUC of one class has no value', () => expect(auc([1, 2], [1, 1])).toBeNaN());

  test('log loss', () => {
    expect(logLoss(scores, labels)).toBeCloseTo(0.8513379400174843, 12);
    expect(logLoss([0, 1], [1, 0])).toBeCloseTo(-Math.log(1e-7), 6);
  });
});
