import { type Calibration, type CalibrationLine, calibrationOf } from './calibration.ts';
import { auc, logLoss } from './discrimination.ts';
import { type Difference, discriminationDifference } from './discrimination-difference.ts';
import { FEATURE_SCHEMA } from './features.ts';
import { IALS_DEFAULTS, trainIals } from './ials.ts';
import type { ItemSource } from './item-models.ts';
import { type LabelInput, labelledExamples } from './labelled-examples.ts';
import { type LogisticModel, predictLogistic } from './logistic.ts';
import type { ContentModel, IalsModel, TrendingModel } from './models.ts';
import { flatFeatures, type TowerExamples } from './tower-examples.ts';
import { trainReRanker } from './train-re-ranker.ts';
import { buildTrending, TRENDING_DEFAULTS } from './trending.ts';
import { predictTwoTower, type TwoTower, withoutTower } from './two-tower-model.ts';

export interface TrainingInput extends LabelInput {
  /** Epoch ms: the moment the models are made for. */
  readonly asOf: number;
}

/** How well a scorer tells watched from unwatched titles, on impressions later than all it was trained on. */
export interface Discrimination {
  readonly auc: number;
  /** Nats per example. */
  readonly logLoss: number;
}

export interface TrainingReport {
  /** Numbers of examples. */
  readonly trained: number;
  readonly judged: number;
  /** Share of positives among those judged. */
  readonly positiveShare: number;
  readonly twoTower: Discrimination;
  /** Logistic regression on the same features, side by side, without crossings of the towers. */
  readonly logistic: Discrimination;
  /** The two-tower network less logistic regression, with 95 % intervals over resampled viewers. */
  readonly difference: { readonly auc: Difference; readonly logLoss: Difference };
  readonly calibration: Calibration;
  /** What the network's logits were turned by before, as a slice of the training examples wanted it. */
  readonly recalibration: CalibrationLine;
  /** AUC of the two-tower model with one side's vector and linear term set to zero. */
  readonly aucWithoutUserTower: number;
  readonly aucWithoutItemTower: number;
}

/** Models as plain data, ready to be written to files. */
export interface TrainedModels {
  readonly featureSchema: string;
  readonly catalogueVersion: string;
  /** Item models whose scores the re-ranker takes: it serves beside these only. */
  readonly itemSources: readonly ItemSource[];
  readonly ials: IalsModel;
  readonly content: ContentModel;
  readonly trending: TrendingModel;
  readonly twoTower: TwoTower;
  readonly report: TrainingReport;
}

/**
 * Trains what a slate is ranked with. Retrieval models are fitted to `earlier`; with their scores, and histories strictly
 * before each impression, the re-ranker learns from the first four fifths of the labels and is judged on the last;
 * then the retrieval models are fitted to all interactions, beginning where they were.
 *
 * @param progress called with what is being done and the share done of everything, in [0, 1]
 */
export function trainModels(
  input: TrainingInput,
  progress: (step: string, share: number) => void = () => {},
): TrainedModels {
  const {
    catalogue,
    interactions,
    asOf,
    seed,
    itemSources = [],
    trending: trend = TRENDING_DEFAULTS,
  } = input;
  const {
    train,
    judge,
    content,
    ials: first,
  } = labelledExamples(input, (step, share) => progress(step, 0.5 * share));
  const { twoTower, logistic, recalibration } = trainReRanker(train, seed, (share) =>
    progress('re-ranker', 0.5 + 0.35 * share),
  );
  const report = { ...judgeReRanker(twoTower, logistic, train.count, judge, seed), recalibration };
  const parameters = { ...IALS_DEFAULTS, ...input.ials, seed };
  const refit = { ...parameters, iterations: Math.ceil(parameters.iterations / 3) };
  const ials = trainIals(
    interactions,
    catalogue.size,
    refit,
    (share) => progress('collaborative filtering', 0.85 + 0.15 * share),
    first,
    input.open,
  );
  const trending = buildTrending(interactions, catalogue.size, asOf, trend);
  return {
    featureSchema: FEATURE_SCHEMA,
    catalogueVersion: catalogue.version,
    itemSources,
    ials,
    content,
    trending,
    twoTower,
    report,
  };
}

function judgeReRanker(
  twoTower: TwoTower,
  logistic: LogisticModel,
  trained: number,
  judge: TowerExamples,
  seed: number,
): Omit<TrainingReport, 'recalibration'> {
  const { labels } = judge;
  const predicted = predictTwoTower(twoTower, judge);
  const linear = predictLogistic(logistic, flatFeatures(judge));
  const discrimination = (probabilities: Float32Array): Discrimination => ({
    auc: auc(probabilities, labels),
    logLoss: logLoss(probabilities, labels),
  });
  return {
    trained,
    judged: judge.count,
    positiveShare: labels.reduce((sum, label) => sum + label, 0) / judge.count,
    twoTower: discrimination(predicted),
    logistic: discrimination(linear),
    difference: discriminationDifference(predicted, linear, labels, judge.viewers, seed),
    calibration: calibrationOf(predicted, labels),
    aucWithoutUserTower: auc(predictTwoTower(withoutTower(twoTower, 'user'), judge), labels),
    aucWithoutItemTower: auc(predictTwoTower(withoutTower(twoTower, 'item'), judge), labels),
  };
}
