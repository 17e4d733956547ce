import type { Declarations } from '../declarations.ts';
import type { Prepared } from '../prepare.ts';
import { contentVector } from '../ranking/content.ts';
import { measureSlates, popularOrder, SLATE_LENGTH, type SlateMeasures } from '../ranking/evaluate.ts';
import type { Models } from '../ranking/models.ts';
import { nearest } from '../ranking/nearest.ts';
import { newTitles } from '../ranking/new-titles.ts';
import type { Viewer } from '../ranking/viewer.ts';
import {
  type EvaluationSettings,
  type JudgedUsers,
  judgedUsers,
  listsOf,
  measurable,
} from './evaluate-all.ts';
import { type LeftOut, type MeasuredModels, slatesOfSource } from './evaluate-sources.ts';
import { slatesOf } from './evaluated-slates.ts';
import { differenceOf, type Figure, meanOf } from './evaluation-intervals.ts';

/** NDCG@20 and Recall@20 of one ranker. */
export interface ColdFigures {
  readonly ndcg20: Figure;
  readonly recall20: Figure;
}

export interface ColdStartReport {
  /** Users with ten and more watches, the same in every column. */
  readonly users: number;
  /** How many of their first watches are known; null: all. */
  readonly watches: readonly (number | null)[];
  readonly rows: readonly {
    readonly kind: 'source' | 'pipeline';
    readonly name: string;
    /** By entry of `watches`. */
    readonly figures: readonly ColdFigures[];
    /** NDCG@20 less that of popularity, users resampled together, by entry of `watches`. */
    readonly lessPopularity: readonly Figure[];
  }[];
  readonly newTitles: {
    /** Every tenth title of the catalogue, without any watch. */
    readonly titles: number;
    /** Users with a relevant one among them. */
    readonly users: number;
    /** Recall@20 of an order by chance. */
    readonly chance: number;
    readonly rows: readonly { readonly name: string; readonly recall20: Figure }[];
  };
  /** NDCG@20 of users as they are, and the difference when they come from a country that no model has met. */
  readonly newCountry: readonly {
    readonly name: string;
    readonly ndcg20: Figure;
    readonly difference: Figure;
  }[];
  readonly resamples: number;
  readonly leftOut: readonly LeftOut[];
}

const WATCHES = [0, 1, 3, 10, null] as const;
const LEAST_WATCHES = 10;
/** A slate is cut after the titles that were taken off it. */
const SPARE_SLOTS = 200;
/** ISO 3166 keeps it for users' own purposes: no training user is there. */
const UNKNOWN_COUNTRY = 'ZZ';
const NEW_EVERY = 10;
const DAY = 86_400_000;

/**
 * What rankers do for those they know little of. The models stay as they are; what is cut is what they are told: of the same
 * users the first 0, 1, 3, 10 or all watches. A title of the whole history is neither relevant nor shown in any column, so that none
 * gains by forgetting. Under `strong-generalisation` no model has met these users.
 *
 * @throws InvalidInput when fewer than two users have held-out titles
 */
export async function evaluateColdStart(
  prepared: Prepared,
  measured: MeasuredModels,
  declarations: Pick<Declarations, 'experiments' | 'surfaces'>,
  settings: EvaluationSettings,
  progress: (done: number, total: number) => void = () => {},
): Promise<ColdStartReport> {
  const everyone = judgedUsers(prepared, settings.sample);
  const judged = longHistories(everyone);
  const { pipelines, leftOut } = measurable(measured, declarations, settings.ladder ?? []);
  const whole = pipelines.filter(({ kind }) => kind === 'pipeline');
  const names = [...measured.sources, ...whole.map(({ name }) => name)];
  const columns: SlateMeasures[][] = [];
  for (const [column, watches] of WATCHES.entries()) {
    const viewers = judged.viewers.map((viewer) => firstWatches(viewer, watches ?? viewer.watchCount));
    columns.push(await measureAll(viewers, judged));
    progress(column + 1, WATCHES.length + 1);
  }
  const abroad = await measureAll(
    judged.viewers.map((viewer) => ({ ...viewer, country: UNKNOWN_COUNTRY })),
    judged,
  );
  progress(WATCHES.length + 1, WATCHES.length + 1);
  const popularity = names.indexOf('popularity');

  async function measureAll(viewers: readonly Viewer[], users: JudgedUsers): Promise<SlateMeasures[]> {
    const { known, positiveWeight, catalogue } = prepared;
    const lists = await listsOf(measured, viewers);
    const popular = popularOrder(known, catalogue.size, positiveWeight);
    const watched = users.viewers.map(
      ({ watchedTitles, watchCount }) => new Set(watchedTitles.subarray(0, watchCount)),
    );
    const measure = (slates: readonly Int32Array[]): SlateMeasures =>
      measureSlates(
        slates.map((slate, place) => slate.filter((title) => !watched[place]!.has(title))),
        users.relevant,
        catalogue,
        popular,
      );
    const all: SlateMeasures[] = measured.sources.map((source) =>
      measure(slatesOfSource(source, prepared, viewers, lists, SPARE_SLOTS)),
    );
    for (const { stages, surface } of whole) {
      const open = stages.map(({ stage, parameters }) => {
        const { take: _, ...others } = parameters;
        return { stage, parameters: stage === 'fill' ? others : parameters };
      });
      all.push(measure(await slatesOf(open, surface, viewers, lists, measured.models, SPARE_SLOTS)));
    }
    return all;
  }

  return {
    users: judged.viewers.length,
    watches: WATCHES,
    rows: names.map((name, row) => ({
      kind: row < measured.sources.length ? 'source' : 'pipeline',
      name,
      figures: columns.map((column) => ({
        ndcg20: meanOf(column[row]!, 'ndcg20', settings),
        recall20: meanOf(column[row]!, 'recall20', settings),
      })),
      lessPopularity: columns.map((column) =>
        popularity < 0
          ? { value: null, interval: null }
          : differenceOf(column[row]!, column[popularity]!, 'ndcg20', settings),
      ),
    })),
    newTitles: newTitleRecall(prepared, measured.models, everyone, settings),
    newCountry: names.map((name, row) => ({
      name,
      ndcg20: meanOf(columns.at(-1)![row]!, 'ndcg20', settings),
      difference: differenceOf(abroad[row]!, columns.at(-1)![row]!, 'ndcg20', settings),
    })),
    resamples: settings.resamples,
    leftOut: [...measured.leftOut, ...leftOut],
  };
}

function longHistories({ viewers, relevant }: JudgedUsers): JudgedUsers {
  const long = (place: number): boolean => viewers[place]!.watchCount >= LEAST_WATCHES;
  return {
    viewers: viewers.filter((_, place) => long(place)),
    relevant: relevant.filter((_, place) => long(place)),
  };
}

function firstWatches(viewer: Viewer, watchCount: number): Viewer {
  return { ...viewer, watchCount: Math.min(watchCount, viewer.watchCount) };
}

/** Titles whose watches nobody is told of: found by what they are, among themselves. */
function newTitleRecall(
  prepared: Prepared,
  models: Models,
  { viewers, relevant }: JudgedUsers,
  settings: EvaluationSettings,
): ColdStartReport['newTitles'] {
  const { catalogue } = prepared;
  const isNew = (title: number): boolean => title % NEW_EVERY === NEW_EVERY - 1;
  const titles = Array.from({ length: catalogue.size }, (_, title) => title);
  const known = new Set(titles.filter((title) => !isNew(title)));
  const found = relevant.map((own) => new Set([...own].filter(isNew)));
  const places = titles.slice(0, viewers.length).filter((place) => found[place]!.size > 0);
  const told = places.map((place) => without(viewers[place]!, isNew));
  const { asOf } = models.trending;
  // All arrived yesterday; nothing else is new.
  const addedAt = Float64Array.from(titles, (title) => (isNew(title) ? asOf - DAY : 0));
  const arriving = { content: models.content, catalogue: { ...catalogue, addedAt } };
  const orders: Record<string, (viewer: Viewer) => Int32Array> = {
    content: (viewer) =>
      nearest(models.content.vectors, contentVector(models.content, viewer), SLATE_LENGTH, known).titles,
    new: (viewer) => newTitles(arriving, viewer, asOf, 28).slice(0, SLATE_LENGTH),
  };
  const count = catalogue.size - known.size;
  return {
    titles: count,
    users: places.length,
    chance: Math.min(1, SLATE_LENGTH / count),
    rows: Object.entries(orders).map(([name, order]) => {
      const popular = Int32Array.from(titles);
      const judged = places.map((place) => found[place]!);
      return {
        name,
        recall20: meanOf(measureSlates(told.map(order), judged, catalogue, popular), 'recall20', settings),
      };
    }),
  };
}

function without(viewer: Viewer, isHidden: (title: number) => boolean): Viewer {
  const { watchedTitles, watchedWeights, watchedAt, watchCount } = viewer;
  const kept = Array.from({ length: watchCount }, (_, watch) => watch).filter(
    (watch) => !isHidden(watchedTitles[watch]!),
  );
  return {
    ...viewer,
    watchCount: kept.length,
    watchedTitles: Int32Array.from(kept, (watch) => watchedTitles[watch]!),
    watchedWeights: Float32Array.from(kept, (watch) => watchedWeights[watch]!),
    watchedAt: Float64Array.from(kept, (watch) => watchedAt[watch]!),
  };
}
