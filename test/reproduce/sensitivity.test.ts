import { describe, expect, test } from 'vitest';
import { type BothWays, neededUsers } from '../../src/reproduce/sensitivity/needed-users.ts';
import { sensitivityOf } from '../../src/reproduce/sensitivity/sensitivity-of.ts';
import { sensitivityView } from '../../src/reproduce/sensitivity/sensitivity-view.ts';
import { normal, uniform } from '../../src/simulation/random.ts';

const VIEWERS = 4_000;
const QUESTION = { alpha: 0.05, power: 0.95 };
const ALL = Int32Array.from({ length: VIEWERS }, (_, row) => row);

/** Hours of mean 10 and deviation 4, a lift of 5 %; two thirds of the viewers decide, 60 % of them for the second. */
function world(lift: number, preferred = 0.6): BothWays {
  const column = (of: (row: number) => number) => Float64Array.from({ length: VIEWERS }, (_, row) => of(row));
  const arm = (times: number, turn: number) => ({
    clicks: column((row) => 20 * times + 3 * normal(1, row, turn, 1)),
    viewed: column(() => 100),
    hours: column((row) => 10 * times + 4 * normal(1, row, turn, 2)),
  });
  return {
    control: arm(1, 0),
    treatment: arm(1 + lift, 1),
    credit: column((row) => (uniform(1, row, 0, 3) > 2 / 3 ? 0 : uniform(1, row, 0, 4) < preferred ? 1 : -1)),
  };
}

describe('users needed', () => {
  test('are those of the planner and of the sign test', () => {
    const sizes = neededUsers(world(0.05), ALL, QUESTION);
    expect(sizes.effects[1]).toBeCloseTo(0.05, 1);
    // 4 (1.96 + 1.645)^2 sd^2 / difference^2, of what was drawn: 3,327 for a difference of exactly 0.5 h.
    const difference = 10 * sizes.effects[1]!;
    expect(sizes.tests[1]! / ((4 * 12.9947 * 16) / difference ** 2)).toBeCloseTo(1, 1);
    expect(sizes.decided).toBeCloseTo(2 / 3, 1);
    expect(sizes.preferred).toBeCloseTo(0.6, 1);
  });

  test('are without end where nothing differs the way it was found to', () => {
    const found = neededUsers(world(0.05), ALL, QUESTION);
    const turned = neededUsers(world(0.05), ALL, QUESTION, {
      effects: found.effects.map((e) => -e),
      preferred: 0.4,
    });
    expect(turned.tests).toEqual([Infinity, Infinity]);
    expect(turned.interleaving).toBe(Infinity);
  });

  test('have an error that holds what more viewers would have shown', () => {
    const row = sensitivityOf('pbm', world(0.05), QUESTION, 200, 1);
    const [, hours] = row.tests;
    for (const { users, low, high } of [hours!.needed, hours!.ratio, row.interleaving.needed]) {
      expect(low!).toBeLessThan(users!);
      expect(high!).toBeGreaterThan(users!);
    }
    // ((1.96 / 2 + 1.645 x 0.49) / 0.1)^2 / (2 / 3) = 479 viewers, 3,327 users: 6.9 times as many.
    expect(row.interleaving.needed.low!).toBeLessThan(479);
    expect(row.interleaving.needed.high!).toBeGreaterThan(479);
    expect(hours!.ratio.low!).toBeLessThan(6.9);
    expect(hours!.ratio.high!).toBeGreaterThan(6.9);
    expect(sensitivityOf('pbm', world(0.05), QUESTION, 200, 1)).toEqual(row);
  });

  test('are open where the effect may be chance, and the table says so', () => {
    const row = sensitivityOf('pbm', world(0), QUESTION, 200, 1);
    expect(row.tests[1]!.needed.high).toBeNull();
    const view = sensitivityView({
      control: 'hybrid',
      treatment: 'reranked',
      viewers: VIEWERS,
      days: 7,
      ...QUESTION,
      resamples: 200,
      rows: [row],
    });
    expect(view.rows).toHaveLength(2);
    for (const cells of view.rows) expect(cells).toHaveLength(view.head.length);
    expect(view.rows[1]!.join()).toContain('open');
  });
});
