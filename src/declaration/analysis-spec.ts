import type { Static } from 'typebox';
import type { AllocationPhase } from '../analysis/study/phase-ratio.ts';
import type { RelativeMethod, Study } from '../analysis/study/study.ts';
import type { Correction, IntervalKind, Prior } from '../declarations.ts';
import { column, columns, metricSchema, type SpecMetric, toMetric } from './analysis-metric.ts';
import { priorSchema, spending, toPrior } from './plan.ts';
import { share, toNumber } from './quantities.ts';
import { armsOf, toShares } from './shares.ts';
import { Type } from './type.ts';

const closed = { additionalProperties: false } as const;
const CORRECTIONS = ['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'] as const;

/** An expected share, possibly none: parts of 100, or fractions of 1. */
const weight = Type.Union(
  [Type.Number({ minimum: 0, maximum: 100 }), Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,9})?%$' })],
  { expects: 'a share such as 0.5 or 50%' },
);

const correction = (description: string) => Type.Optional(Type.Enum([...CORRECTIONS], { description }));

/** A share of the planned units, the whole included. */
const lookShare = Type.Union(
  [
    Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    Type.String({ pattern: '^(100|\\d{1,2}(\\.\\d{1,6})?)%$' }),
  ],
  { expects: 'a share such as 50% or 0.5, at most 100%' },
);

/** Schema of analysis.yaml: how a table of one row per unit is analysed. */
export const analysisSpecSchema = Type.Object(
  {
    apiVersion: Type.Optional(Type.Literal('screentest/v1', { description: 'Version of this format.' })),
    unit: column('Column that names what was randomised: a user.'),
    arm: column('Column that says which arm a unit was in.'),
    control: Type.Union([Type.String({ minLength: 1 }), Type.Number()], {
      expects: 'the name of an arm',
      description: 'The arm that the others are compared with.',
    }),
    weights: Type.Optional(
      Type.Record(Type.String({ minLength: 1 }), weight, {
        additionalProperties: false,
        minProperties: 2,
        description:
          'Expected shares by arm, summing to 1 or 100. Default: the arms of the file in equal shares.',
      }),
    ),
    metrics: Type.Array(metricSchema, { minItems: 1, description: 'What is compared.' }),
    segments: columns('Columns, known before exposure, to report by and to judge by.'),
    exploratory: columns('Columns to look at without having planned to: shown, never a ground to ship.'),
    strata: columns('Columns, known before exposure, to post-stratify on.'),
    phase: Type.Optional(
      column(
        'Column that says under which allocation a unit came in, where shares changed over time: stratified on.',
      ),
    ),
    phases: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1 }),
        Type.Object(
          {
            weights: Type.Record(Type.String({ minLength: 1 }), weight, {
              additionalProperties: false,
              minProperties: 2,
              description: 'Expected shares by arm in this phase, summing to 1 or 100.',
            }),
          },
          closed,
        ),
        {
          additionalProperties: false,
          minProperties: 1,
          description:
            'Shares by phase, each value of the column phase: the sample ratio is judged against them.',
        },
      ),
    ),
    alpha: Type.Optional(share('Two-sided level of the tests. Default 5%.')),
    interval: Type.Optional(
      Type.Enum(['fixed', 'always-valid', 'group-sequential'], {
        description:
          'fixed (default): judged once, as planned. always-valid: right however often it is looked at. group-sequential: right at each of the declared looks.',
      }),
    ),
    looks: Type.Optional(
      Type.Array(lookShare, {
        minItems: 2,
        description:
          'group-sequential only: shares of the planned units at which it is looked; the last is 100%.',
      }),
    ),
    look: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'group-sequential only: which of the looks this file is; 1 is the first.',
      }),
    ),
    spending,
    plannedUnits: Type.Optional(
      Type.Integer({
        minimum: 2,
        description:
          'Units of both arms at which the always-valid interval is tightest. Default: those of the file.',
      }),
    ),
    relative: Type.Optional(
      Type.Enum(['fieller', 'delta', 'log'], {
        description: 'Interval of the relative effect. Default fieller.',
      }),
    ),
    correction: Type.Optional(
      Type.Union(
        [
          Type.Enum([...CORRECTIONS]),
          Type.Object(
            {
              success: correction('Over success metrics and arms. Default holm.'),
              segments: correction('Over segments. Default bh.'),
            },
            closed,
          ),
        ],
        {
          expects: `one of ${CORRECTIONS.join(', ')}, or {success: holm, segments: bh}`,
          description: 'For the number of comparisons. One word: that of the success metrics. Default holm.',
        },
      ),
    ),
    prior: Type.Optional(priorSchema),
  },
  {
    ...closed,
    title: 'Screentest analysis',
    description: 'How `npx screentest analyze` reads a table of one row per unit, and what it compares.',
  },
);

/** An analysis.yaml as written. */
export type AnalysisFile = Static<typeof analysisSpecSchema>;

/** An analysis.yaml, normalised: shares are fractions of 1, defaults are filled in. */
export interface AnalysisSpec {
  readonly unit: string;
  readonly arm: string;
  readonly control: string;
  /** Shares that sum to 1; absent: equal shares of the arms that the file has. */
  readonly weights?: readonly { readonly arm: string; readonly weight: number }[];
  readonly metrics: readonly SpecMetric[];
  readonly segments: readonly { readonly attribute: string; readonly declared: boolean }[];
  /** Columns stratified on; `phase`, where there is one, among them. */
  readonly strata: readonly string[];
  readonly phase?: string;
  /** Shares of each phase; absent: they are not declared. */
  readonly phases?: readonly AllocationPhase[];
  readonly alpha: number;
  readonly interval: IntervalKind;
  /** group-sequential only: the looks as shares of the planned units, of which those up to this file's are over. */
  readonly design?: NonNullable<Study['design']>;
  readonly plannedUnits?: number;
  readonly relative: RelativeMethod;
  readonly correction: { readonly success: Correction; readonly segments: Correction };
  readonly prior?: Prior;
}

/** Looks count in shares of the plan here, as they do in days in an experiment. */
function toDesign({ looks = [], look = 1, spending: shape }: AnalysisFile): NonNullable<Study['design']> {
  const shares = looks.map(toNumber);
  const over = shares[look - 1];
  return {
    looks: shares,
    spending: shape ?? 'obrien-fleming',
    ...(over !== undefined && { complete: over }),
  };
}

/** Normalises a file that passed the schema and the checks. */
export function toAnalysisSpec(file: AnalysisFile): AnalysisSpec {
  const { weights, correction, prior, phase, plannedUnits } = file;
  const phases =
    file.phases &&
    Object.entries(file.phases).map(([name, given]) => ({ name, weights: toShares(given.weights) }));
  const shares = weights ? toShares(weights) : phases && armsOf(phases);
  const both = typeof correction === 'string' ? { success: correction } : correction;
  return {
    unit: file.unit,
    arm: file.arm,
    control: String(file.control),
    ...(shares && { weights: shares }),
    metrics: file.metrics.map(toMetric),
    segments: [
      ...(file.segments ?? []).map((attribute) => ({ attribute, declared: true })),
      ...(file.exploratory ?? []).map((attribute) => ({ attribute, declared: false })),
    ],
    strata: [...(phase === undefined ? [] : [phase]), ...(file.strata ?? [])],
    ...(phase !== undefined && { phase }),
    ...(phases && { phases }),
    alpha: toNumber(file.alpha ?? 0.05),
    interval: file.interval ?? 'fixed',
    ...(file.interval === 'group-sequential' && { design: toDesign(file) }),
    ...(plannedUnits !== undefined && { plannedUnits }),
    relative: file.relative ?? 'fieller',
    correction: { success: both?.success ?? 'holm', segments: both?.segments ?? 'bh' },
    ...(prior && { prior: toPrior(prior) }),
  };
}
