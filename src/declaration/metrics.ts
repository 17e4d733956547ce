import Type, { type Static } from 'typebox';
import type { Measure, MetricDeclaration } from '../declarations.ts';
import { distance, factor, share, toMs, toNumber } from './quantities.ts';

const closed = { additionalProperties: false } as const;

const measureSchema = Type.Object(
  {
    event: Type.String({
      minLength: 1,
      description:
        'An outcome name; `request` for the recommendation requests; `unit` for 1 per exposed unit.',
    }),
    aggregate: Type.Enum(['sum', 'count', 'exists', 'absent', 'distinct'], {
      description: 'Added up, counted, 1 if it happened, 1 if it did not, or number of different values.',
    }),
    field: Type.Optional(
      Type.Enum(
        ['value', 'latency_ms', 'error', 'fallback', 'slots', 'simpson_micro', 'long_tail', 'title', 'genre'],
        {
          description:
            'sum: value (default), or of `request` latency_ms, error, fallback, slots, simpson_micro, long_tail. distinct: title or genre.',
        },
      ),
    ),
    where: Type.Optional(
      Type.Object(
        {
          surface: Type.Optional(
            Type.String({ description: 'Only on this surface; `own`: on that of the experiment.' }),
          ),
          longTail: Type.Optional(
            Type.Boolean({ description: 'Only titles that are, or are not, in the long tail.' }),
          ),
          genre: Type.Optional(Type.String({ description: 'Only titles of this genre.' })),
          minValue: Type.Optional(Type.Number({ description: 'Only values of at least this.' })),
          maxValue: Type.Optional(Type.Number({ description: 'Only values of at most this.' })),
          attribute: Type.Optional(
            Type.Object(
              {
                name: Type.String({ description: 'Attribute frozen at first exposure.' }),
                equals: Type.Optional(Type.String()),
                not: Type.Optional(Type.String()),
              },
              {
                ...closed,
                minProperties: 2,
                maxProperties: 2,
                expects: 'a name and one of equals, not',
                description: 'Only units whose attribute equals, or does not equal, this.',
              },
            ),
          ),
        },
        { ...closed, description: 'All of these must hold.' },
      ),
    ),
    window: Type.Optional(
      Type.Object(
        {
          from: Type.Optional(distance('Default 0d; -28d for a covariate.')),
          to: Type.Optional(distance('Default: until the cut-off.')),
        },
        {
          ...closed,
          description:
            'Time since the opening of the session that holds the first exposure, in multiples of 24 h: from <= time < to. A window before it, {from: -28d, to: 0d}, makes a covariate.',
        },
      ),
    ),
  },
  closed,
);

const metricSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'As reports call it.' }),
    description: Type.String({ minLength: 1, description: 'What it says, and what it assumes.' }),
    kind: Type.Enum(['mean', 'proportion', 'ratio', 'quantile', 'coverage'], {
      description:
        'mean: per unit. proportion: share of units with numerator above 0. ratio: sum of numerator over sum of denominator, clustered by unit. quantile: of a field of requests. coverage: different titles of slates over the catalogue.',
    }),
    numerator: measureSchema,
    denominator: Type.Optional(measureSchema),
    perWeek: Type.Optional(
      Type.Boolean({
        description: 'mean only: over complete 7 x 24 h blocks since first exposure. Default false.',
      }),
    ),
    q: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        expects: 'a number between 0 and 1',
        description: 'quantile only.',
      }),
    ),
    direction: Type.Enum(['higher-is-better', 'lower-is-better']),
    scale: Type.Optional(factor('Multiplies the computed value for display and limits. Default 1.')),
    unit: Type.String({ description: 'Of the scaled value; % stands for a fraction of 1 shown as percent.' }),
    cap: Type.Optional(share('Percentile of the pooled values per unit above which they are capped.')),
  },
  closed,
);

/** Schema of metrics.yaml. */
export const metricsFileSchema = Type.Object(
  {
    apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
    metrics: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), metricSchema, {
      additionalProperties: false,
      description: 'By key: lower-case letters, digits and underscores.',
    }),
  },
  {
    ...closed,
    title: 'Screentest metrics',
    description: 'The metric catalogue: a metric is data, and adding one needs no code.',
  },
);

export type MetricsFile = Static<typeof metricsFileSchema>;
type MeasureFile = Static<typeof measureSchema>;
type MetricFile = Static<typeof metricSchema>;

interface Mistake {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly mend: string;
}

/** What a metric's kind demands of its other fields. */
export function metricMistakes(metric: MetricFile): Mistake[] {
  const mistakes: Mistake[] = [];
  const add = (path: readonly string[], problem: string, mend: string) =>
    mistakes.push({ path, problem, mend });
  const { kind, numerator, denominator } = metric;
  if (kind === 'ratio' && denominator === undefined) {
    add([], 'is a ratio without a denominator', 'add denominator: {event: ..., aggregate: ...}');
  }
  if (kind !== 'ratio' && denominator !== undefined) {
    add(['denominator'], `has no meaning for kind ${kind}`, 'remove it, or use kind: ratio');
  }
  if (kind === 'quantile' && metric.q === undefined) {
    add([], 'is a quantile without q', 'add q: 0.95, or another number between 0 and 1');
  }
  if (kind !== 'quantile' && metric.q !== undefined) {
    add(['q'], `has no meaning for kind ${kind}`, 'remove it, or use kind: quantile');
  }
  if (kind === 'quantile' && (numerator.event !== 'request' || numerator.aggregate !== 'sum')) {
    add(
      ['numerator'],
      'is not a field of requests, and quantiles are taken of those',
      'use {event: request, aggregate: sum, field: latency_ms}',
    );
  }
  if (kind === 'coverage' && (numerator.event !== 'request' || numerator.field !== 'title')) {
    add(
      ['numerator'],
      'does not count the titles of slates',
      'use {event: request, aggregate: distinct, field: title}',
    );
  }
  if (metric.perWeek === true && kind !== 'mean') {
    add(['perWeek'], `has no meaning for kind ${kind}`, 'remove it, or use kind: mean');
  }
  if (kind === 'proportion' && numerator.window?.to === undefined) {
    add(
      ['numerator'],
      'has no end, so the share would grow for ever',
      'add window: {to: 7d}, or another length',
    );
  }
  if (isBefore(numerator)) mistakes.push(...covariateMistakes(metric));
  mistakes.push(...measureMistakes(numerator, ['numerator']));
  if (denominator !== undefined) mistakes.push(...measureMistakes(denominator, ['denominator']));
  return mistakes;
}

/** Whether a measure begins before first exposure: what it counts can only be a covariate. */
export function isBefore({ window }: Pick<MeasureFile, 'window'>): boolean {
  return toMs(window?.from ?? '0d') < 0;
}

function covariateMistakes({ kind, perWeek, numerator }: MetricFile): Mistake[] {
  const { window, aggregate } = numerator;
  if (window?.to === undefined || toMs(window.to) > 0) {
    const problem = 'begins before first exposure and ends after it, where the treatment may move it';
    return [{ path: ['numerator', 'window'], problem, mend: 'write to: 0d or earlier' }];
  }
  if (kind !== 'mean' || perWeek === true || (aggregate !== 'sum' && aggregate !== 'count')) {
    const problem = 'is measured before first exposure, and a covariate is one number per unit';
    return [{ path: [], problem, mend: 'use kind: mean without perWeek, and aggregate: sum or count' }];
  }
  return [];
}

function measureMistakes(measure: MeasureFile, path: readonly string[]): Mistake[] {
  const mistakes: Mistake[] = [];
  const add = (at: readonly string[], problem: string, mend: string) =>
    mistakes.push({ path: [...path, ...at], problem, mend });
  const { aggregate, event, field, window } = measure;
  const ofDistinct = field === 'title' || field === 'genre';
  if (aggregate === 'distinct' && !ofDistinct) {
    add(
      field === undefined ? [] : ['field'],
      'does not say what is distinct',
      'use field: title or field: genre',
    );
  } else if (aggregate === 'sum' && ofDistinct) {
    add(['field'], `${field} cannot be added up`, 'use aggregate: distinct');
  } else if (aggregate === 'sum' && event === 'request' && (field === undefined || field === 'value')) {
    add(
      [],
      'adds up requests without naming a column',
      'add field: latency_ms, error, fallback, slots, simpson_micro or long_tail',
    );
  } else if (aggregate === 'sum' && event !== 'request' && field !== undefined && field !== 'value') {
    add(
      ['field'],
      `${field} is a column of requests, not of ${event}`,
      'use event: request, or field: value',
    );
  } else if (aggregate !== 'sum' && aggregate !== 'distinct' && field !== undefined) {
    add(['field'], `is not used by aggregate ${aggregate}`, 'remove it');
  }
  const fromMs = toMs(window?.from ?? '0d');
  for (const end of ['from', 'to'] as const) {
    const written = window?.[end];
    if (written !== undefined && toMs(written) % toMs('1d') !== 0) {
      add(['window', end], `${written} is not a whole number of days`, 'use a multiple of 24h, such as 7d');
    }
  }
  if (window?.to !== undefined && toMs(window.to) <= fromMs) {
    add(['window', 'to'], `${window.to} is not after from`, `use more than ${window.from ?? '0d'}`);
  }
  return mistakes;
}

/** Normalises a valid file. */
export function toMetrics(file: MetricsFile): MetricDeclaration[] {
  return Object.entries(file.metrics).map(([key, metric]) => ({
    key,
    name: metric.name,
    description: metric.description.trim(),
    kind: metric.kind,
    numerator: toMeasure(metric.numerator),
    ...(metric.denominator !== undefined && { denominator: toMeasure(metric.denominator) }),
    perWeek: metric.perWeek ?? false,
    ...(metric.q !== undefined && { q: metric.q }),
    direction: metric.direction,
    scale: toNumber(metric.scale ?? 1),
    unit: metric.unit,
    ...(metric.cap !== undefined && { cap: toNumber(metric.cap) }),
  }));
}

function toMeasure(measure: MeasureFile): Measure {
  const { event, aggregate, where, window } = measure;
  const field = measure.field ?? (aggregate === 'sum' ? 'value' : undefined);
  return {
    event,
    aggregate,
    ...(field !== undefined && { field }),
    where: (where ?? {}) as Measure['where'],
    window: {
      fromMs: toMs(window?.from ?? '0d'),
      ...(window?.to !== undefined && { toMs: toMs(window.to) }),
    },
  };
}
