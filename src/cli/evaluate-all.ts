import type { Declarations, StageDeclaration } from '../declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { retrieveMany } from '../onnx/retrieve.ts';
import type { Prepared } from '../prepare.ts';
import { DEVICES } from '../ranking/catalogue.ts';
import {
  type Measure,
  measureSlates,
  popularOrder,
  relevantTitles,
  SLATE_LENGTH,
  type SlateMeasures,
} from '../ranking/evaluate.ts';
import { historyReader } from '../ranking/history.ts';
import type { Models } from '../ranking/models.ts';
import { PROTOCOL_SUMMARIES, type Protocol } from '../ranking/protocols.ts';
import type { TrainingReport } from '../ranking/train.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { createPipeline } from '../variants/pipeline.ts';
import type { RankingRequest } from '../variants/stage.ts';
import { createWork } from '../variants/work.ts';
import {
  type EvaluatedSource,
  type LeftOut,
  type MeasuredModels,
  slatesOfSource,
} from './evaluate-sources.ts';
import { differenceOf, type Figure, figureOver, figuresOf, type Resampling } from './evaluation-intervals.ts';

/** One ranker's figures. */
export interface EvaluationRow {
  readonly kind: 'source' | 'pipeline';
  /** Of the source, or where the pipeline is declared. */
  readonly name: string;
  readonly measures: Readonly<Record<Measure, Figure>>;
  /** NDCG@20 of the users of each group of `watches`, in its order. */
  readonly ndcg20ByWatches: readonly Figure[];
  /** NDCG@20 less that of `against`, users resampled together; null for `against` itself. */
  readonly ndcg20Difference: Figure | null;
}

export interface EvaluationReport {
  readonly protocol: Protocol | 'next-choices';
  /** What is held out and what of it is relevant. */
  readonly held: string;
  /** What recall is a share of. */
  readonly recall: string;
  /** Judged users. */
  readonly users: number;
  readonly resamples: number;
  readonly seed: number;
  readonly models: string;
  readonly training: TrainingReport;
  readonly against: EvaluatedSource;
  /** Groups of users by the length of their history, `to` included. */
  readonly watches: readonly { readonly from: number; readonly to: number | null; readonly users: number }[];
  readonly rows: readonly EvaluationRow[];
  readonly leftOut: readonly LeftOut[];
}

const LIST_LENGTH = 200;
const BATCH = 128;
/** Histories from these lengths on are one group: what a ranker does for new users is not seen in a mean over all. */
const WATCHES = [0, 1, 3, 10, 30];
const AGAINST = 'ials';
const NEXT_CHOICES =
  'the next 5 titles that each viewer would choose unprompted are held out; all are relevant';
const RECALL =
  "a user's held-out relevant titles found in the first k / all held-out relevant titles of the user";

interface Candidate {
  readonly name: string;
  readonly surface: string;
  readonly pipeline: readonly StageDeclaration[];
}

/** The pipelines of all variants and the surfaces' defaults, each named by where it is declared. */
function declaredPipelines({ experiments, surfaces }: Declarations): Candidate[] {
  return [
    ...surfaces.map(({ name, pipeline }) => ({ name: `${name} (default)`, surface: name, pipeline })),
    ...experiments.flatMap(({ key, surface = '', variants }) =>
      variants.flatMap(({ key: variant, pipeline }) =>
        pipeline === undefined ? [] : [{ name: `${key}/${variant}`, surface, pipeline }],
      ),
    ),
  ];
}

export interface EvaluationSettings extends Resampling {
  /** Users judged at most, evenly spread over all who have relevant titles. */
  readonly sample: number;
  /** Undefined for the invented world. */
  readonly protocol?: Protocol | undefined;
}

/**
 * Measures the sources alone and runs the real pipelines, all for the same users with held-out titles.
 *
 * @throws InvalidInput when fewer than two users have held-out titles
 */
export async function evaluateAll(
  prepared: Prepared,
  { models, sources, leftOut }: MeasuredModels,
  declarations: Declarations,
  settings: EvaluationSettings,
  progress: (done: number, total: number) => void = () => {},
): Promise<EvaluationReport> {
  const { ids, traits, history, heldOut, known, positiveWeight, catalogue } = prepared;
  const { protocol, resamples, seed } = settings;
  const relevant = relevantTitles(heldOut);
  const users = [...relevant.keys()].sort((a, b) => a - b);
  if (users.length < 2)
    throw new InvalidInput(
      `only ${users.length} users have a history and relevant titles after it; another protocol may hold out more`,
    );
  const share = Math.min(1, settings.sample / users.length);
  const chosen = users.filter((_, place) => Math.floor((place + 1) * share) > Math.floor(place * share));
  const reader = historyReader(history, traits);
  const viewers = chosen.map((user) => ({ ...reader(user, Number.POSITIVE_INFINITY), id: ids[user]! }));
  const lists = new Map<string, CandidateLists>();
  await retrieveMany(models, viewers, LIST_LENGTH, (entries) => {
    for (const [user, found] of entries) lists.set(user, found);
  });
  const popular = popularOrder(known, catalogue.size, positiveWeight);
  const judged = chosen.map((user) => relevant.get(user)!);
  const measure = (slates: readonly Int32Array[]): SlateMeasures =>
    measureSlates(slates, judged, catalogue, popular);
  const groups = groupsOf(viewers);
  const base = measure(slatesOfSource(AGAINST, prepared, viewers, lists));
  const pipelines = declaredPipelines(declarations);
  const rows: EvaluationRow[] = [];
  const add = (kind: EvaluationRow['kind'], name: string, measures: SlateMeasures): void => {
    const itself = kind === 'source' && name === AGAINST;
    rows.push({
      kind,
      name,
      measures: figuresOf(measures, settings),
      ndcg20ByWatches: groups.map(({ places }) => figureOver(measures, 'ndcg20', places, settings)),
      ndcg20Difference: itself ? null : differenceOf(measures, base, 'ndcg20', settings),
    });
    progress(rows.length, sources.length + pipelines.length);
  };
  for (const source of sources)
    add('source', source, measure(slatesOfSource(source, prepared, viewers, lists)));
  for (const { name, surface, pipeline } of pipelines) {
    const requests = viewers.map((viewer, row) =>
      requestOf(viewer, lists, surface, models.trending.asOf, row),
    );
    add('pipeline', name, measure(await slatesOf(pipeline, requests, models)));
  }
  return {
    protocol: protocol ?? 'next-choices',
    held: protocol === undefined ? NEXT_CHOICES : PROTOCOL_SUMMARIES[protocol],
    recall: RECALL,
    users: chosen.length,
    resamples,
    seed,
    models: models.version,
    training: prepared.report,
    against: AGAINST,
    watches: groups.map(({ from, to, places }) => ({ from, to, users: places.length })),
    rows,
    leftOut,
  };
}

/** Places of the viewers by how much they watched. */
function groupsOf(
  viewers: readonly Viewer[],
): { readonly from: number; readonly to: number | null; readonly places: Int32Array }[] {
  const all = Int32Array.from(viewers, (_, place) => place);
  return WATCHES.map((from, group) => {
    const next = WATCHES[group + 1] ?? Number.POSITIVE_INFINITY;
    const places = all.filter((place) => {
      const { watchCount } = viewers[place]!;
      return watchCount >= from && watchCount < next;
    });
    return { from, to: Number.isFinite(next) ? next - 1 : null, places };
  });
}

function requestOf(
  viewer: Viewer,
  lists: ReadonlyMap<string, CandidateLists>,
  surface: string,
  at: number,
  row: number,
): RankingRequest {
  return {
    // Stages draw from the id: a fixed one makes the figures repeatable.
    requestId: `00000000-0000-7000-8000-${row.toString(16).padStart(12, '0')}`,
    viewer,
    lists: lists.get(viewer.id),
    surface,
    device: DEVICES[0],
    country: viewer.country,
    at,
    k: SLATE_LENGTH,
  };
}

async function slatesOf(
  pipeline: readonly StageDeclaration[],
  requests: readonly RankingRequest[],
  models: Models,
): Promise<Int32Array[]> {
  const made = createPipeline(pipeline, () => 0);
  const slates: Int32Array[] = [];
  for (let from = 0; from < requests.length; from += BATCH) {
    const batch = requests.slice(from, from + BATCH).map(createWork);
    await made.run(batch, models);
    for (const work of batch) slates.push(work.slate!.titles);
  }
  return slates;
}
