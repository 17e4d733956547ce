import { describe, expect, test } from 'vitest';
import { PAIR_WIDTH } from '../../src/ranking/features.ts';
import { trainReRanker } from '../../src/ranking/train-re-ranker.ts';
import { predictTwoTower } from '../../src/ranking/two-tower-model.ts';
import { matchingProblem } from './tower-fixtures.ts';

describe('trainReRanker', () => {
  test('stays a model of numbers where one feature gives every label away', () => {
    const examples = matchingProblem(1600, 40, 1);
    const { labels, pairs, count } = examples;
    // In the slice that calibrates far more than elsewhere: as a probability in 32 bits it is exactly 0 or 1.
    for (let example = 0; example < count; example++)
      pairs[example * PAIR_WIDTH] = (labels[example] === 1 ? 1 : -1) * (example < 0.9 * count ? 1 : 1e4);
    const { twoTower, recalibration } = trainReRanker(examples, 1);
    expect(Number.isFinite(recalibration.slope)).toBe(true);
    expect(Number.isFinite(recalibration.intercept)).toBe(true);
    expect(predictTwoTower(twoTower, examples).every(Number.isFinite)).toBe(true);
  });
});
