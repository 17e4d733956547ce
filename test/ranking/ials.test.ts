import { describe, expect, test } from 'vitest';
import { foldIn } from '../../src/ranking/fold-in.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { interactionsOf, twoCommunities } from './fixtures.ts';

const TITLES = 40;
const interactions = twoCommunities(60, TITLES, generator(5));
const small = { factors: 8, iterations: 10, alpha: 5, regularisation: 0.01, seed: 3 };

function scores(model: ReturnType<typeof trainIals>, vector: Float32Array): number[] {
  return Array.from({ length: model.items.length / model.factors }, (_, title) =>
    vector.reduce((sum, value, f) => sum + value * model.items[title * model.factors + f]!, 0),
  );
}

/** The loss of the docstring, user vectors solved exactly. */
function loss(model: ReturnType<typeof trainIals>, data = interactions): number {
  const users = Array.from({ length: data.userCount }, (_, user) => {
    const own = [...data.users.keys()].filter((entry) => data.users[entry] === user);
    return foldIn(
      model,
      own.map((entry) => data.titles[entry]!),
      own.map((entry) => data.weights[entry]!),
    );
  });
  let sum = 0;
  const confidence = {
    user: new Float64Array(data.userCount).fill(TITLES),
    title: new Float64Array(TITLES).fill(data.userCount),
  };
  for (let entry = 0; entry < data.count; entry++) {
    const weight = model.alpha * data.weights[entry]!;
    confidence.user[data.users[entry]!]! += weight;
    confidence.title[data.titles[entry]!]! += weight;
    sum += weight * (1 - scores(model, users[data.users[entry]!]!)[data.titles[entry]!]!) ** 2;
  }
  const lambda = model.regularisation / TITLES;
  users.forEach((user, row) => {
    for (const score of scores(model, user)) sum += score ** 2;
    for (const value of user) sum += lambda * confidence.user[row]! * value ** 2;
  });
  model.items.forEach((value, index) => {
    sum += lambda * confidence.title[Math.floor(index / model.factors)]! * value ** 2;
  });
  return sum;
}

describe('trainIals', () => {
  test('the same seed gives the same model, another seed another one', () => {
    const first = trainIals(interactions, TITLES, small);
    expect(trainIals(interactions, TITLES, small).items).toEqual(first.items);
    expect(trainIals(interactions, TITLES, { ...small, seed: 4 }).items).not.toEqual(first.items);
  });

  test('the loss falls with iterations and settles', () => {
    const lossAfter = (iterations: number) =>
      loss(trainIals(interactions, TITLES, { ...small, iterations, steps: 8 }));
    const [one, five, forty, fifty] = [lossAfter(1), lossAfter(5), lossAfter(40), lossAfter(50)];
    expect(five).toBeLessThan(one);
    expect(forty).toBeLessThanOrEqual(five);
    expect(Math.abs(fifty - forty) / forty).toBeLessThan(1e-3);
  });

  test('a title of the own community scores above every one of the other', () => {
    const model = trainIals(interactions, TITLES, { ...small, factors: 2 });
    const ranked = scores(model, foldIn(model, [0, 2, 4], [1, 1, 1]));
    const even = ranked.filter((_, title) => title % 2 === 0);
    const odd = ranked.filter((_, title) => title % 2 === 1);
    expect(Math.min(...even)).toBeGreaterThan(Math.max(...odd));
  });

  test('duplicate interactions equal one of the summed weight', () => {
    const twice = trainIals(
      interactionsOf([
        [0, 0, 0.25],
        [0, 0, 0.75],
        [1, 1],
        [1, 0],
      ]),
      2,
      small,
    );
    const once = trainIals(
      interactionsOf([
        [0, 0, 1],
        [1, 1],
        [1, 0],
      ]),
      2,
      small,
    );
    twice.items.forEach((value, index) => {
      expect(value).toBeCloseTo(once.items[index]!, 5);
    });
  });

  test('a title without watches is the zero vector, and nothing at all is no error', () => {
    const model = trainIals(interactionsOf([[0, 0]]), 2, small);
    expect([...model.items.subarray(8)]).toEqual(new Array(8).fill(0));
    expect(trainIals(interactionsOf([]), 2, small).items.every((value) => value === 0)).toBe(true);
  });

  test('beginning from a model, one iteration keeps its quality', () => {
    const full = trainIals(interactions, TITLES, { ...small, iterations: 30, steps: 8 });
    const refit = trainIals(interactions, TITLES, { ...small, iterations: 1 }, undefined, full);
    expect(loss(refit)).toBeLessThan(loss(full) * 1.001);
  });
});

describe('foldIn', () => {
  const model = trainIals(interactions, TITLES, small);

  // Independent check: the normal equations hold at the solution.
  test('solves the normal equations of the user', () => {
    const titles = [0, 2, 2, 7];
    const weights = [1, 0.5, 0.25, 2];
    const x = foldIn(model, titles, weights);
    const sum = weights.reduce((total, weight) => total + model.alpha * weight, 0);
    const item = (title: number, f: number): number => model.items[title * 8 + f]!;
    for (let f = 0; f < 8; f++) {
      let left = model.regularisation * (1 + sum / TITLES) * x[f]!;
      let right = 0;
      for (let g = 0; g < 8; g++) {
        for (let title = 0; title < TITLES; title++) left += item(title, f) * item(title, g) * x[g]!;
        titles.forEach((title, entry) => {
          left += model.alpha * weights[entry]! * item(title, f) * item(title, g) * x[g]!;
        });
      }
      titles.forEach((title, entry) => {
        right += model.alpha * weights[entry]! * item(title, f);
      });
      expect(left).toBeCloseTo(right, 4);
    }
  });

  test.each([
    ['no history', [], []],
    ['a title unknown to the model', [TITLES, -1], [1, 1]],
  ])('%s gives the zero vector', (_, titles, weights) => {
    expect(foldIn(model, titles, weights)).toEqual(new Float32Array(8));
  });
});
