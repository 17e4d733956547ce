import type { ExperimentState } from './assignment/assign.ts';
import type { Assignment, Attributes } from './assignment/decision.ts';
import type { FrozenAttribute } from './declaration/attributes.ts';
import type { Declarations, StageDeclaration } from './declarations.ts';
import { exposureOf } from './events/exposure.ts';
import type { Fallback, RequestRecord } from './events/records.ts';
import { type CandidateListsOptions, createListReader } from './ranking/candidate-lists.ts';
import type { Catalogue } from './ranking/catalogue.ts';
import type { Models } from './ranking/models.ts';
import type { Limits } from './ranking/rules.ts';
import type { CandidateLists, CandidateStore, Viewer } from './ranking/viewer.ts';
import type { Evaluator, Recommendation, RecommendationInput, Recommender } from './recommend.ts';
import { type CompiledSurface, compileRouting, type Ranker, type Routing } from './routing.ts';
import { interleave } from './variants/interleave.ts';
import { popularSlate } from './variants/popular-slate.ts';
import { random } from './variants/random.ts';
import { longTailSlots, simpsonMicro } from './variants/slate-statistics.ts';
import type { Pipeline, RankingRequest, SkippedStage, Slate, StageTiming, Work } from './variants/stage.ts';
import { createWork } from './variants/work.ts';
import { activityOf, type Viewers } from './viewers.ts';

export interface RecommenderParts {
  readonly declarations: () => Declarations;
  readonly models: () => Models;
  readonly viewers: Pick<Viewers, 'get'>;
  readonly candidates: CandidateStore;
  readonly environment: string;
  /** What operators did to experiments, by key. */
  readonly states: () => ReadonlyMap<string, ExperimentState>;
  /** Monotonic clock in microseconds, for latencies only. */
  readonly micros: () => number;
  /** Given the clock above for its stages' timings. */
  readonly createPipeline: (stages: readonly StageDeclaration[], micros: () => number) => Pipeline;
  /** Told of every failure that the fallback ladder hides from the user. */
  readonly onFailure?: (error: unknown, place: string) => void;
  readonly lists?: Omit<CandidateListsOptions, 'onFailure'>;
}

/** One request on its way from the lookup to its records. */
interface Routed {
  readonly row: number;
  readonly input: RecommendationInput;
  readonly viewer: Viewer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly assignments: readonly Assignment[];
  readonly exposed: readonly Assignment[];
  readonly surface: CompiledSurface;
  readonly ranker: Ranker;
}

interface Ranked {
  readonly slates: readonly Slate[];
  readonly fallbacks: readonly Fallback[];
  readonly failed: boolean;
  readonly skipped: readonly (readonly SkippedStage[])[];
  readonly relaxed: readonly number[];
  readonly stages: readonly StageTiming[];
  readonly micros: number;
}

/**
 * Story 1. Requests of a batch that share a ranker run through it together. `totalMicros` of a request is the batch's
 * assignment and lookup plus its own ranker's run: what it would have waited beside requests of its own arm only, so that
 * arms stay comparable. The same inputs, viewers, lists and versions give the same answer, timings apart.
 */
export function createRecommender(parts: RecommenderParts): Recommender & Evaluator {
  const { environment, viewers, micros } = parts;
  const fetchLists = createListReader(parts.candidates, {
    ...parts.lists,
    onFailure: (error) => parts.onFailure?.(error, 'candidate store'),
  });
  let compiled: Routing | undefined;

  function routing(): Routing {
    const declarations = parts.declarations();
    if (compiled?.version !== declarations.version)
      compiled = compileRouting(declarations, (stages) => parts.createPipeline(stages, micros));
    return compiled;
  }

  function assign(
    current: Routing,
    input: Omit<RecommendationInput, 'requestId'>,
    attributes: Attributes,
  ): Assignment[] {
    const states = parts.states();
    const options = input.forced === undefined ? { states } : { states, forced: input.forced };
    return current.assigner.assign(input.userId, attributes, input.at, options);
  }

  /** Runs one ranker over its requests; a failure steps down to popularity. */
  async function rank(ranker: Ranker, requests: readonly RankingRequest[], models: Models): Promise<Ranked> {
    const start = micros();
    const stages: StageTiming[] = [];
    const runs: Work[][] = [];
    let failed = false;
    try {
      for (const pipeline of ranker.pipelines) {
        const works = requests.map(createWork);
        for (const timing of await pipeline.run(works, models)) stages.push(timing);
        runs.push(works);
      }
    } catch (error) {
      parts.onFailure?.(error, `pipeline ${ranker.name}`);
      failed = true;
    }
    const ladder = micros();
    const slates: Slate[] = [];
    const fallbacks: Fallback[] = [];
    const skipped: (readonly SkippedStage[])[] = [];
    const relaxed: number[] = [];
    requests.forEach((request, i) => {
      const works = failed ? [] : runs.map((run) => run[i]!);
      let slate = works.every((work) => (work.slate?.titles.length ?? 0) > 0) ? works[0]?.slate : undefined;
      if (slate !== undefined && works.length === 2) {
        slate = interleave(slate, works[1]!.slate!, request.k, random(request.requestId, 'interleave'));
      }
      slates.push(slate ?? popularSlate(models, request, limitsOf(ranker, models.catalogue)));
      fallbacks.push(
        slate !== undefined ? 'none' : models.catalogue.size === 0 ? 'empty-catalogue' : 'popularity',
      );
      skipped.push(works.length === 1 ? works[0]!.skipped : works.flatMap((work) => work.skipped));
      relaxed.push(works.reduce((sum, work) => sum + work.relaxed, 0));
    });
    const end = micros();
    if (ranker.pipelines.length === 2 || failed) {
      stages.push({
        stage: failed ? 'popularity' : 'interleave',
        micros: Math.round(end - ladder),
        titles: slates.reduce((sum, { titles }) => sum + titles.length, 0),
      });
    }
    return { slates, fallbacks, failed, skipped, relaxed, stages, micros: end - start };
  }

  async function serve(
    inputs: readonly RecommendationInput[],
    outside: boolean,
  ): Promise<readonly Recommendation[]> {
    if (inputs.length === 0) return [];
    const start = micros();
    const current = routing();
    const models = parts.models();
    const groups = new Map<Ranker, Routed[]>();
    const routed = inputs.map((input, row): Routed => {
      const viewer = viewers.get(input.userId);
      const attributes = frozenAttributes(input, viewer);
      const surface = current.surface(input.surface);
      const decided = assign(current, input, targetingAttributes(input, viewer, attributes));
      const { ranker, exposed } = outside
        ? { ranker: surface.standard, exposed: [] }
        : current.route(surface, decided);
      const assignments = outside ? decided.map(unavailable) : decided;
      const request = { row, input, viewer, attributes, assignments, exposed, surface, ranker };
      const group = groups.get(ranker);
      if (group === undefined) groups.set(ranker, [request]);
      else group.push(request);
      return request;
    });
    const assigned = micros();
    const readers = routed.filter(({ ranker }) => readsLists(ranker));
    const { lists, failed } = await fetchLists(
      models,
      readers.map((request) => request.viewer),
    );
    const ready = micros();
    const prepared: StageTiming[] = [
      { stage: 'assign', micros: Math.round(assigned - start), titles: 0 },
      { stage: 'lists', micros: Math.round(ready - assigned), titles: 0 },
    ];

    const listsOf = new Map(readers.map((request, i) => [request, lists[i]]));
    const answers = new Array<Recommendation>(inputs.length);
    for (const [ranker, requests] of groups) {
      const ranked = await rank(
        ranker,
        requests.map((request) => rankingRequest(request, listsOf.get(request))),
        models,
      );
      const stages = [...prepared, ...ranked.stages];
      const totalMicros = Math.round(ready - start + ranked.micros);
      requests.forEach((routedRequest, i) => {
        const { input, row, attributes } = routedRequest;
        const slate = ranked.slates[i]!;
        const request: RequestRecord = {
          environment,
          id: input.requestId,
          unit: input.userId,
          at: input.at,
          surface: input.surface,
          device: input.device,
          country: attributes.country!,
          configuration: current.version,
          models: models.version,
          pipeline: ranker.name,
          error: (failed && listsOf.has(routedRequest)) || ranked.failed || ranked.skipped[i]!.length > 0,
          fallback: ranked.fallbacks[i]!,
          totalMicros,
          stages,
          skipped: ranked.skipped[i]!,
          relaxed: ranked.relaxed[i]!,
          slate,
          simpsonMicro: simpsonMicro(slate.titles, models.catalogue),
          longTail: longTailSlots(slate.titles, models.catalogue),
        };
        const exposures = routedRequest.exposed.map((exposed) => exposureOf(exposed, request, attributes));
        answers[row] = { assignments: routedRequest.assignments, request, exposures };
      });
    }
    return answers;
  }

  return {
    recommend: (inputs) => serve(inputs, false),
    recommendOutside: (inputs) => serve(inputs, true),
    evaluate(input) {
      const viewer = viewers.get(input.userId);
      const attributes = frozenAttributes(input, viewer);
      const assignments = assign(routing(), input, targetingAttributes(input, viewer, attributes));
      return { assignments, attributes };
    },
  };
}

/** What an exposure freezes: the attributes reports may be stratified by. */
function frozenAttributes(
  input: Omit<RecommendationInput, 'requestId'>,
  viewer: Viewer,
): Readonly<Record<FrozenAttribute, string>> {
  return {
    country: input.country ?? viewer.country,
    device: input.device,
    age_group: viewer.ageGroup,
    activity: activityOf(viewer.watchCount),
    watches_before: String(viewer.watchCount),
  };
}

/** What targeting may test. */
function targetingAttributes(
  input: Omit<RecommendationInput, 'requestId'>,
  viewer: Viewer,
  frozen: Readonly<Record<string, string>>,
): Attributes {
  return {
    user_id: input.userId,
    surface: input.surface,
    // Unknown is absent, so that `exists` can tell.
    country: frozen.country === '' ? undefined : frozen.country,
    device: frozen.device,
    age_group: frozen.age_group,
    activity: frozen.activity,
    watches: viewer.watchCount,
  };
}

function rankingRequest(routed: Routed, lists: CandidateLists | undefined): RankingRequest {
  const { input, viewer, attributes, surface } = routed;
  return {
    requestId: input.requestId,
    viewer,
    lists,
    surface: input.surface,
    device: input.device,
    country: attributes.country!,
    at: input.at,
    k: input.k ?? surface.slots,
  };
}

function readsLists({ pipelines }: Ranker): boolean {
  return pipelines.some(({ stages }) => stages.some((stage) => stage.readsLists === true));
}

/** What the pipelines of a ranker declare as not to be shown. */
function limitsOf({ pipelines }: Ranker, catalogue: Catalogue): Limits[] {
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.flatMap((stage) => stage.limits?.(catalogue) ?? []);
}

function unavailable(assignment: Assignment): Assignment {
  return assignment.variant === null
    ? assignment
    : { ...assignment, variant: null, reason: 'exposure-unavailable' };
}
