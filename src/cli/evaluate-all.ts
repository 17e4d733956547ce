import type { LadderStep } from '../declaration/parse-ladder.ts';
import type { Declarations } from '../declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { retrieveMany } from '../onnx/retrieve.ts';
import type { Prepared } from '../prepare.ts';
import {
  type Measure,
  measureSlates,
  popularOrder,
  relevantTitles,
  type SlateMeasures,
} from '../ranking/evaluate.ts';
import { historyReader } from '../ranking/history.ts';
import { PROTOCOL_SUMMARIES, type Protocol } from '../ranking/protocols.ts';
import type { TrainingReport } from '../ranking/train.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { itemSourcesOfPipelines } from '../variants/item-sources.ts';
import {
  type EvaluatedSource,
  type LeftOut,
  type MeasuredModels,
  slatesOfSource,
} from './evaluate-sources.ts';
import { type EvaluatedPipeline, evaluatedPipelines, slatesKey } from './evaluated-rows.ts';
import { slatesOf } from './evaluated-slates.ts';
import { differenceOf, type Figure, figureOver, figuresOf, type Resampling } from './evaluation-intervals.ts';

/** What a step adds or costs: each measure less that of the step it is held against, users resampled together. */
export interface EvaluationChange {
  readonly against: string;
  readonly ndcg20: Figure;
  readonly recall20: Figure;
  readonly genresPerSlate: Figure;
  readonly intraListDiversity: Figure;
  readonly popularityRank: Figure;
}

/** One ranker's figures. */
export interface EvaluationRow {
  /** stage: a pipeline cut after one of its stages and filled from the best downwards. */
  readonly kind: 'source' | 'stage' | 'pipeline';
  /** Of the source, or where the pipeline is declared. */
  readonly name: string;
  /** An earlier row with the same stages, whose figures these are. */
  readonly sameAs: string | null;
  readonly measures: Readonly<Record<Measure, Figure>>;
  /** NDCG@20 of the users of each group of `watches`, in its order. */
  readonly ndcg20ByWatches: readonly Figure[];
  /** NDCG@20 less that of `against`, users resampled together; null for `against` itself. */
  readonly ndcg20Difference: Figure | null;
  /** Null for sources and first stages. */
  readonly change: EvaluationChange | null;
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
/** Histories from these lengths on are one group: what a ranker does for new users is not seen in a mean over all. */
const WATCHES = [0, 1, 3, 10, 30];
const AGAINST = 'ials';
const NEXT_CHOICES =
  'the next 5 titles that each viewer would choose unprompted are held out; all are relevant';
const RECALL =
  "a user's held-out relevant titles found in the first k / all held-out relevant titles of the user";

export interface EvaluationSettings extends Resampling {
  /** Users judged at most, evenly spread over all who have relevant titles. */
  readonly sample: number;
  /** Undefined for the invented world. */
  readonly protocol?: Protocol | undefined;
  /** Pipelines that are measured beside the declared ones. */
  readonly ladder?: readonly LadderStep[];
}

/** The users that are judged, by what, and with what history. */
export interface JudgedUsers {
  readonly viewers: readonly Viewer[];
  /** By viewer. */
  readonly relevant: readonly ReadonlySet<number>[];
}

/** @throws InvalidInput when fewer than two users have held-out titles */
export function judgedUsers({ ids, traits, history, heldOut }: Prepared, sample: number): JudgedUsers {
  const relevant = relevantTitles(heldOut);
  const users = [...relevant.keys()].sort((a, b) => a - b);
  if (users.length < 2)
    throw new InvalidInput(
      `only ${users.length} users have a history and relevant titles after it; another protocol may hold out more`,
    );
  const share = Math.min(1, sample / users.length);
  const chosen = users.filter((_, place) => Math.floor((place + 1) * share) > Math.floor(place * share));
  const reader = historyReader(history, traits);
  return {
    viewers: chosen.map((user) => ({ ...reader(user, Number.POSITIVE_INFINITY), id: ids[user]! })),
    relevant: chosen.map((user) => relevant.get(user)!),
  };
}

/** The stored candidate lists of each viewer, by id. */
export async function listsOf(
  { models }: Pick<MeasuredModels, 'models'>,
  viewers: readonly Viewer[],
): Promise<Map<string, CandidateLists>> {
  const lists = new Map<string, CandidateLists>();
  await retrieveMany(models, viewers, LIST_LENGTH, (entries) => {
    for (const [user, found] of entries) lists.set(user, found);
  });
  return lists;
}

/** What is measured of the declarations and the ladder with these models; a pipeline whose models are not there is left out. */
export function measurable(
  { models }: Pick<MeasuredModels, 'models'>,
  declarations: Pick<Declarations, 'experiments' | 'surfaces'>,
  ladder: readonly LadderStep[],
): { readonly pipelines: EvaluatedPipeline[]; readonly leftOut: LeftOut[] } {
  const pipelines: EvaluatedPipeline[] = [];
  const leftOut: LeftOut[] = [];
  for (const one of evaluatedPipelines(declarations, ladder)) {
    const missing = itemSourcesOfPipelines([one.stages]).filter((source) => models[source] === undefined);
    if (missing.length === 0) pipelines.push(one);
    else if (one.kind === 'pipeline')
      leftOut.push({ name: one.name, reason: `needs ${missing.join(' and ')}, which is not trained here` });
  }
  return { pipelines, leftOut };
}

/**
 * Measures the sources alone and runs the real pipelines, all for the same users with held-out titles.
 *
 * @throws InvalidInput when fewer than two users have held-out titles
 */
export async function evaluateAll(
  prepared: Prepared,
  measured: MeasuredModels,
  declarations: Pick<Declarations, 'experiments' | 'surfaces'>,
  settings: EvaluationSettings,
  progress: (done: number, total: number) => void = () => {},
): Promise<EvaluationReport> {
  const { known, positiveWeight, catalogue } = prepared;
  const { models, sources } = measured;
  const { protocol, resamples, seed } = settings;
  const { viewers, relevant } = judgedUsers(prepared, settings.sample);
  const lists = await listsOf(measured, viewers);
  const popular = popularOrder(known, catalogue.size, positiveWeight);
  const measure = (slates: readonly Int32Array[]): SlateMeasures =>
    measureSlates(slates, relevant, catalogue, popular);
  const groups = groupsOf(viewers);
  const base = measure(slatesOfSource(AGAINST, prepared, viewers, lists));
  const { pipelines, leftOut } = measurable(measured, declarations, settings.ladder ?? []);
  const rows = new Map<string, EvaluationRow>();
  const byName = new Map<string, SlateMeasures>();
  const figures = (measures: SlateMeasures, itself: boolean) => ({
    measures: figuresOf(measures, settings),
    ndcg20ByWatches: groups.map(({ places }) => figureOver(measures, 'ndcg20', places, settings)),
    ndcg20Difference: itself ? null : differenceOf(measures, base, 'ndcg20', settings),
  });
  const changeOf = (measures: SlateMeasures, against: string | undefined): EvaluationChange | null => {
    const other = against === undefined ? undefined : byName.get(against);
    if (against === undefined || other === undefined) return null;
    const less = (name: Exclude<keyof EvaluationChange, 'against'>): Figure =>
      differenceOf(measures, other, name, settings);
    return {
      against,
      ndcg20: less('ndcg20'),
      recall20: less('recall20'),
      genresPerSlate: less('genresPerSlate'),
      intraListDiversity: less('intraListDiversity'),
      popularityRank: less('popularityRank'),
    };
  };
  const add = (row: EvaluationRow): void => {
    rows.set(row.name, row);
    progress(rows.size, sources.length + pipelines.length);
  };
  for (const name of sources) {
    const measures = measure(slatesOfSource(name, prepared, viewers, lists));
    add({ kind: 'source', name, sameAs: null, ...figures(measures, name === AGAINST), change: null });
  }
  const first = new Map<string, string>();
  for (const pipeline of pipelines) {
    const { kind, name, stages, surface, against } = pipeline;
    const key = slatesKey(pipeline);
    const twin = first.get(key);
    const measures = twin
      ? byName.get(twin)!
      : measure(await slatesOf(stages, surface, viewers, lists, models));
    byName.set(name, measures);
    if (twin === undefined) first.set(key, name);
    add({
      kind,
      name,
      sameAs: twin ?? null,
      ...(twin === undefined ? figures(measures, false) : figuresOfRow(rows.get(twin)!)),
      change: changeOf(measures, against),
    });
  }
  return {
    protocol: protocol ?? 'next-choices',
    held: protocol === undefined ? NEXT_CHOICES : PROTOCOL_SUMMARIES[protocol],
    recall: RECALL,
    users: viewers.length,
    resamples,
    seed,
    models: models.version,
    training: prepared.report,
    against: AGAINST,
    watches: groups.map(({ from, to, places }) => ({ from, to, users: places.length })),
    rows: [...rows.values()],
    leftOut: [...measured.leftOut, ...leftOut],
  };
}

function figuresOfRow({ measures, ndcg20ByWatches, ndcg20Difference }: EvaluationRow) {
  return { measures, ndcg20ByWatches, ndcg20Difference };
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
