import { backward, createGradient, type Dense, type DenseGradient, gate } from './dense.ts';
import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from './features.ts';
import { run, sigmoid, type Tape, type TwoTower } from './two-tower-model.ts';

/** Gradients of one model, and which embedding rows they touch. */
export interface TwoTowerGradients {
  readonly user: readonly [DenseGradient, DenseGradient];
  readonly item: readonly [DenseGradient, DenseGradient];
  readonly head: readonly [DenseGradient, DenseGradient];
  readonly wide: { readonly user: Float64Array; readonly item: Float64Array; readonly pair: Float64Array };
  readonly embeddings: Float64Array;
  readonly touched: Set<number>;
}

export function createGradients(model: TwoTower): TwoTowerGradients {
  const pair = ([hidden, last]: readonly [Dense, Dense]): readonly [DenseGradient, DenseGradient] => [
    createGradient(hidden),
    createGradient(last),
  ];
  return {
    user: pair(model.user),
    item: pair(model.item),
    head: pair(model.head),
    wide: {
      user: new Float64Array(USER_WIDTH),
      item: new Float64Array(ITEM_WIDTH),
      pair: new Float64Array(PAIR_WIDTH),
    },
    embeddings: new Float64Array(model.embeddings.length),
    touched: new Set(),
  };
}

/** Runs the example, adds its gradient, and returns its loss in nats. */
export function accumulate(tape: Tape, model: TwoTower, gradients: TwoTowerGradients, label: number): number {
  const { user, item, head } = model;
  const { slopes } = tape;
  const logit = run(tape, model);
  slopes.logit[0] = sigmoid(logit) - label;
  backward(head[1], gradients.head[1], tape.headHidden, slopes.logit, slopes.headHidden);
  gate(tape.headHidden, slopes.headHidden);
  backward(head[0], gradients.head[0], tape.joint, slopes.headHidden, slopes.joint);
  for (let d = 0; d < tape.user.length; d++) {
    slopes.user[d] = slopes.joint[d]! * tape.item[d]!;
    slopes.item[d] = slopes.joint[d]! * tape.user[d]!;
  }
  backward(user[1], gradients.user[1], tape.userHidden, slopes.user, slopes.userHidden);
  gate(tape.userHidden, slopes.userHidden);
  backward(user[0], gradients.user[0], tape.users, slopes.userHidden);
  backward(item[1], gradients.item[1], tape.itemHidden, slopes.item, slopes.itemHidden);
  gate(tape.itemHidden, slopes.itemHidden);
  backward(item[0], gradients.item[0], tape.items, slopes.itemHidden, slopes.items, ITEM_WIDTH);
  const row = tape.title * model.idDims;
  for (let i = 0; i < model.idDims; i++) {
    gradients.embeddings[row + i] = gradients.embeddings[row + i]! + slopes.items[ITEM_WIDTH + i]!;
  }
  gradients.touched.add(tape.title);
  const error = slopes.logit[0]!;
  addScaled(gradients.wide.user, error, tape.users, 0);
  addScaled(gradients.wide.item, error, tape.items, 0);
  addScaled(gradients.wide.pair, error, tape.joint, tape.user.length);
  return crossEntropy(logit, label);
}

/** Nats that a label 0 or 1 costs under P = sigmoid(logit). */
export function crossEntropy(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}

function addScaled(out: Float64Array, factor: number, values: Float64Array, from: number): void {
  for (let i = 0; i < out.length; i++) {
    const value = values[from + i]!;
    if (value !== 0) out[i] = out[i]! + factor * value;
  }
}
