import type { Declarations, Experiment, Layer } from '../declarations.ts';
import { phaseAt, phaseStarts, trafficSalt, variantEnds, variantSalt } from './allocation.ts';
import { answersByPhase, type PhaseAnswers } from './answers.ts';
import { compileCondition, type Predicate } from './condition.ts';
import type { Assignment, Attributes } from './decision.ts';
import { type HashPrefix, hashAfter, hashPrefix, packUtf8, toUnitInterval, wordsNeeded } from './hash.ts';

/** What operators changed since the declaration: a stop, or a ramp phase other than the clock's. */
export interface ExperimentState {
  readonly stopped?: boolean;
  /** Row of the ramp; a row past the end means the last. */
  readonly phase?: number;
}

export interface AssignOptions {
  /** Variant by experiment key, for QA. A name that is no variant is ignored. */
  readonly forced?: Readonly<Record<string, string>>;
  readonly states?: ReadonlyMap<string, ExperimentState>;
}

/** Decides variants. Pure: the same arguments give the same answer, in every process, and nothing is recorded. */
export interface Assigner {
  /**
   * One answer per experiment, in declared order. Never throws. The first of these that applies is the reason:
   * stopped, ended, forced, not-started, not-targeted, holdout, layer-taken, outside-ramp, assigned. A unit forced
   * into one experiment is kept out (`layer-taken`) of the others of that layer.
   * @param at epoch ms
   */
  assign(unit: string, attributes: Attributes, at: number, options?: AssignOptions): Assignment[];
  /** The same for one experiment; undefined when there is none of that key. Allocates nothing. */
  assignOne(
    experiment: string,
    unit: string,
    attributes: Attributes,
    at: number,
    options?: AssignOptions,
  ): Assignment | undefined;
}

/** Units longer than this many UTF-16 code units are packed into memory of their own. */
const USUAL_UNIT = 256;

interface CompiledLayer {
  readonly prefix: HashPrefix;
  readonly holdout: { readonly prefix: HashPrefix; readonly share: number } | undefined;
}

interface CompiledExperiment {
  readonly key: string;
  readonly layerName: string;
  readonly layer: CompiledLayer;
  readonly from: number;
  readonly to: number;
  readonly endMs: number;
  readonly targeted: Predicate;
  readonly shares: Float64Array;
  readonly phaseStarts: Float64Array;
  readonly traffic: HashPrefix;
  readonly variant: HashPrefix;
  readonly variantKeys: readonly string[];
  readonly variantEnds: Float64Array;
  readonly answers: readonly PhaseAnswers[];
}

/** Compiles declarations (already validated: an experiment whose layer is unknown is an error here). */
export function createAssigner(declarations: Pick<Declarations, 'experiments' | 'layers'>): Assigner {
  const layers = new Map(declarations.layers.map((layer) => [layer.name, compileLayer(layer)]));
  const experiments = declarations.experiments.map((experiment) => compileExperiment(experiment, layers));
  const byKey = new Map(experiments.map((experiment) => [experiment.key, experiment]));
  const usualWords = new Int32Array(wordsNeeded('x'.repeat(USUAL_UNIT)));

  const wordsFor = (unit: string) =>
    unit.length <= USUAL_UNIT ? usualWords : new Int32Array(wordsNeeded(unit));

  return {
    assign(unit, attributes, at, options) {
      const words = wordsFor(unit);
      const bytes = packUtf8(unit, words);
      const forcedLayers = options?.forced && layersForced(experiments, options, at);
      const assignments: Assignment[] = [];
      for (const experiment of experiments) {
        const taken = forcedLayers?.has(experiment.layerName) ?? false;
        assignments.push(decide(experiment, words, bytes, attributes, at, options, taken));
      }
      return assignments;
    },
    assignOne(key, unit, attributes, at, options) {
      const experiment = byKey.get(key);
      if (experiment === undefined) return undefined;
      const words = wordsFor(unit);
      const bytes = packUtf8(unit, words);
      const taken =
        options?.forced !== undefined && layersForced(experiments, options, at).has(experiment.layerName);
      return decide(experiment, words, bytes, attributes, at, options, taken);
    },
  };
}

function decide(
  experiment: CompiledExperiment,
  words: Int32Array,
  bytes: number,
  attributes: Attributes,
  at: number,
  options: AssignOptions | undefined,
  layerForced: boolean,
): Assignment {
  let phase = phaseAt(experiment.phaseStarts, at);
  if (options !== undefined) {
    const state = options.states?.get(experiment.key);
    if (state?.phase !== undefined && phase >= 0) phase = clampPhase(state.phase, experiment.shares.length);
    const answers = experiment.answers[phase + 1]!;
    if (state?.stopped === true) return answers.stopped;
    if (options.forced !== undefined) {
      const forced = forcedVariant(experiment, options.forced);
      if (forced >= 0 && !(at >= experiment.endMs)) return answers.forced[forced]!;
    }
  }
  const answers = experiment.answers[phase + 1]!;
  if (at >= experiment.endMs) return answers.ended;
  if (phase < 0) return answers.notStarted;
  if (!experiment.targeted(attributes)) return answers.notTargeted;
  const { holdout, prefix } = experiment.layer;
  if (holdout !== undefined && position(holdout.prefix, words, bytes) < holdout.share) return answers.holdout;
  if (layerForced) return answers.layerTaken;
  if (experiment.from > 0 || experiment.to < 1) {
    const place = position(prefix, words, bytes);
    if (place < experiment.from || place >= experiment.to) return answers.layerTaken;
  }
  const share = experiment.shares[phase]!;
  if (share < 1 && position(experiment.traffic, words, bytes) >= share) return answers.outsideRamp;
  const point = position(experiment.variant, words, bytes);
  let variant = 0;
  while (point >= experiment.variantEnds[variant]!) variant++;
  return answers.assigned[variant]!;
}

function position(prefix: HashPrefix, words: Int32Array, bytes: number): number {
  return toUnitInterval(hashAfter(prefix, words, bytes));
}

function clampPhase(phase: number, phases: number): number {
  return Number.isFinite(phase) ? Math.min(Math.max(Math.trunc(phase), 0), phases - 1) : phases - 1;
}

function forcedVariant(experiment: CompiledExperiment, forced: Readonly<Record<string, string>>): number {
  if (!Object.hasOwn(forced, experiment.key)) return -1;
  return experiment.variantKeys.indexOf(forced[experiment.key]!);
}

function layersForced(
  experiments: readonly CompiledExperiment[],
  options: AssignOptions,
  at: number,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const experiment of experiments) {
    const stopped = options.states?.get(experiment.key)?.stopped === true;
    if (!stopped && !(at >= experiment.endMs) && forcedVariant(experiment, options.forced!) >= 0) {
      names.add(experiment.layerName);
    }
  }
  return names;
}

function compileLayer(layer: Layer): CompiledLayer {
  return {
    prefix: hashPrefix(`${layer.salt}:`),
    holdout: layer.holdout && {
      prefix: hashPrefix(`${layer.holdout.name}:`),
      share: layer.holdout.share,
    },
  };
}

function compileExperiment(
  experiment: Experiment,
  layers: ReadonlyMap<string, CompiledLayer>,
): CompiledExperiment {
  const layer = layers.get(experiment.layer.name);
  if (layer === undefined) {
    throw new Error(
      `experiment ${experiment.key}: unknown layer ${experiment.layer.name}; declare it in layers.yaml`,
    );
  }
  const { key, iteration } = experiment;
  return {
    key,
    layerName: experiment.layer.name,
    layer,
    from: experiment.layer.from,
    to: experiment.layer.to,
    endMs: experiment.startMs + experiment.durationMs + experiment.observeForMs,
    targeted: compileCondition(experiment.targeting),
    shares: Float64Array.from(experiment.ramp, (phase) => phase.share),
    phaseStarts: phaseStarts(experiment.startMs, experiment.ramp),
    traffic: hashPrefix(`${trafficSalt(key, iteration)}:`),
    variant: hashPrefix(`${variantSalt(key, iteration)}:`),
    variantKeys: experiment.variants.map((variant) => variant.key),
    variantEnds: variantEnds(experiment.variants),
    answers: answersByPhase(experiment),
  };
}
