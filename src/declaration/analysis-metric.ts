import type { Static } from 'typebox';
import type { StudyMetric } from '../analysis/study/study.ts';
import type { Margin } from '../declarations.ts';
import { amount, relative, toNumber } from './quantities.ts';
import { Type } from './type.ts';

const closed = { additionalProperties: false } as const;

export const column = (description: string) => Type.String({ minLength: 1, description });
export const columns = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true, description }));

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

/** Schema of one metric of an analysis.yaml. */
export const metricSchema = Type.Object(
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

type MetricFile = Static<typeof metricSchema>;

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

function toMargin(margin: NonNullable<MetricFile['margin']>): Margin {
  if (typeof margin !== 'object') return { relative: toNumber(margin) };
  return 'relative' in margin
    ? { relative: toNumber(margin.relative) }
    : { absolute: toNumber(margin.absolute) };
}

/** Normalises a metric that passed the schema and the checks. */
export function toMetric(file: MetricFile): SpecMetric {
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
