import type { ExperimentState } from './assignment/assign.ts';
import type { Assignment, Attributes } from './assignment/decision.ts';
import type { FrozenAttribute } from './declaration/attributes.ts';
import type { Declarations, StageDeclaration } from './declarations.ts';
import { exposureOf } from './events/exposure.ts';
import type { Fallback, RequestRecord } from './events/records.ts';
import { createLadder } from './ladder.ts';
import { type CandidateListsOptions, createListReader } from './ranking/candidate-lists.ts';
import type { Models } from './ranking/models.ts';
import type { CandidateLists, CandidateStore, Viewer } from './ranking/viewer.ts';
import type { Evaluator, Recommendation, RecommendationInput, Recommender } from './recommend.ts';
import { type CompiledSurface, compileRouting, type Ranker, type Routing } from './routing.ts';
import type { KeptSlate } from './variants/slate-cache.ts';
import { longTailSlots, simpsonMicro } from './variants/slate-statistics.ts';
import type { Pipeline, RankingRequest, SkippedStage, Slate, StageTiming } from './variants/stage.ts';
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

/** How the slate of one request came to be. */
interface Outcome {
  readonly slate: Slate;
  readonly fallback: Fallback;
  readonly failed: boolean;
  readonly skipped: readonly SkippedStage[];
  readonly relaxed: number;
  readonly stages: readonly StageTiming[];
  readonly totalMicros: number;
}

/**
 * Story 1. Requests of a batch that share a ranker run through it together. `totalMicros` of a request is the batch's
 * assignment and lookup plus its own ranker's run: what it would have waited beside requests of its own arm only, so that
 * arms stay comparable. The same inputs, viewers, lists and versions give the same answer, timings apart.
 */
export function createRecommender(parts: RecommenderParts): Recommender & Evaluator {
  const { viewers, micros } = parts;
  const fetchLists = createListReader(parts.candidates, {
    ...parts.lists,
    onFailure: (error) => parts.onFailure?.(error, 'candidate store'),
  });
  const ladder = createLadder(parts);
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

  function recordsOf(
    { input, attributes, assignments, exposed, ranker }: Routed,
    { slate, fallback, failed, skipped, relaxed, stages, totalMicros }: Outcome,
    configuration: string,
    { version, catalogue }: Models,
  ): Recommendation {
    const request: RequestRecord = {
      environment: parts.environment,
      id: input.requestId,
      unit: input.userId,
      at: input.at,
      surface: input.surface,
      device: input.device,
      country: attributes.country!,
      configuration,
      models: version,
      pipeline: ranker.name,
      error: failed || skipped.length > 0,
      fallback,
      totalMicros,
      stages,
      skipped,
      relaxed,
      slate,
      simpsonMicro: simpsonMicro(slate.titles, catalogue),
      longTail: longTailSlots(slate.titles, catalogue),
    };
    const exposures = exposed.map((assignment) => exposureOf(assignment, request, attributes));
    return { assignments, request, exposures };
  }

  async function serve(
    inputs: readonly RecommendationInput[],
    outside: boolean,
  ): Promise<readonly Recommendation[]> {
    if (inputs.length === 0) return [];
    const start = micros();
    const current = routing();
    const models = parts.models();
    const routed = inputs.map((input, row): Routed => {
      const viewer = viewers.get(input.userId);
      const attributes = frozenAttributes(input, viewer);
      const surface = current.surface(input.surface);
      const decided = assign(current, input, targetingAttributes(input, viewer, attributes));
      const { ranker, exposed } = outside
        ? { ranker: surface.standard, exposed: [] }
        : current.route(surface, decided);
      const assignments = outside ? decided.map(unavailable) : decided;
      return { row, input, viewer, attributes, assignments, exposed, surface, ranker };
    });
    const assigned = micros();
    const answers = new Array<Recommendation>(inputs.length);
    const answer = (request: Routed, outcome: Outcome): void => {
      answers[request.row] = recordsOf(request, outcome, current.version, models);
    };

    const fresh: Routed[] = [];
    for (const request of routed) if (!repeat(request)) fresh.push(request);
    /** Answers with the slate kept of an earlier request, where the surface declares it and there is one. */
    function repeat(request: Routed): boolean {
      const versions = { configuration: current.version, models: models.version };
      const kept = request.surface.cache.repeat(
        request.ranker.name,
        rankingRequest(request, undefined),
        versions,
      );
      if (kept === undefined) return false;
      const looked = micros();
      answer(request, repeated(kept, Math.round(assigned - start), Math.round(looked - assigned)));
      return true;
    }

    const readers = fresh.filter(({ ranker }) => readsLists(ranker));
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
    for (const [ranker, requests] of grouped(fresh)) {
      const { surface } = requests[0]!;
      const ranked = await ladder(
        surface,
        ranker,
        requests.map((request) => rankingRequest(request, listsOf.get(request))),
        models,
        current.version,
        deadlineOf(surface, requests),
      );
      const stages = [...prepared, ...ranked.stages];
      const totalMicros = Math.round(ready - start + ranked.micros);
      requests.forEach((request, i) => {
        answer(request, {
          slate: ranked.slates[i]!,
          fallback: ranked.fallbacks[i]!,
          failed: (failed && listsOf.has(request)) || ranked.failed,
          skipped: ranked.skipped[i]!,
          relaxed: ranked.relaxed[i]!,
          stages,
          totalMicros,
        });
      });
    }
    return answers;
  }

  return {
    recommend: (inputs) => serve(inputs, false),
    recommendOutside: (inputs) => serve(inputs, true),
    slateCaches: () => new Map(routing().surfaces.map(({ name, cache }) => [name, cache.stats()])),
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

function grouped(requests: readonly Routed[]): Map<Ranker, Routed[]> {
  const groups = new Map<Ranker, Routed[]>();
  for (const request of requests) {
    const group = groups.get(request.ranker);
    if (group === undefined) groups.set(request.ranker, [request]);
    else group.push(request);
  }
  return groups;
}

/** When the first of requests that are ranked together has used up its time, by the clock of their arrival. */
function deadlineOf({ deadlineMs }: CompiledSurface, requests: readonly Routed[]): number {
  let first = Number.POSITIVE_INFINITY;
  if (deadlineMs === undefined) return first;
  for (const { input } of requests) first = Math.min(first, input.arrivedMicros ?? first);
  return first + 1000 * deadlineMs;
}

function repeated({ slate, relaxed }: KeptSlate, assign: number, cache: number): Outcome {
  return {
    slate,
    fallback: 'none',
    failed: false,
    skipped: [],
    relaxed,
    stages: [
      { stage: 'assign', micros: assign, titles: 0 },
      { stage: 'cache', micros: cache, titles: slate.titles.length },
    ],
    totalMicros: assign + cache,
  };
}

function unavailable(assignment: Assignment): Assignment {
  return assignment.variant === null
    ? assignment
    : { ...assignment, variant: null, reason: 'exposure-unavailable' };
}
