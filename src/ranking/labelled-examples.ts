import { type Catalogue, DEVICES, type Impressions, type Interactions } from './catalogue.ts';
import { buildContent } from './content.ts';
import type { FeatureModels } from './features.ts';
import { historyReader, type ViewerProfile } from './history.ts';
import { IALS_DEFAULTS, type IalsParameters, trainIals } from './ials.ts';
import { type ItemModelParameters, type ItemSource, trainItemModel } from './item-models.ts';
import type { OpenWorkspace } from './kernels/workspace.ts';
import { longTail } from './long-tail.ts';
import type { ContentModel, IalsModel } from './models.ts';
import { impressionsFromRatings } from './rating-impressions.ts';
import { createExampleBuilder, type TowerExamples } from './tower-examples.ts';
import { buildTrending, TRENDING_DEFAULTS, type TrendingParameters } from './trending.ts';

/** What a re-ranker learns from, and the data of the models whose scores it learns with. */
export interface LabelInput {
  readonly catalogue: Catalogue;
  /** Everything that serving may know. */
  readonly interactions: Interactions;
  /** The part of it from before the labels: what models may know whose scores the re-ranker learns from. */
  readonly earlier: Interactions;
  /** What was shown and what came of it; or, where nothing of the kind is known, each user's next slice of interactions. */
  readonly labels:
    | { readonly kind: 'impressions'; readonly impressions: Impressions }
    | { readonly kind: 'ratings'; readonly later: Interactions; readonly liked: number };
  readonly seed: number;
  /** By user row. */
  readonly viewerTraits: readonly ViewerProfile[];
  /** Item models whose scores are features; none when absent. */
  readonly itemSources?: readonly ItemSource[];
  /** Least weight of an interaction that item models count; 0 when absent. */
  readonly least?: number;
  readonly ials?: Partial<IalsParameters>;
  readonly itemModels?: ItemModelParameters;
  readonly trending?: TrendingParameters;
  /** Where models are fitted; in this thread when absent. */
  readonly open?: OpenWorkspace;
}

/** Examples with their features as of their moments, cut in time, and the models of `earlier` they were made with. */
export interface LabelledExamples {
  readonly train: TowerExamples;
  /** None is earlier than any of `train`. */
  readonly judge: TowerExamples;
  readonly ials: IalsModel;
  readonly content: ContentModel;
}

/** More examples than this hardly help, and each costs time. */
const MOST_EXAMPLES = 120_000;
/** Share of examples, the latest ones, that judge the re-ranker. */
const JUDGED = 0.2;

/**
 * Fits the models that make features to `earlier` alone, and makes an example of every label with the history strictly
 * before it. So no feature knows what came after its moment, nor any score the label that it will be judged by.
 *
 * @param progress called with the share done, in [0, 1]
 * @throws when there is no label
 */
export function labelledExamples(
  input: LabelInput,
  progress: (step: string, share: number) => void = () => {},
): LabelledExamples {
  const { catalogue, earlier, labels, seed, viewerTraits, itemSources = [], least = 0 } = input;
  const titles = catalogue.size;
  progress('content', 0);
  const content = buildContent(catalogue, { seed });
  const ials = trainIals(
    earlier,
    titles,
    { ...IALS_DEFAULTS, ...input.ials, seed },
    (share) => progress('collaborative filtering', 0.1 + 0.7 * share),
    undefined,
    input.open,
  );
  progress('examples', 0.8);
  const models: FeatureModels = {
    // Which titles are in the long tail is known from watches too.
    catalogue: { ...catalogue, longTail: longTail(earlier, titles) },
    content,
    ials,
    trending: buildTrending(earlier, titles, latest(earlier) + 1, input.trending ?? TRENDING_DEFAULTS),
    ...Object.fromEntries(
      itemSources.map((source) => {
        const parameters = input.itemModels ?? {};
        const model = { source, interactions: earlier, titles, least, parameters };
        return [source, trainItemModel(model, undefined, input.open)];
      }),
    ),
  };
  const impressions =
    labels.kind === 'impressions'
      ? labels.impressions
      : impressionsFromRatings({ models, earlier, profiles: viewerTraits, seed, ...labels });
  if (impressions.count === 0)
    throw new Error('there are no labels to train a re-ranker on; give more interactions, or impressions');
  return { ...examplesOf(input, models, impressions), ials, content };
}

function latest(interactions: Interactions): number {
  return interactions.count === 0 ? 0 : interactions.at[interactions.count - 1]!;
}

function examplesOf(
  { interactions, viewerTraits }: LabelInput,
  models: FeatureModels,
  impressions: Impressions,
): { train: TowerExamples; judge: TowerExamples } {
  const cut = impressions.at[Math.floor((1 - JUDGED) * impressions.count)]!;
  const read = historyReader(interactions, viewerTraits);
  const train = createExampleBuilder(models);
  const judge = createExampleBuilder(models);
  for (const rows of thinned(impressions)) {
    const [user, at] = [impressions.users[rows[0]!]!, impressions.at[rows[0]!]!];
    const then = read(user, at);
    const told = impressions.told?.[rows[0]!] ?? then.watchCount;
    const viewer = { ...then, watchCount: Math.min(then.watchCount, told) };
    const device = DEVICES[impressions.devices[rows[0]!]!] ?? 'other';
    (at < cut ? train : judge).add(
      viewer,
      { country: viewer.country, device, at },
      Int32Array.from(rows, (row) => impressions.titles[row]!),
      rows.map((row) => (impressions.labels[row] === 1 ? 1 : 0)),
    );
  }
  return { train: train.examples(), judge: judge.examples() };
}

/** Impressions grouped by user and moment, in time order; of too many, evenly spread moments. */
function thinned(impressions: Impressions): number[][] {
  const moments = new Map<string, number[]>();
  for (let row = 0; row < impressions.count; row++) {
    const key = `${impressions.users[row]} ${impressions.at[row]} ${impressions.told?.[row] ?? ''}`;
    const rows = moments.get(key);
    if (rows) rows.push(row);
    else moments.set(key, [row]);
  }
  const share = Math.min(1, MOST_EXAMPLES / impressions.count);
  return [...moments.values()].filter(
    (_, place) => Math.floor((place + 1) * share) > Math.floor(place * share),
  );
}
