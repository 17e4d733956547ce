import { describe, expect, it } from 'vitest';
import { fixedHorizon } from '../../src/analysis/estimate/effect.ts';
import { noveltyChange } from '../../src/analysis/novelty.ts';
import { centredOf } from '../../src/analysis/numbers/summation.ts';
import { reasonOf, shapeVectors } from './estimate/shape-vectors.ts';
import { expectNear } from './vectors.ts';

describe('novelty: change of the effect between periods', () => {
  it.each(shapeVectors.novelty)("equals Welch's test on the units' changes in scipy: $p", (expected) => {
    const [t, c] = expected.arms.map((rows) => centredOf([rows.map(([y]) => y), rows.map(([, x]) => x)]));
    const found = noveltyChange(t as never, c as never);
    if (!found.ok) throw new Error(found.reason);
    const { estimate, standardError, statistic, df } = found.value;
    expectNear(estimate, expected.estimate, 1e-9, expected.standardError);
    expectNear(standardError, expected.standardError);
    expectNear(statistic as number, expected.statistic, 1e-9, 1);
    expectNear(fixedHorizon(df).p(statistic as number), expected.p, 1e-6);
  });

  it('refuses units that all change alike', () => {
    const arm = centredOf([
      [2.1, 3.1, 5.1],
      [1.1, 2.1, 4.1],
    ]);
    expect(reasonOf(noveltyChange(arm, arm))).toMatch(/neither arm varies/);
  });
});
