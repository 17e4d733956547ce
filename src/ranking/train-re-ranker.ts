import { type CalibrationLine, calibrationLine, logitOf } from './calibration.ts';
import { type LogisticModel, trainLogistic } from './logistic.ts';
import { FLAT_WIDTH, flatFeatures, sliceExamples, type TowerExamples } from './tower-examples.ts';
import { type TwoTowerParameters, trainTwoTower } from './two-tower.ts';
import { predictTwoTower, recalibrated, type TwoTower } from './two-tower-model.ts';

export interface ReRanker {
  readonly twoTower: TwoTower;
  /** On the same features and examples: what the network must beat. */
  readonly logistic: LogisticModel;
  /** What the network's logits were multiplied with and moved by, so that its probabilities are what they say. */
  readonly recalibration: CalibrationLine;
}

/** Share of the examples, the latest ones, that say when to stop and how to calibrate. */
const VALIDATED = 0.1;
/** Fewer of either label say neither. */
const LEAST_VALIDATED = 50;
const SETTINGS: Partial<TwoTowerParameters> = { epochs: 5, l2: 3e-4, idL2: 0.1, learningRate: 0.004 };

/**
 * Trains on the first nine tenths of the examples, stops at the epoch that is best on the last tenth, and recalibrates on it
 * (Platt 1999): a network that fits the past is too sure of the future.
 *
 * @param examples in the order of time
 */
export function trainReRanker(
  examples: TowerExamples,
  seed: number,
  progress: (share: number) => void = () => {},
): ReRanker {
  const cut = momentFrom(examples, Math.floor((1 - VALIDATED) * examples.count));
  const last = sliceExamples(examples, cut, examples.count);
  const positives = last.labels.reduce((sum, label) => sum + label, 0);
  const enough = Math.min(positives, last.count - positives) >= LEAST_VALIDATED;
  const train = enough ? sliceExamples(examples, 0, cut) : examples;
  const logistic = trainLogistic(flatFeatures(train), train.labels, FLAT_WIDTH);
  progress(0.3);
  const settings = { ...SETTINGS, seed, wide: logistic, ...(enough && { validation: last }) };
  const network = trainTwoTower(train, settings, (share) => progress(0.3 + 0.7 * share));
  if (!enough) return { twoTower: network, logistic, recalibration: { slope: 1, intercept: 0 } };
  const logits = predictTwoTower(network, last).map(logitOf);
  const recalibration = calibrationLine(logits, last.labels);
  return { twoTower: recalibrated(network, recalibration), logistic, recalibration };
}

/** The first example from this one on that begins a moment. */
function momentFrom({ userRows, count }: TowerExamples, example: number): number {
  let at = example;
  while (at > 0 && at < count && userRows[at] === userRows[at - 1]) at++;
  return at;
}
