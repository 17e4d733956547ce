import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestRows } from '../../src/ranking/best-rows.ts';

test('the rows of a full sort, without those that are not positive', () => {
  const scores = fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 60 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 20 }), (values, count) => {
      const sorted = values
        .map((_, row) => row)
        .filter((row) => values[row]! > 0)
        .sort((a, b) => values[b]! - values[a]! || a - b);
      expect([...bestRows(values, count)]).toEqual(sorted.slice(0, count));
    }),
  );
});
