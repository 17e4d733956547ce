import { describe, expect, it } from 'vitest';
import { createOpenTitles } from '../../src/ranking/diversity.ts';
import { createPlackettLuce, drawSlot, slotPropensity } from '../../src/ranking/exploration.ts';
import cases from '../cases/fill.json' with { type: 'json' };

describe('createPlackettLuce', () => {
  it.each(cases.plackettLuce.map((one, i) => [i, one] as const))(
    'has the propensities that scipy has, case %i',
    (_, { scores, primaryGenre, genreCap, temperature, titles, logPropensities }) => {
      const lottery = createPlackettLuce();
      const rows = Int32Array.from(scores, (_, title) => title);
      const open = createOpenTitles()(
        rows,
        Float32Array.from(scores),
        scores.length,
        Uint8Array.from(primaryGenre),
        genreCap ?? Number.POSITIVE_INFINITY,
      );
      titles.forEach((title, slot) => {
        const weights = Array.from(open.keys.subarray(0, scores.length), (key) =>
          Math.exp((key - open.keys[open.best()]!) / temperature),
        );
        const sum = weights.reduce((a, b) => a + b, 0);
        const below = weights.slice(0, title).reduce((a, b) => a + b, 0);
        // The number that falls into the middle of the title's share.
        const numbers = [(below + weights[title]! / 2) / sum, 0];
        const top = open.keys[open.best()]!;
        const drawn = lottery.draw(open.keys, scores.length, top, temperature, () => numbers.shift()!);
        expect(drawn).toBe(title);
        expect(Math.log(lottery.propensity)).toBeCloseTo(logPropensities[slot]!, 10);
        open.take(title);
      });
    },
  );

  it.each([0, 0.25, 0.999999, 1 - 2 ** -32])('draws an open title whatever number comes: %d', (number) => {
    const keys = Float64Array.of(Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 0.5, -1e6);
    const drawn = createPlackettLuce().draw(keys, 5, 1, 0.5, () => number);
    expect([1, 3]).toContain(drawn);
  });
});

describe('a share that explores', () => {
  it.each([
    [true, 10, 0.2, 0.82],
    [false, 10, 0.2, 0.02],
    [true, 1, 0.2, 1],
    [true, 4, 0, 1],
    [false, 4, 1, 0.25],
  ])('best %s of %d, share %d: %d', (isBest, feasible, explore, expected) => {
    expect(slotPropensity(isBest, feasible, explore)).toBeCloseTo(expected, 12);
  });

  it('draws no number without exploration', () => {
    const never = () => {
      throw new Error('drawn');
    };
    expect(drawSlot(5, 0, never)).toBe(-1);
  });
});
