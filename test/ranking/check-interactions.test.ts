import { describe, expect, test } from 'vitest';
import { trainEase } from '../../src/ranking/ease.ts';
import { foldIn } from '../../src/ranking/fold-in.ts';
import { type IalsParameters, trainIals } from '../../src/ranking/ials.ts';
import { trainItemKnn } from '../../src/ranking/item-knn.ts';
import { interactionsOf } from './fixtures.ts';

const good = interactionsOf([
  [0, 0],
  [0, 1],
  [2, 1],
]);

describe.each([
  ['iALS', trainIals],
  ['item-kNN', trainItemKnn],
  ['EASE', trainEase],
] as const)('%s', (_, train) => {
  test.each([
    [
      'a NaN weight',
      [1, 1, Number.NaN],
      'interaction 1 (user row 1, title row 1): its weight is NaN; a weight is a finite number, 0 or more',
    ],
    ['a negative weight', [1, 1, -0.5], 'interaction 1 (user row 1, title row 1): its weight is -0.5'],
    ['an endless weight', [1, 1, Number.POSITIVE_INFINITY], 'its weight is Infinity'],
    [
      'a title that is not there',
      [1, 5, 1],
      'interaction 1 (user row 1, title row 5): there are 3 titles; leave out what the catalogue does not have',
    ],
    ['a title before the first', [1, -1, 1], 'title row -1): there are 3 titles'],
    ['a user that is not there', [9, 1, 1], 'interaction 1 (user row 9, title row 1): there are 2 users'],
  ] as const)('refuses %s', (_, row, message) => {
    const data = interactionsOf([[0, 0], row], 2);
    expect(() => train(data, 3)).toThrow(message);
  });

  test('takes rows without entries on both sides', () => {
    const model = train(good, 5);
    const numbers = 'items' in model ? model.items : 'weights' in model ? model.weights : model.similarities;
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.every(Number.isFinite)).toBe(true);
  });
});

describe('parameters out of their range are refused by name', () => {
  test.each([
    [{ factors: 0 }, 'iALS: factors is 0; it is a whole number from 1 to 1024'],
    [{ factors: 2.5 }, 'iALS: factors is 2.5; it is a whole number'],
    [{ iterations: 0 }, 'iALS: iterations is 0'],
    [{ regularisation: 0 }, 'iALS: regularisation is 0; it is a number above 0'],
    [{ regularisation: Number.NaN }, 'iALS: regularisation is NaN'],
    [{ alpha: -1 }, 'iALS: alpha is -1; it is a number above 0'],
    [{ nu: 1.5 }, 'iALS: nu is 1.5; it is a number from 0 to 1'],
    [{ least: -1 }, 'iALS: least is -1'],
    [{ steps: 0 }, 'iALS: steps is 0'],
    [{ seed: -1 }, 'iALS: seed is -1'],
  ] as const)('%o', (parameters: Partial<IalsParameters>, message) => {
    expect(() => trainIals(good, 3, parameters)).toThrow(message);
  });

  test.each([
    [{ neighbours: 0 }, 'item-kNN: neighbours is 0; it is a whole number from 1 to 10000'],
    [{ shrink: -1 }, 'item-kNN: shrink is -1'],
    [{ least: Number.NaN }, 'item-kNN: least is NaN'],
  ])('%o', (parameters, message) => {
    expect(() => trainItemKnn(good, 3, parameters)).toThrow(message);
  });

  test.each([
    [{ lambda: 0 }, 'EASE: lambda is 0; it is a number above 0'],
    [{ lambda: Number.POSITIVE_INFINITY }, 'EASE: lambda is Infinity'],
    [{ least: -1 }, 'EASE: least is -1'],
  ])('%o', (parameters, message) => {
    expect(() => trainEase(good, 3, parameters)).toThrow(message);
  });
});

describe('what iALS counts', () => {
  const train = (rows: Parameters<typeof interactionsOf>[0], parameters: Partial<IalsParameters>) =>
    trainIals(interactionsOf(rows, 3), 3, { factors: 4, ...parameters });

  test('a weight of 0 is no interaction', () => {
    const rows = [
      [0, 0],
      [1, 1],
      [2, 0],
    ] as const;
    expect(train([...rows, [1, 2, 0]], {})).toEqual(train(rows, {}));
  });

  test('below the least weight nothing counts, above it binary ones count alike, in training and in a fold-in', () => {
    const rows = [
      [0, 0, 0.9],
      [1, 1, 0.8],
      [2, 0, 1],
      [1, 2, 0.2],
    ] as const;
    const model = train(rows, { least: 0.5, binary: true });
    const ones = train(
      [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
      {},
    );
    expect(model.items).toEqual(ones.items);
    expect(foldIn(model, [0, 1], [0.7, 0.4])).toEqual(foldIn(ones, [0], [1]));
  });

  test.each([0, 0.5, 1])('the penalty grows with confidence to the power of %d', (nu) => {
    const model = train(
      [
        [0, 0],
        [0, 1],
        [1, 1],
        [2, 0],
      ],
      { nu, alpha: 2, regularisation: 0.3 },
    );
    const x = foldIn(model, [0, 1], [1, 0.5]);
    const penalty = 0.3 * (3 + 2 * 1.5) ** nu;
    const item = (title: number, f: number): number => model.items[title * 4 + f]!;
    for (let f = 0; f < 4; f++) {
      let left = penalty * x[f]!;
      for (let title = 0; title < 3; title++) {
        const confidence = [3, 2, 1][title]!;
        const product = x.reduce((sum, value, g) => sum + value * item(title, g), 0);
        left += confidence * product * item(title, f);
      }
      expect(left).toBeCloseTo(2 * item(0, f) + item(1, f), 5);
    }
  });
});
