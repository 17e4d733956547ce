import type { CalibrationLine } from './calibration.ts';
import { createDense, type Dense, forward, silentDense } from './dense.ts';
import { FEATURE_SCHEMA, ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from './features.ts';
import type { ItemSource } from './item-models.ts';
import type { LogisticModel } from './logistic.ts';
import { FLAT_WIDTH, type TowerExamples } from './tower-examples.ts';

/** Sizes of a model's layers. */
export interface TwoTowerShape {
  /** Length of a user's and a title's vector. */
  readonly dims: number;
  /** Units between a tower's input and its vector. */
  readonly hidden: number;
  /** Length of the learned embedding of a title's id. */
  readonly idDims: number;
  /** Units of the head. */
  readonly headHidden: number;
}

/** Weights of the features as they are, beside the network. */
export interface WidePart {
  readonly user: Float32Array;
  readonly item: Float32Array;
  readonly pair: Float32Array;
}

/**
 * u = tower(user features), v = tower(item features, id embedding), and
 * P(watch) = sigmoid(wide(user, item, pair features) + head(u * v elementwise, pair features)). Each tower and the head
 * have one hidden ReLU layer. The head sees the terms of the dot product <u, v> and beside them what a dot product cannot:
 * the user-item scores. The wide part is linear, so that the network need only learn what a sum over features cannot say.
 * Paper: Cheng et al. 2016 (wide & deep).
 */
export interface TwoTower {
  readonly featureSchema: string;
  readonly catalogue: string;
  /** Item models whose scores it was trained with. */
  readonly itemSources: readonly ItemSource[];
  readonly titles: number;
  readonly idDims: number;
  /** titles x idDims, row-major; zeros for a title without examples. */
  readonly embeddings: Float32Array;
  readonly user: readonly [Dense, Dense];
  readonly item: readonly [Dense, Dense];
  readonly head: readonly [Dense, Dense];
  readonly wide: WidePart;
}

/**
 * An untrained model. Id embeddings start at zero, so a title without examples is judged by its features alone; so does the
 * head's last layer, so the model begins as its wide part.
 *
 * @param wide logistic regression on [user, item, pair] features; absent: a wide part of zeros
 */
export function createTwoTower(
  examples: Pick<TowerExamples, 'items' | 'catalogue' | 'itemSources'>,
  { dims, hidden, idDims, headHidden }: TwoTowerShape,
  random: () => number,
  wide?: LogisticModel,
): TwoTower {
  const titles = examples.items.length / ITEM_WIDTH;
  const weights = wide?.weights ?? new Float64Array(FLAT_WIDTH);
  return {
    featureSchema: FEATURE_SCHEMA,
    catalogue: examples.catalogue,
    itemSources: examples.itemSources,
    titles,
    idDims,
    embeddings: new Float32Array(titles * idDims),
    user: [createDense(USER_WIDTH, hidden, random), createDense(hidden, dims, random)],
    item: [createDense(ITEM_WIDTH + idDims, hidden, random), createDense(hidden, dims, random)],
    head: [createDense(dims + PAIR_WIDTH, headHidden, random), silentDense(headHidden, 1, wide?.intercept)],
    wide: {
      user: Float32Array.from(weights.subarray(0, USER_WIDTH)),
      item: Float32Array.from(weights.subarray(USER_WIDTH, USER_WIDTH + ITEM_WIDTH)),
      pair: Float32Array.from(weights.subarray(USER_WIDTH + ITEM_WIDTH)),
    },
  };
}

/** The model with one side's vector and linear term set to zero, so that nothing but pair features speak of it: what the tower is worth. */
export function withoutTower(model: TwoTower, tower: 'user' | 'item'): TwoTower {
  const [hidden, last] = model[tower];
  const wide = { ...model.wide, [tower]: new Float32Array(model.wide[tower].length) };
  return { ...model, [tower]: [hidden, silentDense(last.inputs, last.outputs)], wide };
}

/** The model with every logit turned into intercept + slope x logit (Platt 1999). */
export function recalibrated(model: TwoTower, { slope, intercept }: CalibrationLine): TwoTower {
  const times = (values: Float32Array): Float32Array => values.map((value) => slope * value);
  const { wide, head } = model;
  const [hidden, last] = head;
  const bias = last.bias.map((value) => intercept + slope * value);
  return {
    ...model,
    head: [hidden, { ...last, weights: times(last.weights), bias }],
    wide: { user: times(wide.user), item: times(wide.item), pair: times(wide.pair) },
  };
}

/** P(watch) of each example. */
export function predictTwoTower(model: TwoTower, examples: TowerExamples): Float32Array {
  const tape = createTape(model);
  return Float32Array.from({ length: examples.count }, (_, example) => {
    readExample(tape, model, examples, example, UNSCALED);
    return sigmoid(run(tape, model));
  });
}

/** Mean and 1 / standard deviation of each pair feature: their scales differ by orders of magnitude. */
export interface PairScale {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

const UNSCALED: PairScale = {
  mean: new Float64Array(PAIR_WIDTH),
  inverse: new Float64Array(PAIR_WIDTH).fill(1),
};

/** Everything between one example's input and its logit, and the derivatives by it. */
export interface Tape {
  title: number;
  readonly users: Float64Array;
  readonly userHidden: Float64Array;
  readonly user: Float64Array;
  readonly items: Float64Array;
  readonly itemHidden: Float64Array;
  readonly item: Float64Array;
  /** [u * v, pair features] */
  readonly joint: Float64Array;
  readonly headHidden: Float64Array;
  readonly logit: Float64Array;
  readonly slopes: {
    readonly users: Float64Array;
    readonly userHidden: Float64Array;
    readonly user: Float64Array;
    readonly items: Float64Array;
    readonly itemHidden: Float64Array;
    readonly item: Float64Array;
    readonly joint: Float64Array;
    readonly headHidden: Float64Array;
    readonly logit: Float64Array;
  };
}

function shape({ user, item, head }: TwoTower) {
  return {
    users: new Float64Array(user[0].inputs),
    userHidden: new Float64Array(user[0].outputs),
    user: new Float64Array(user[1].outputs),
    items: new Float64Array(item[0].inputs),
    itemHidden: new Float64Array(item[0].outputs),
    item: new Float64Array(item[1].outputs),
    joint: new Float64Array(head[0].inputs),
    headHidden: new Float64Array(head[0].outputs),
    logit: new Float64Array(1),
  };
}

export function createTape(model: TwoTower): Tape {
  return { title: 0, ...shape(model), slopes: shape(model) };
}

export function readExample(
  tape: Tape,
  model: TwoTower,
  examples: TowerExamples,
  example: number,
  { mean, inverse }: PairScale = UNSCALED,
): void {
  const title = examples.titles[example]!;
  const user = examples.userRows[example]! * USER_WIDTH;
  const pair = example * PAIR_WIDTH;
  const dims = tape.user.length;
  tape.title = title;
  for (let i = 0; i < USER_WIDTH; i++) tape.users[i] = examples.users[user + i]!;
  for (let i = 0; i < ITEM_WIDTH; i++) tape.items[i] = examples.items[title * ITEM_WIDTH + i]!;
  for (let i = 0; i < model.idDims; i++)
    tape.items[ITEM_WIDTH + i] = model.embeddings[title * model.idDims + i]!;
  for (let p = 0; p < PAIR_WIDTH; p++)
    tape.joint[dims + p] = (examples.pairs[pair + p]! - mean[p]!) * inverse[p]!;
}

/** The logit of the example on the tape. */
export function run(tape: Tape, { user, item, head, wide }: TwoTower): number {
  forward(user[0], tape.users, tape.userHidden, true);
  forward(user[1], tape.userHidden, tape.user, false);
  forward(item[0], tape.items, tape.itemHidden, true);
  forward(item[1], tape.itemHidden, tape.item, false);
  for (let d = 0; d < tape.user.length; d++) tape.joint[d] = tape.user[d]! * tape.item[d]!;
  forward(head[0], tape.joint, tape.headHidden, true);
  forward(head[1], tape.headHidden, tape.logit, false);
  return (
    tape.logit[0]! +
    weighed(wide.user, tape.users, 0) +
    weighed(wide.item, tape.items, 0) +
    weighed(wide.pair, tape.joint, tape.user.length)
  );
}

/** <weights, values[from ...]> */
function weighed(weights: Float32Array, values: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * values[from + i]!;
  return sum;
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
