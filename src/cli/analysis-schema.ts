import Type, { type TSchema } from 'typebox';
import { GUARDRAIL_STATES } from '../analysis/report/report.ts';

const closed = { additionalProperties: false } as const;
const nullable = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const number = Type.Number();
const text = Type.String();
const refused = Type.Object(
  { ok: Type.Literal(false), reason: Type.String({ description: 'Why it could not be computed.' }) },
  closed,
);

const estimate = Type.Union(
  [
    Type.Object(
      {
        ok: Type.Literal(true),
        estimate: number,
        standardError: number,
        interval: Type.Tuple([nullable(number), nullable(number)], {
          description: 'null: unbounded on that side.',
        }),
        note: Type.Optional(text),
      },
      closed,
    ),
    refused,
  ],
  { description: 'Treatment minus control; relative ones are fractions of the control.' },
);

const interval = Type.Object(
  {
    kind: Type.Enum(['fixed', 'always-valid', 'group-sequential']),
    level: Type.Number({ description: '1 - alpha after correction.' }),
    coverage: Type.Enum(['marginal', 'simultaneous', 'step-wise', 'false-coverage']),
    correction: Type.Enum(['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by']),
    sides: Type.Literal('two-sided'),
  },
  { ...closed, description: 'What the intervals promise, and what they were corrected for.' },
);

const pair = (description: string) =>
  Type.Union(
    [
      Type.Object(
        {
          ok: Type.Literal(true),
          absolute: estimate,
          relative: estimate,
          p: nullable(number),
          method: text,
          n: number,
          estimand: Type.Optional(text),
        },
        closed,
      ),
      refused,
    ],
    { description },
  );

const adjustment = Type.Object(
  {
    covariates: Type.Array(text),
    dropped: Type.Array(Type.Object({ covariate: text, reason: text }, closed)),
    strata: Type.Array(text),
    reduction: Type.Number({ description: '1 - variance after / variance before.' }),
    unadjusted: estimate,
  },
  { ...closed, description: 'What covariates and strata took away of the variance.' },
);

const posterior = Type.Union([
  Type.Object(
    {
      ok: Type.Literal(true),
      scale: Type.Enum(['relative', 'absolute']),
      mean: number,
      standardDeviation: number,
      interval: Type.Tuple([number, number]),
      chanceToWin: number,
      expectedLoss: Type.Object({ treatment: number, control: number }, closed),
      prior: text,
    },
    closed,
  ),
  refused,
]);

const guardrail = Type.Object(
  {
    margin: number,
    marginKind: Type.Enum(['relative', 'absolute']),
    state: Type.Enum([...GUARDRAIL_STATES]),
    harm: Type.Tuple([nullable(number), nullable(number)], { description: 'Positive is worse.' }),
    limit: Type.Optional(
      Type.Object(
        { limit: number, value: number, holds: Type.Boolean(), certain: Type.Optional(Type.Boolean()) },
        closed,
      ),
    ),
  },
  closed,
);

const comparison = Type.Object(
  {
    arm: text,
    control: text,
    absolute: estimate,
    relative: estimate,
    interval,
    fixedHorizon: pair('Right when looked at once, at the planned end.'),
    alwaysValid: pair('Right at every look.'),
    adjustment: Type.Optional(adjustment),
    posterior: Type.Optional(posterior),
    statistic: nullable(number),
    df: nullable(number),
    p: nullable(number, 'Two-sided.'),
    pAdjusted: nullable(number),
    method: text,
    outcome: Type.Enum(['better', 'worse', 'inconclusive']),
    guardrail: Type.Optional(guardrail),
  },
  closed,
);

const metric = Type.Object(
  {
    key: text,
    name: text,
    description: text,
    role: Type.Enum(['success', 'guardrail', 'secondary']),
    kind: Type.Enum(['mean', 'proportion', 'ratio', 'quantile', 'coverage']),
    unit: text,
    direction: Type.Enum(['higher-is-better', 'lower-is-better']),
    maturity: Type.Object(
      { mature: number, exposed: number, completeAt: nullable(text), ready: Type.Boolean() },
      { ...closed, description: 'mature: units with a value; exposed: all units.' },
    ),
    arms: Type.Array(Type.Object({ arm: text, n: number, value: nullable(number) }, closed)),
    comparisons: Type.Array(comparison),
    correction: text,
    minimumEffect: Type.Optional(number),
    diagnostics: Type.Optional(
      Type.Object(
        {
          arms: Type.Array(
            Type.Object({ arm: text, zeros: number, skewness: nullable(number), winsorised: number }, closed),
          ),
          cap: Type.Optional(Type.Object({ quantile: number, value: number }, closed)),
          unitsNeeded: nullable(number),
          warnings: Type.Array(text),
        },
        closed,
      ),
    ),
  },
  closed,
);

const segment = Type.Object(
  {
    attribute: text,
    value: text,
    metric: text,
    arm: text,
    n: number,
    relative: estimate,
    p: nullable(number),
    pAdjusted: nullable(number),
    declared: Type.Boolean(),
    interval,
    adjustment: Type.Optional(
      Type.Object(
        {
          covariates: Type.Array(text),
          reduction: Type.Number({ description: 'Of the variance in the segment.' }),
        },
        { ...closed, description: 'By the covariates of the metric, with slopes of the segment.' },
      ),
    ),
    interaction: Type.Object(
      {
        difference: estimate,
        p: nullable(number),
        pAdjusted: nullable(number),
        interval: Type.Optional(interval),
      },
      { ...closed, description: 'Effect in the segment minus effect in the rest.' },
    ),
    shrunken: estimate,
  },
  closed,
);

const check = Type.Object(
  {
    key: text,
    status: Type.Enum(['pass', 'warn', 'fail']),
    count: Type.Number({ description: 'Units, rows or values at fault.' }),
    column: Type.Optional(text),
    arms: Type.Optional(Type.Array(Type.Object({ arm: text, count: number }, closed))),
    p: Type.Optional(nullable(number, 'Of the test whether it differs between the arms.')),
    examples: Type.Optional(Type.Array(text)),
    text,
  },
  closed,
);

const corrections = Type.Object({ success: text, segments: text }, closed);

/** Schema of what `analyze --json` prints; its TypeScript type is `AnalysisDocument`. */
export const analysisDocumentSchema = Type.Object(
  {
    schema: Type.Literal('screentest/analysis/v1'),
    state: Type.Enum(['valid', 'invalid', 'withheld'], {
      description:
        'withheld: a check of the data failed, and nothing was computed. invalid: units did not come in the declared ratio.',
    }),
    reason: Type.Optional(Type.String({ description: 'Why it is not valid.' })),
    data: Type.Object(
      {
        file: text,
        rows: number,
        units: number,
        arms: Type.Array(Type.Object({ arm: text, weight: number, units: number }, closed)),
        checks: Type.Array(check),
      },
      closed,
    ),
    plan: Type.Object(
      {
        control: text,
        alpha: number,
        interval: text,
        plannedUnits: number,
        relative: text,
        correction: corrections,
        strata: Type.Array(text),
      },
      closed,
    ),
    sampleRatio: Type.Object(
      {
        status: Type.Enum(['pass', 'fail', 'unknown']),
        statistic: nullable(number),
        df: nullable(number),
        p: nullable(number),
        reason: Type.Optional(text),
        arms: Type.Array(Type.Object({ arm: text, units: number, expected: number }, closed)),
        sequentialP: nullable(number),
        cuts: Type.Array(
          Type.Object({ by: text, value: text, p: nullable(number), pAdjusted: nullable(number) }, closed),
        ),
      },
      closed,
    ),
    metrics: Type.Array(metric),
    segments: Type.Array(segment),
  },
  { ...closed, title: 'Screentest analysis', description: 'What `npx screentest analyze --json` prints.' },
);
