import { describe, expect, it } from 'vitest';
import { auc, logLoss } from '../../src/ranking/discrimination.ts';
import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import { generator } from '../../src/ranking/generator.ts';
import { predictLogistic, trainLogistic } from '../../src/ranking/logistic.ts';
import { FLAT_WIDTH, flatFeatures, sliceExamples } from '../../src/ranking/tower-examples.ts';
import { TWO_TOWER_DEFAULTS, trainTwoTower } from '../../src/ranking/two-tower.ts';
import { accumulate, createGradients } from '../../src/ranking/two-tower-gradient.ts';
import {
  createTape,
  createTwoTower,
  predictTwoTower,
  readExample,
  recalibrated,
  type TwoTower,
  withoutTower,
} from '../../src/ranking/two-tower-model.ts';
import { matchingProblem } from './tower-fixtures.ts';

describe('gradients', () => {
  const examples = matchingProblem(24, 10, 5);
  const shape = { ...TWO_TOWER_DEFAULTS, dims: 4, hidden: 6, idDims: 3, headHidden: 5 };
  const random = generator(3);
  const model = createTwoTower(examples, shape, random);
  for (let i = 0; i < model.embeddings.length; i++) model.embeddings[i] = random() - 0.5;
  for (const part of [model.user, model.item, model.head])
    for (const layer of part) for (let o = 0; o < layer.outputs; o++) layer.bias[o] = random() - 0.3;
  for (let i = 0; i < model.head[1].weights.length; i++) model.head[1].weights[i] = random() - 0.5;
  for (const part of [model.wide.user, model.wide.item, model.wide.pair])
    for (let i = 0; i < part.length; i++) part[i] = 0.2 * (random() - 0.5);
  const gradients = createGradients(model);
  const tape = createTape(model);
  const loss = (): number => {
    let sum = 0;
    for (let i = 0; i < examples.count; i++) {
      readExample(tape, model, examples, i);
      sum += accumulate(tape, model, createGradients(model), examples.labels[i]!);
    }
    return sum;
  };
  for (let i = 0; i < examples.count; i++) {
    readExample(tape, model, examples, i);
    accumulate(tape, model, gradients, examples.labels[i]!);
  }

  it.each([
    ['user hidden', model.user[0].weights, gradients.user[0].weights],
    ['user hidden bias', model.user[0].bias, gradients.user[0].bias],
    ['user vector', model.user[1].weights, gradients.user[1].weights],
    ['item hidden', model.item[0].weights, gradients.item[0].weights],
    ['item vector', model.item[1].weights, gradients.item[1].weights],
    ['item vector bias', model.item[1].bias, gradients.item[1].bias],
    ['head hidden', model.head[0].weights, gradients.head[0].weights],
    ['head', model.head[1].weights, gradients.head[1].weights],
    ['head bias', model.head[1].bias, gradients.head[1].bias],
    ['id embeddings', model.embeddings, gradients.embeddings],
    ['wide user', model.wide.user, gradients.wide.user],
    ['wide item', model.wide.item, gradients.wide.item],
    ['wide pair', model.wide.pair, gradients.wide.pair],
  ])('of %s are those of finite differences', (_, values, gradient) => {
    const pick = generator(11);
    for (let trial = 0; trial < Math.min(12, values.length); trial++) {
      const at = Math.floor(pick() * values.length);
      const held = values[at]!;
      // The weights are 32-bit: what counts is how far they really moved.
      values[at] = held + 1e-4;
      const [above, high] = [values[at]!, loss()];
      values[at] = held - 1e-4;
      const [below, low] = [values[at]!, loss()];
      values[at] = held;
      expect((high - low) / (above - below)).toBeCloseTo(gradient[at]!, 5);
    }
  });
});

describe('trainTwoTower', () => {
  const problem = matchingProblem(40_000, 500, 7);
  const train = sliceExamples(problem, 0, 32_000);
  const later = sliceExamples(problem, 32_000, 40_000);
  const losses: number[] = [];
  const model = trainTwoTower(train, { epochs: 4 }, (_, loss) => losses.push(loss));
  const predicted = predictTwoTower(model, later);
  const reached = auc(predicted, later.labels);

  it('lowers its loss from epoch to epoch', () => {
    expect(losses).toHaveLength(4);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('beats logistic regression on the same features, on a later slice', () => {
    const width = USER_WIDTH + ITEM_WIDTH + PAIR_WIDTH;
    const logistic = trainLogistic(flatFeatures(train), train.labels, width);
    const baseline = predictLogistic(logistic, flatFeatures(later));
    expect(reached).toBeGreaterThan(auc(baseline, later.labels) + 0.08);
    expect(logLoss(predicted, later.labels)).toBeLessThan(logLoss(baseline, later.labels) - 0.03);
  });

  it.each(['user', 'item'] as const)('is worse without its %s tower', (tower) => {
    const silent = predictTwoTower(withoutTower(model, tower), later);
    expect(auc(silent, later.labels)).toBeLessThan(reached - 0.08);
  });

  it('predicts probabilities that are calibrated', () => {
    const mean = predicted.reduce((sum, p) => sum + p, 0) / later.count;
    const share = later.labels.reduce((sum, label) => sum + label, 0) / later.count;
    // Three standard errors of a share of 8,000.
    expect(Math.abs(mean - share)).toBeLessThan(3 * Math.sqrt((share * (1 - share)) / later.count) + 0.01);
  });

  describe('beside a wide part', () => {
    const wide = trainLogistic(flatFeatures(train), train.labels, FLAT_WIDTH);
    const linear = predictLogistic(wide, flatFeatures(later));

    it('begins as its logistic regression', () => {
      const untrained = createTwoTower(train, TWO_TOWER_DEFAULTS, generator(1), wide);
      predictTwoTower(untrained, later).forEach((p, i) => {
        expect(p).toBeCloseTo(linear[i]!, 5);
      });
    });

    it.each([1, 2, 3])('is better than it with seed %i', (seed) => {
      const both = predictTwoTower(trainTwoTower(train, { wide, seed, epochs: 2 }), later);
      expect(auc(both, later.labels)).toBeGreaterThan(auc(linear, later.labels) + 0.08);
    });

    it('loses what was said of a side with that side alone', () => {
      const model = createTwoTower(train, TWO_TOWER_DEFAULTS, generator(1), wide);
      const without = (tower: 'user' | 'item') => withoutTower(model, tower).wide;
      expect(without('user').user.every((weight) => weight === 0)).toBe(true);
      expect(without('user').item).toEqual(model.wide.item);
      expect(without('item').item.every((weight) => weight === 0)).toBe(true);
      expect(without('item').user).toEqual(model.wide.user);
    });
  });

  it('is that of the epoch that is best on later examples', () => {
    // So few examples are soon known by heart.
    const few = sliceExamples(problem, 0, 1500);
    const settings = { seed: 1, epochs: 12, learningRate: 0.01, l2: 0, idL2: 0 };
    const lossOf = (model: TwoTower) => logLoss(predictTwoTower(model, later), later.labels);
    const stopped = lossOf(trainTwoTower(few, { ...settings, validation: later }));
    expect(stopped).toBeLessThan(lossOf(trainTwoTower(few, settings)) - 0.01);
    expect(stopped).toBeLessThanOrEqual(lossOf(trainTwoTower(few, { ...settings, epochs: 1 })) + 0.02);
  });

  it('gives a pair feature that never varied no say', () => {
    const dead = train.pairs.map((value, i) => (i % PAIR_WIDTH === 3 ? 7 : value));
    const alive = trainTwoTower({ ...train, pairs: dead }, { epochs: 1 });
    const before = predictTwoTower(alive, {
      ...later,
      pairs: later.pairs.map((v, i) => (i % PAIR_WIDTH === 3 ? 7 : v)),
    });
    const after = predictTwoTower(alive, {
      ...later,
      pairs: later.pairs.map((v, i) => (i % PAIR_WIDTH === 3 ? -50 : v)),
    });
    expect(after).toEqual(before);
  });

  it('recalibrates every logit by one line', () => {
    const line = { slope: 0.6, intercept: -0.3 };
    const logit = (p: number) => Math.log(p / (1 - p));
    predictTwoTower(recalibrated(model, line), later).forEach((p, i) => {
      if (i < 500) expect(logit(p)).toBeCloseTo(-0.3 + 0.6 * logit(predicted[i]!), 3);
    });
  });

  it('gives the same model for the same seed and another for another', () => {
    const few = sliceExamples(problem, 0, 2000);
    const weights = (seed: number) => [...trainTwoTower(few, { seed, epochs: 1 }).head[0].weights];
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  it('keeps the embedding of a title without examples at zero', () => {
    const known = { ...sliceExamples(problem, 0, 2000) };
    const few = { ...known, titles: known.titles.map((title) => title % 400) };
    const { embeddings, idDims } = trainTwoTower(few, { epochs: 1 });
    expect(embeddings.subarray(400 * idDims).every((value) => value === 0)).toBe(true);
    expect(embeddings.subarray(0, 400 * idDims).some((value) => value !== 0)).toBe(true);
  });

  it('refuses examples of one label only', () => {
    const few = sliceExamples(problem, 0, 10);
    expect(() => trainTwoTower({ ...few, labels: new Uint8Array(10) })).toThrow(
      'of 10 examples 0 are watched',
    );
  });
});
