import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestRows, sortedRows } from '../../src/ranking/best-rows.ts';

const few = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
const close = fc.array(
  fc.float({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  { maxLength: 60 },
);
const scores = fc.oneof(few, close).map((values) => Float32Array.from(values));

test('the best rows are those of a full sort that are positive', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 20 }), (values, count) => {
      const sorted = [...values.keys()]
        .filter((row) => values[row]! > 0)
        .sort((a, b) => values[b]! - values[a]! || a - b);
      expect([...bestRows(values, count)]).toEqual(sorted.slice(0, count));
    }),
  );
});

test('all rows are in the order of their scores, equals in the given order', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 59 }), (values, turn) => {
      const { length } = values;
      const ties = Int32Array.from(values, (_, place) => (length - 1 - place + turn) % length);
      const place = new Map([...ties].map((row, at) => [row, at]));
      const sorted = [...ties].sort((a, b) => values[b]! - values[a]! || place.get(a)! - place.get(b)!);
      expect([...sortedRows(values, ties)]).toEqual(sorted);
    }),
  );
});
