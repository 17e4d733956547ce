import { type Adam, adamStep, createAdam } from './adam.ts';
import { PAIR_WIDTH } from './features.ts';
import { generator } from './generator.ts';
import type { LogisticModel } from './logistic.ts';
import type { TowerExamples } from './tower-examples.ts';
import { accumulate, createGradients, crossEntropy, type TwoTowerGradients } from './two-tower-gradient.ts';
import {
  createTape,
  createTwoTower,
  type PairScale,
  readExample,
  run,
  type TwoTower,
  type TwoTowerShape,
} from './two-tower-model.ts';

export interface TwoTowerParameters extends TwoTowerShape {
  /** At most, where `validation` is given. */
  readonly epochs: number;
  readonly batch: number;
  /** Of the first step; it falls evenly to a tenth. */
  readonly learningRate: number;
  /** Penalty l2 / 2 * w^2 on every weight. */
  readonly l2: number;
  /** The same on the id embeddings of a minibatch's titles, which see few examples each. */
  readonly idL2: number;
  readonly seed: number;
  /** Where the wide part begins; absent: at zero. Wants the examples' own logistic regression. */
  readonly wide?: LogisticModel;
  /** Later examples: the model is that of the epoch with the least loss on them. Absent: that of the last. */
  readonly validation?: TowerExamples;
}

/** With the two numbers that a served vector carries for the wide part, and the head's two units, widths are multiples of 8. */
export const TWO_TOWER_DEFAULTS: TwoTowerParameters = {
  dims: 14,
  hidden: 24,
  idDims: 8,
  headHidden: 14,
  epochs: 2,
  batch: 256,
  learningRate: 0.004,
  l2: 1e-5,
  idL2: 1e-3,
  seed: 1,
};

/**
 * Trains by binary cross-entropy with Adam. The same examples and seed give the same model.
 * Paper: Covington, Adams, Sargin 2016 (towers over id embeddings and features); Yi et al. 2019 (two towers).
 *
 * @param progress called after each epoch with the share done and the epoch's mean loss in nats
 * @throws when there is no example of one of the labels
 */
export function trainTwoTower(
  examples: TowerExamples,
  parameters: Partial<TwoTowerParameters> = {},
  progress: (share: number, loss: number) => void = () => {},
): TwoTower {
  const settings = { ...TWO_TOWER_DEFAULTS, ...parameters };
  const positives = examples.labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === examples.count) {
    throw new Error(
      `the re-ranker needs watched and unwatched impressions; of ${examples.count} examples ${positives} are watched`,
    );
  }
  const random = generator(settings.seed);
  const scale = pairScale(examples);
  const model = createTwoTower(examples, settings, random, settings.wide);
  if (settings.wide === undefined) model.head[1].bias[0] = Math.log(positives / (examples.count - positives));
  unfoldScale(model, scale);
  const gradients = createGradients(model);
  const optimisers = createOptimisers(model, gradients);
  const tape = createTape(model);
  const order = Int32Array.from({ length: examples.count }, (_, i) => i);
  const steps = settings.epochs * Math.ceil(examples.count / settings.batch);
  let step = 0;
  let best: { readonly model: TwoTower; readonly loss: number } | undefined;
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    shuffle(order, random);
    let loss = 0;
    for (let from = 0; from < order.length; from += settings.batch) {
      const to = Math.min(order.length, from + settings.batch);
      for (let i = from; i < to; i++) {
        readExample(tape, model, examples, order[i]!, scale);
        loss += accumulate(tape, model, gradients, examples.labels[order[i]!]!);
      }
      const rate = settings.learningRate * (1 - (0.9 * step) / steps);
      step++;
      for (const optimiser of optimisers.dense) adamStep(optimiser, to - from, step, rate, settings.l2);
      stepEmbeddings(optimisers.embeddings, gradients, model.idDims, to - from, step, rate, settings.idL2);
    }
    if (settings.validation !== undefined) {
      const later = meanLoss(model, settings.validation, scale);
      if (best === undefined || later < best.loss) best = { model: structuredClone(model), loss: later };
    }
    progress(epoch / settings.epochs, loss / examples.count);
  }
  const chosen = best?.model ?? model;
  foldScale(chosen, scale);
  return chosen;
}

/** Nats per example. */
function meanLoss(model: TwoTower, examples: TowerExamples, scale: PairScale): number {
  const tape = createTape(model);
  let sum = 0;
  for (let example = 0; example < examples.count; example++) {
    readExample(tape, model, examples, example, scale);
    sum += crossEntropy(run(tape, model), examples.labels[example]!);
  }
  return sum / examples.count;
}

function pairScale({ count, pairs }: TowerExamples): PairScale {
  const mean = new Float64Array(PAIR_WIDTH);
  const inverse = new Float64Array(PAIR_WIDTH);
  for (let i = 0; i < pairs.length; i++) mean[i % PAIR_WIDTH]! += pairs[i]! / count;
  for (let i = 0; i < pairs.length; i++)
    inverse[i % PAIR_WIDTH]! += (pairs[i]! - mean[i % PAIR_WIDTH]!) ** 2 / count;
  // A feature that never varied has taught nothing, so it gets no say.
  for (let p = 0; p < PAIR_WIDTH; p++) inverse[p] = inverse[p]! > 1e-12 ? 1 / Math.sqrt(inverse[p]!) : 0;
  return { mean, inverse };
}

/** Turns the wide part's weights of raw pair features into those of scaled ones. */
function unfoldScale({ wide, head }: TwoTower, { mean, inverse }: PairScale): void {
  for (let p = 0; p < PAIR_WIDTH; p++) {
    const raw = wide.pair[p]!;
    head[1].bias[0] = head[1].bias[0]! + raw * mean[p]!;
    wide.pair[p] = inverse[p] === 0 ? 0 : raw / inverse[p]!;
  }
}

/** Moves the scaling of pair features into the head's first layer and the wide part, so that the model takes them raw. */
function foldScale(model: TwoTower, { mean, inverse }: PairScale): void {
  const { wide, head } = model;
  for (let p = 0; p < PAIR_WIDTH; p++) {
    wide.pair[p] = wide.pair[p]! * inverse[p]!;
    head[1].bias[0] = head[1].bias[0]! - wide.pair[p]! * mean[p]!;
  }
  const { weights, bias, inputs, outputs } = model.head[0];
  for (let p = 0; p < PAIR_WIDTH; p++) {
    const row = (inputs - PAIR_WIDTH + p) * outputs;
    for (let o = 0; o < outputs; o++) {
      weights[row + o] = weights[row + o]! * inverse[p]!;
      bias[o] = bias[o]! - weights[row + o]! * mean[p]!;
    }
  }
}

function createOptimisers(
  model: TwoTower,
  gradients: TwoTowerGradients,
): { dense: Adam[]; embeddings: Adam } {
  const dense = (['user', 'item', 'head'] as const).flatMap((part) =>
    model[part].flatMap((layer, i) => [
      createAdam(layer.weights, gradients[part][i]!.weights),
      createAdam(layer.bias, gradients[part][i]!.bias),
    ]),
  );
  for (const side of ['user', 'item', 'pair'] as const)
    dense.push(createAdam(model.wide[side], gradients.wide[side]));
  return { dense, embeddings: createAdam(model.embeddings, gradients.embeddings) };
}

/** Only rows of titles in the minibatch move: a step over the whole catalogue would cost more than the examples. */
function stepEmbeddings(
  adam: Adam,
  { touched }: TwoTowerGradients,
  idDims: number,
  batch: number,
  step: number,
  rate: number,
  l2: number,
): void {
  for (const title of touched) adamStep(adam, batch, step, rate, l2, title * idDims, (title + 1) * idDims);
  touched.clear();
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
}
