import { expect, test } from 'vitest';
import type { Slate } from '../../src/variants/stage.ts';
import { teamCredit } from '../../src/variants/team-credit.ts';

const slate: Slate = {
  titles: Int32Array.of(7, 3, 9, 4),
  teams: Uint8Array.of(0, 1, 1, 255),
  scores: new Float32Array(4),
  sources: new Uint8Array(4),
  propensities: new Float32Array(4),
  because: new Int32Array(4),
};

test.each([
  [[], 0],
  [[7], -1],
  [[3, 9], 2],
  [[7, 3], 0],
  [[9, 9, 9], 1],
  [[4], 0],
  [[100], 0],
])('clicks on %o: %i', (clicked, credit) => {
  expect(teamCredit(slate, clicked)).toBe(credit);
});

test('a list of one ranker credits nobody', () => {
  const { teams: _, ...plain } = slate;
  expect(teamCredit(plain, [7, 3])).toBe(0);
});
