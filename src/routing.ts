import { createAssigner } from './assignment/assign.ts';
import type { Assignment } from './assignment/decision.ts';
import {
  type Declarations,
  type Experiment,
  type StageDeclaration,
  type Surface,
  USUAL_CACHE,
} from './declarations.ts';
import { createSlateCache, type SlateCache } from './variants/slate-cache.ts';
import type { Pipeline } from './variants/stage.ts';

/** Ranks a group of requests: one pipeline, or the two of an interleaving. */
export interface Ranker {
  /** `experiment/variant`, `experiment/interleaved` or `default`. */
  readonly name: string;
  readonly pipelines: readonly [Pipeline] | readonly [Pipeline, Pipeline];
}

export interface CompiledSurface {
  readonly name: string;
  readonly slots: number;
  readonly deadlineMs: number | undefined;
  readonly cache: SlateCache;
  readonly standard: Ranker;
}

/** One version of the declarations, ready to route requests. */
export interface Routing {
  readonly version: string;
  readonly assigner: ReturnType<typeof createAssigner>;
  readonly surfaces: readonly CompiledSurface[];
  /** Throws for a surface that is not declared. */
  surface(name: string): CompiledSurface;
  /**
   * The ranker of one request, and the assignments it exposes: those of the experiment whose pipeline ranks, and of every
   * experiment without pipelines that covers the surface. At most one experiment ranks; a forced one goes first.
   */
  route(
    surface: CompiledSurface,
    assignments: readonly Assignment[],
  ): { ranker: Ranker; exposed: Assignment[] };
}

interface CompiledExperiment {
  /** Undefined: any surface. */
  readonly surface: string | undefined;
  /** By variant; undefined where no variant has a pipeline. */
  readonly rankers: ReadonlyMap<string, Ranker> | undefined;
}

/** Makes every pipeline once. */
export function compileRouting(
  declarations: Declarations,
  createPipeline: (stages: readonly StageDeclaration[]) => Pipeline,
): Routing {
  const surfaces = new Map<string, CompiledSurface>(
    declarations.surfaces.map((surface) => [
      surface.name,
      {
        name: surface.name,
        slots: surface.slots,
        deadlineMs: surface.deadlineMs,
        cache: createSlateCache(surface.cache ?? USUAL_CACHE),
        standard: { name: 'default', pipelines: [createPipeline(surface.pipeline)] },
      },
    ]),
  );
  const declared = new Map(declarations.surfaces.map((surface) => [surface.name, surface]));
  const experiments = new Map<string, CompiledExperiment>(
    declarations.experiments.map((experiment) => [
      experiment.key,
      { surface: experiment.surface, rankers: rankersOf(experiment, declared, createPipeline) },
    ]),
  );

  return {
    version: declarations.version,
    assigner: createAssigner(declarations),
    surfaces: [...surfaces.values()],
    surface(name) {
      const surface = surfaces.get(name);
      if (surface === undefined) {
        throw new Error(`surface "${name}" is not declared; declared are ${[...surfaces.keys()].join(', ')}`);
      }
      return surface;
    },
    route(surface, assignments) {
      let ranking: Assignment | undefined;
      const exposed: Assignment[] = [];
      for (const assignment of assignments) {
        if (assignment.variant === null) continue;
        const experiment = experiments.get(assignment.experiment)!;
        if (experiment.surface !== undefined && experiment.surface !== surface.name) continue;
        if (experiment.rankers === undefined) exposed.push(assignment);
        else if (ranking === undefined || (assignment.reason === 'forced' && ranking.reason !== 'forced')) {
          ranking = assignment;
        }
      }
      if (ranking === undefined) return { ranker: surface.standard, exposed };
      exposed.push(ranking);
      const ranker = experiments.get(ranking.experiment)!.rankers!.get(ranking.variant!)!;
      return { ranker, exposed };
    },
  };
}

function rankersOf(
  experiment: Experiment,
  surfaces: ReadonlyMap<string, Surface>,
  createPipeline: (stages: readonly StageDeclaration[]) => Pipeline,
): ReadonlyMap<string, Ranker> | undefined {
  if (experiment.variants.every((variant) => variant.pipeline === undefined)) return undefined;
  const surface = surfaces.get(experiment.surface ?? '');
  if (surface === undefined) {
    throw new Error(
      `experiment ${experiment.key} has pipelines but its surface "${experiment.surface ?? ''}" is not declared; ` +
        `declared are ${[...surfaces.keys()].join(', ')}`,
    );
  }
  const pipelines = experiment.variants.map((variant) =>
    createPipeline(variant.pipeline ?? surface.pipeline),
  );
  if (experiment.design === 'interleaving') {
    const [first, second] = pipelines;
    if (first === undefined || second === undefined || pipelines.length > 2) {
      throw new Error(
        `experiment ${experiment.key} interleaves ${pipelines.length} variants; interleaving takes two`,
      );
    }
    const both: Ranker = { name: `${experiment.key}/interleaved`, pipelines: [first, second] };
    return new Map(experiment.variants.map((variant) => [variant.key, both]));
  }
  return new Map(
    experiment.variants.map((variant, row) => [
      variant.key,
      { name: `${experiment.key}/${variant.key}`, pipelines: [pipelines[row]!] },
    ]),
  );
}
