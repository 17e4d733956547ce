import Type, { type Static } from 'typebox';
import { conditionDefinition, conditionReference, toCondition } from './declaration/condition.ts';
import { pipelineSchema, toPipeline } from './declaration/pipeline.ts';
import {
  analysisSchema,
  decisionSchema,
  metricsSchema,
  names,
  toMargin,
  toPrior,
} from './declaration/plan.ts';
import {
  DAY_MS,
  duration,
  instant,
  share,
  toEpochMs,
  toMs,
  toNumber,
  weight,
} from './declaration/quantities.ts';
import type { Condition, Experiment } from './declarations.ts';
import type { StageDefinition } from './variants/stage.ts';

const closed = { additionalProperties: false } as const;

const KEY_PATTERN = '^[a-z][a-z0-9-]{0,63}$';

/** Schema of one experiment file; the stages decide what its pipelines may contain. */
export function experimentSchema(stages: readonly StageDefinition[]) {
  return Type.Object(
    {
      apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
      key: Type.String({
        pattern: KEY_PATTERN,
        expects: 'lower-case letters, digits and hyphens, beginning with a letter, at most 64',
        description: 'Name of the experiment. Immutable: it salts the hash.',
      }),
      owner: Type.String({ minLength: 1, description: 'The team that answers for it.' }),
      hypothesis: Type.String({ minLength: 1, description: 'What is expected to happen.' }),
      design: Type.Optional(
        Type.Enum(['ab', 'interleaving'], {
          description:
            'ab (default): a unit sees one variant. interleaving: a slate mixes two pipelines, and clicks are credited to the one that placed the title.',
        }),
      ),
      unit: Type.Optional(Type.Enum(['user_id'], { description: 'What is randomised. Default user_id.' })),
      iteration: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: 'A new one re-randomises; weights never change within one. Default 1.',
        }),
      ),
      layer: Type.Object(
        {
          name: Type.String({ description: 'A layer of layers.yaml.' }),
          slice: Type.Optional(
            Type.Object(
              { from: share('Where the slice begins.'), to: share('Where it ends.') },
              {
                ...closed,
                description: 'Disjoint slices of one layer exclude each other. Default: all of it.',
              },
            ),
          ),
        },
        { ...closed, description: 'Where the units come from.' },
      ),
      holdout: Type.Optional(
        Type.String({
          description:
            'For the reader: the holdout of the layer, whose units no experiment of it touches. Checked against layers.yaml.',
        }),
      ),
      surface: Type.Optional(
        Type.String({
          description:
            'A surface of surfaces.yaml: the variants replace its pipeline, and only its requests are targeted. Needed where a variant has a pipeline.',
        }),
      ),
      start: instant('When enrolment begins, UTC.'),
      duration: duration('How long enrolment lasts.'),
      observeFor: Type.Optional(
        duration('How long units are observed after the last enrolment, for windowed metrics. Default 0d.'),
      ),
      targeting: Type.Optional(conditionReference),
      stratify: names('Attributes, frozen at first exposure, by which estimates are post-stratified.'),
      control: Type.String({ description: 'The variant that the others are compared with.' }),
      variants: Type.Record(
        Type.String({ pattern: KEY_PATTERN }),
        Type.Object(
          {
            weight: weight('Share of the units: all variants sum to 100.'),
            pipeline: Type.Optional(
              pipelineSchema(stages, "The stages, in order. Absent: the surface's default pipeline."),
            ),
          },
          closed,
        ),
        {
          additionalProperties: false,
          minProperties: 2,
          description: 'By key; the order is part of the hash.',
        },
      ),
      metrics: metricsSchema,
      analysis: Type.Optional(analysisSchema),
      ramp: Type.Optional(
        Type.Array(
          Type.Object(
            {
              share: share('Share of the slice that takes part.'),
              for: Type.Optional(duration('How long the phase lasts; the last runs until the end.')),
            },
            closed,
          ),
          {
            minItems: 1,
            description: 'Who takes part, phase by phase; never the ratio of the arms. Default: all.',
          },
        ),
      ),
      decision: Type.Optional(decisionSchema),
    },
    {
      ...closed,
      title: 'Screentest experiment',
      description: 'One experiment: who sees what, what counts as success, and what happens then.',
      $defs: { condition: conditionDefinition },
    },
  );
}

/** An experiment as written. */
export type ExperimentFile = Static<ReturnType<typeof experimentSchema>>;

/** Normalises a file that passed the schema and the cross-checks. */
export function toExperiment(file: ExperimentFile, source: Experiment['source']): Experiment {
  const { layer, analysis = {}, decision = {} } = file;
  return {
    key: file.key,
    owner: file.owner,
    hypothesis: file.hypothesis.trim(),
    design: file.design ?? 'ab',
    unit: 'user_id',
    iteration: file.iteration ?? 1,
    layer: {
      name: layer.name,
      from: toNumber(layer.slice?.from ?? 0),
      to: toNumber(layer.slice?.to ?? 1),
    },
    ...(file.surface !== undefined && { surface: file.surface }),
    startMs: toEpochMs(file.start)!,
    durationMs: toMs(file.duration),
    observeForMs: toMs(file.observeFor ?? '0d'),
    targeting: toTargeting(file),
    stratify: file.stratify ?? [],
    control: file.control,
    variants: toVariants(file.variants),
    metrics: {
      success: file.metrics.success.map(({ metric, minimumEffect }) => ({
        metric,
        ...(minimumEffect !== undefined && { minimumEffect: toNumber(minimumEffect) }),
      })),
      guardrails: (file.metrics.guardrails ?? []).map(({ metric, margin, limit }) => ({
        metric,
        margin: toMargin(margin),
        ...(limit !== undefined && { limit: toNumber(limit) }),
      })),
      secondary: file.metrics.secondary ?? [],
    },
    analysis: {
      alpha: toNumber(analysis.alpha ?? 0.05),
      interval: analysis.interval ?? 'fixed',
      ...(analysis.looks !== undefined && { looks: analysis.looks.map((look) => toMs(look) / DAY_MS) }),
      ...(analysis.interval === 'group-sequential' && { spending: analysis.spending ?? 'obrien-fleming' }),
      correction: {
        success: analysis.correction?.success ?? 'holm',
        segments: analysis.correction?.segments ?? 'bh',
      },
      segments: analysis.segments ?? [],
      exploratory: analysis.exploratory ?? [],
      covariates: analysis.covariates ?? [],
      ...(analysis.prior !== undefined && { prior: toPrior(analysis.prior) }),
      maturity: analysis.maturity ?? { days: 7, unitsPerArm: 1000 },
    },
    ramp: (file.ramp ?? [{ share: 1 }]).map((phase) => ({
      share: toNumber(phase.share),
      ...(phase.for !== undefined && { forMs: toMs(phase.for) }),
    })),
    decision: {
      ship: {
        success: decision.ship?.success ?? 'any-superior',
        worse: 'none',
        guardrails: 'all-non-inferior',
        health: 'pass',
      },
      rollBack: { guardrails: decision['roll-back']?.guardrails ?? 'any-breach' },
      otherwise: decision.otherwise ?? 'undecided',
    },
    source,
  };
}

function toTargeting({ surface, targeting }: ExperimentFile): Condition {
  const conditions = targeting === undefined ? [] : [toCondition(targeting)];
  return surface === undefined
    ? (conditions[0] ?? { all: [] })
    : { all: [{ attribute: 'surface', operator: 'equals', value: surface }, ...conditions] };
}

/** Weights as written, in parts of their whole: plain numbers are read as parts of 100 or as fractions of 1. */
export function weightSum(variants: ExperimentFile['variants']): number {
  return Object.values(variants).reduce((sum, variant) => sum + parts(variant.weight), 0);
}

function parts(written: number | string): number {
  return typeof written === 'number' ? written : Number(written.slice(0, -1));
}

function toVariants(variants: ExperimentFile['variants']): Experiment['variants'] {
  const whole = weightSum(variants) > 1.5 ? 100 : 1;
  return Object.entries(variants).map(([key, variant]) => ({
    key,
    weight: parts(variant.weight) / whole,
    ...(variant.pipeline !== undefined && { pipeline: toPipeline(variant.pipeline) }),
  }));
}
