import { describe, expect, test } from 'vitest';
import { calibrationLine, calibrationOf } from '../../src/ranking/calibration.ts';
import vectors from '../cases/calibration.json' with { type: 'json' };

describe.each(vectors.cases)('scores that are $name, beside scikit-learn', (expected) => {
  const labels = Uint8Array.from(expected.labels);
  const found = calibrationOf(expected.scores, labels);

  test('lie in the same bins, with Wilson intervals', () => {
    expect(found.bins).toHaveLength(expected.bins.length);
    found.bins.forEach((bin, place) => {
      const other = expected.bins[place]!;
      expect(bin.count).toBe(other.count);
      expect(bin.predicted).toBeCloseTo(other.predicted, 5);
      expect(bin.observed).toBeCloseTo(other.observed, 10);
      bin.interval.forEach((end, side) => {
        expect(end).toBeCloseTo(other.interval[side]!, 8);
      });
    });
    expect(found.expectedError).toBeCloseTo(expected.expectedError, 5);
  });

  test('have the same line', () => {
    expect(found.slope).toBeCloseTo(expected.slope, 3);
    expect(found.intercept).toBeCloseTo(expected.intercept, 3);
  });

  test('are calibrated once they are turned by it', () => {
    const { slope, intercept } = found;
    const turned = Float32Array.from(
      expected.scores,
      (p) => 1 / (1 + Math.exp(-(intercept + slope * Math.log(p / (1 - p))))),
    );
    const again = calibrationOf(turned, labels);
    expect(again.slope).toBeCloseTo(1, 3);
    expect(again.intercept).toBeCloseTo(0, 3);
  });
});

test('perfectly told classes have a finite line', () => {
  const { slope, intercept } = calibrationLine(Float32Array.of(-2, -1, 1, 2), Uint8Array.of(0, 0, 1, 1));
  expect(slope).toBeGreaterThan(1);
  expect(Number.isFinite(slope) && Number.isFinite(intercept)).toBe(true);
});
