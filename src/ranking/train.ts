import { type Catalogue, DEVICES, type Impressions, type Interactions } from './catalogue.ts';
import { buildContent } from './content.ts';
import { auc, logLoss } from './discrimination.ts';
import { FEATURE_SCHEMA, type FeatureModels } from './features.ts';
import { historyReader, type ViewerProfile } from './history.ts';
import { IALS_DEFAULTS, type IalsParameters, trainIals } from './ials.ts';
import { type LogisticModel, predictLogistic, trainLogistic } from './logistic.ts';
import type { ContentModel, IalsModel, TrendingModel } from './models.ts';
import { impressionsFromRatings } from './rating-impressions.ts';
import { createExampleBuilder, FLAT_WIDTH, flatFeatures, type TowerExamples } from './tower-examples.ts';
import { buildTrending, TRENDING_DEFAULTS, type TrendingParameters } from './trending.ts';
import { trainTwoTower } from './two-tower.ts';
import { predictTwoTower, type TwoTower, withoutTower } from './two-tower-model.ts';

export interface TrainingInput {
  readonly catalogue: Catalogue;
  /** Everything that serving may know. */
  readonly interactions: Interactions;
  /** The part of it from before the labels: what models may know whose scores the re-ranker learns from. */
  readonly earlier: Interactions;
  /** What was shown and what came of it; or, where nothing of the kind is known, each user's next slice of interactions. */
  readonly labels:
    | { readonly kind: 'impressions'; readonly impressions: Impressions }
    | { readonly kind: 'ratings'; readonly later: Interactions; readonly liked: number };
  /** Epoch ms: the moment the models are made for. */
  readonly asOf: number;
  readonly seed: number;
  /** By user row. */
  readonly viewerTraits: readonly ViewerProfile[];
  readonly ials?: Partial<IalsParameters>;
  readonly trending?: TrendingParameters;
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
  /** AUC of the two-tower model with one side's vector and linear term set to zero. */
  readonly aucWithoutUserTower: number;
  readonly aucWithoutItemTower: number;
}

/** Models as plain data, ready to be written to files. */
export interface TrainedModels {
  readonly featureSchema: string;
  readonly catalogueVersion: string;
  readonly ials: IalsModel;
  readonly content: ContentModel;
  readonly trending: TrendingModel;
  readonly twoTower: TwoTower;
  readonly report: TrainingReport;
}

/** More examples than this hardly help, and each costs time. */
const MOST_EXAMPLES = 120_000;
/** Share of examples, the latest ones, that judge the re-ranker. */
const JUDGED = 0.2;

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
  const { catalogue, interactions, earlier, asOf, seed, trending: trend = TRENDING_DEFAULTS } = input;
  const parameters = { ...IALS_DEFAULTS, ...input.ials, seed };
  progress('content', 0);
  const content = buildContent(catalogue, { seed });
  const first = trainIals(earlier, catalogue.size, parameters, (share) =>
    progress('collaborative filtering', 0.05 + 0.35 * share),
  );
  const until = latest(earlier) + 1;
  const models = {
    catalogue,
    content,
    ials: first,
    trending: buildTrending(earlier, catalogue.size, until, trend),
  };
  progress('examples', 0.4);
  const { train, judge } = splitExamples(input, models);
  progress('logistic regression', 0.45);
  const logistic = trainLogistic(flatFeatures(train), train.labels, FLAT_WIDTH);
  const twoTower = trainTwoTower(train, { seed, wide: logistic, epochs: 3, l2: 1e-4, idL2: 1e-2 }, (share) =>
    progress('re-ranker', 0.5 + 0.35 * share),
  );
  const report = judgeReRanker(twoTower, logistic, train.count, judge);
  const refit = { ...parameters, iterations: Math.ceil(parameters.iterations / 3) };
  const ials = trainIals(
    interactions,
    catalogue.size,
    refit,
    (share) => progress('collaborative filtering', 0.85 + 0.15 * share),
    first,
  );
  const trending = buildTrending(interactions, catalogue.size, asOf, trend);
  return {
    featureSchema: FEATURE_SCHEMA,
    catalogueVersion: catalogue.version,
    ials,
    content,
    trending,
    twoTower,
    report,
  };
}

function latest(interactions: Interactions): number {
  return interactions.count === 0 ? 0 : interactions.at[interactions.count - 1]!;
}

/** Features of every label as of its moment, cut in time: `train` before the cut, `judge` from there. */
function splitExamples(
  input: TrainingInput,
  models: FeatureModels,
): { train: TowerExamples; judge: TowerExamples } {
  const { interactions, earlier, labels, seed, viewerTraits } = input;
  const impressions =
    labels.kind === 'impressions'
      ? labels.impressions
      : impressionsFromRatings({ models, earlier, profiles: viewerTraits, seed, ...labels });
  if (impressions.count === 0)
    throw new Error('there are no labels to train a re-ranker on; give more interactions, or impressions');
  const cut = impressions.at[Math.floor((1 - JUDGED) * impressions.count)]!;
  const moments = thinned(impressions);
  const read = historyReader(interactions, viewerTraits);
  const train = createExampleBuilder(models);
  const judge = createExampleBuilder(models);
  for (const rows of moments) {
    const [user, at] = [impressions.users[rows[0]!]!, impressions.at[rows[0]!]!];
    const builder = at < cut ? train : judge;
    const viewer = read(user, at);
    builder.moment(viewer, {
      country: viewer.country,
      device: DEVICES[impressions.devices[rows[0]!]!] ?? 'other',
      at,
    });
    for (const row of rows) builder.example(impressions.titles[row]!, impressions.labels[row] === 1 ? 1 : 0);
  }
  return { train: train.examples(), judge: judge.examples() };
}

/** Impressions grouped by user and moment, in time order; of too many, evenly spread moments. */
function thinned(impressions: Impressions): number[][] {
  const moments = new Map<string, number[]>();
  for (let row = 0; row < impressions.count; row++) {
    const key = `${impressions.users[row]} ${impressions.at[row]}`;
    const rows = moments.get(key);
    if (rows) rows.push(row);
    else moments.set(key, [row]);
  }
  const share = Math.min(1, MOST_EXAMPLES / impressions.count);
  return [...moments.values()].filter(
    (_, place) => Math.floor((place + 1) * share) > Math.floor(place * share),
  );
}

function judgeReRanker(
  twoTower: TwoTower,
  logistic: LogisticModel,
  trained: number,
  judge: TowerExamples,
): TrainingReport {
  const { labels } = judge;
  const discrimination = (probabilities: Float32Array): Discrimination => ({
    auc: auc(probabilities, labels),
    logLoss: logLoss(probabilities, labels),
  });
  return {
    trained,
    judged: judge.count,
    positiveShare: labels.reduce((sum, label) => sum + label, 0) / judge.count,
    twoTower: discrimination(predictTwoTower(twoTower, judge)),
    logistic: discrimination(predictLogistic(logistic, flatFeatures(judge))),
    aucWithoutUserTower: auc(predictTwoTower(withoutTower(twoTower, 'user'), judge), labels),
    aucWithoutItemTower: auc(predictTwoTower(withoutTower(twoTower, 'item'), judge), labels),
  };
}
