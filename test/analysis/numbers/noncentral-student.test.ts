import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalTail, studentTail } from '../../../src/analysis/numbers/distributions.ts';
import { noncentralStudentTail } from '../../../src/analysis/numbers/noncentral-student.ts';
import { expectNear } from '../vectors.ts';

const { tails }: { tails: readonly { t: number; df: number; ncp: number; p: number }[] } = JSON.parse(
  readFileSync(new URL('../../cases/noncentral.json', import.meta.url), 'utf8'),
);

describe('noncentral t', () => {
  it.each(tails)('P(T > $t), df $df, noncentrality $ncp', ({ t, df, ncp, p }) =>
    expectNear(noncentralStudentTail(t, df, ncp), p, 1e-11),
  );

  it.each([1, 4.5, 60, 3e4, 2e7])('is the central t at noncentrality 0, df %d', (df) => {
    for (const t of [-3, -0.2, 0.7, 2, 8])
      expectNear(noncentralStudentTail(t, df, 0), studentTail(t, df), 1e-10);
  });

  it('is the shifted normal for many degrees of freedom, and its tails sum to 1', () => {
    expectNear(noncentralStudentTail(1.96, 1e11, 2.8), normalTail(1.96 - 2.8), 1e-9);
    expectNear(noncentralStudentTail(1.96, 5e13, 2.8), normalTail(1.96 - 2.8), 1e-12);
    for (const [t, df, ncp] of [
      [2, 5, 3],
      [-1, 70, 0.4],
      [30, 9, 25],
    ] as const)
      expect(noncentralStudentTail(t, df, ncp) + noncentralStudentTail(-t, df, -ncp)).toBeCloseTo(1, 12);
  });
});
