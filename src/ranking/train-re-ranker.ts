import { type LogisticModel, trainLogistic } from './logistic.ts';
import { FLAT_WIDTH, flatFeatures, type TowerExamples } from './tower-examples.ts';
import { trainTwoTower } from './two-tower.ts';
import type { TwoTower } from './two-tower-model.ts';

/** The re-ranker, and the logistic regression on the same features that it must beat. */
export function trainReRanker(
  train: TowerExamples,
  seed: number,
  progress: (share: number) => void = () => {},
): { twoTower: TwoTower; logistic: LogisticModel } {
  const logistic = trainLogistic(flatFeatures(train), train.labels, FLAT_WIDTH);
  const twoTower = trainTwoTower(train, { seed, wide: logistic, epochs: 3, l2: 1e-4, idL2: 1e-2 }, progress);
  return { twoTower, logistic };
}
