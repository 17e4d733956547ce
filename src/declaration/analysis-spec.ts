import type { Static } from 'typebox';
import type { AllocationPhase } from '../analysis/study/phase-ratio.ts';
import type { RelativeMethod, Study, StudyMetric } from '../analysis/study/study.ts';
import type { Correction, IntervalKind, Margin, Prior } from '../declarations.ts';
import { priorSchema, spending, toPrior } from './plan.ts';
import { amount, relative, share, toNumber } from './quantities.ts';
import { armsOf, toShares } from './shares.ts';
import { Type } from './type.ts';

const closed = { additionalProperties: false } as const;
const CORRECTIONS = ['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'] as const;

const column = (description: string) => Type.String({ minLength: 1, description });
const columns = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true, description }));

/** An expected share, possibly none: parts of 100, or fractions of 1. */
const weight = Type.Union(
  [Type.Number({ minimum: 0, maximum: 100 }), Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,9})?%$' })],
  { expects: 'a share such as 0.5 or 50%' },
);

const marginSchema = Type.Union(
  [
    relative(''),
    Type.Object({ relative: relative("Share of the control's value.") }, closed),
    Type.Object({ absolute: amount("In the metric's own unit; 0.1pp for a proportion.") }, closed),
  ],
  {
    expects: 'a share such as 3%, {relative: 3%} or {absolute: 0.1pp}',
    description: 'The harm we would tolerate, always positive: makes the metric a guardrail.',
  },
);

const metricSchema = Type.Object(
  {
    key: column('Name of the metric; also its column unless another is named.'),
    kind: Type.Enum(['mean', 'proportion', 'ratio', 'quantile'], {
      description:
        'mean: average per unit. proportion: share of units with 1 or true. ratio: sum of numerator / sum of denominator, clustered by unit. quantile: q of the values of the units.',
    }),
    name: Type.Optional(Type.String({ description: 'As people say it. Default: the key.' })),
    description: Type.Optional(Type.String({ description: 'What it measures.' })),
    unit: Type.Optional(
      Type.String({ description: 'Of the values; % for fractions of 1. Default: % for a proportion.' }),
    ),
    column: Type.Optional(column('mean, proportion, quantile: where the values are. Default: the key.')),
    numerator: Type.Optional(column('ratio only: column of the numerator.')),
    denominator: Type.Optional(column('ratio only: column of the denominator.')),
    q: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        expects: 'a number between 0 and 1',
        description: 'quantile only.',
      }),
    ),
    winsorise: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0.5,
        exclusiveMaximum: 1,
        expects: 'a number between 0.5 and 1, such as 0.999',
        description: 'mean only: values above this quantile, pooled over the arms, are set to it.',
      }),
    ),
    covariates: columns('Columns known before exposure, to reduce variance (CUPED). Not for quantiles.'),
    lowerIsBetter: Type.Optional(Type.Boolean({ description: 'Default false.' })),
    role: Type.Optional(
      Type.Enum(['success', 'guardrail', 'secondary'], {
        description:
          'success (default): corrected for their number. guardrail: has a margin. secondary: only reported.',
      }),
    ),
    margin: Type.Optional(marginSchema),
    limit: Type.Optional(
      amount("guardrail only: limit of the treatment's own value, whatever the control does."),
    ),
    minimumEffect: Type.Optional(relative('Smallest relative change worth detecting.')),
  },
  closed,
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

export interface SpecMetric {
  readonly metric: StudyMetric;
  readonly role: 'success' | 'guardrail' | 'secondary';
  readonly minimumEffect?: number;
  readonly margin?: Margin;
  readonly limit?: number;
  /** Column of the values or of the numerator. */
  readonly y: string;
  /** ratio only. */
  readonly x?: string;
  readonly covariates: readonly string[];
}

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

function toMargin(margin: NonNullable<AnalysisFile['metrics'][number]['margin']>): Margin {
  if (typeof margin !== 'object') return { relative: toNumber(margin) };
  return 'relative' in margin
    ? { relative: toNumber(margin.relative) }
    : { absolute: toNumber(margin.absolute) };
}

function toMetric(file: AnalysisFile['metrics'][number]): SpecMetric {
  const { key, kind, margin, limit, minimumEffect } = file;
  return {
    metric: {
      key,
      kind,
      name: file.name ?? key,
      description: file.description ?? '',
      direction: file.lowerIsBetter ? 'lower-is-better' : 'higher-is-better',
      scale: 1,
      unit: file.unit ?? (kind === 'proportion' ? '%' : ''),
      perWeek: false,
      ...(file.q !== undefined && { q: file.q }),
      ...(file.winsorise !== undefined && { cap: file.winsorise }),
    },
    role: file.role ?? (margin === undefined ? 'success' : 'guardrail'),
    ...(minimumEffect !== undefined && { minimumEffect: toNumber(minimumEffect) }),
    ...(margin !== undefined && { margin: toMargin(margin) }),
    ...(limit !== undefined && { limit: toNumber(limit) }),
    y: (kind === 'ratio' ? file.numerator : file.column) ?? key,
    ...(kind === 'ratio' && file.denominator !== undefined && { x: file.denominator }),
    covariates: file.covariates ?? [],
  };
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
