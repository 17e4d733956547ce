import type { Static, TSchema } from 'typebox';
import type { Margin, Prior } from '../declarations.ts';
import { amount, duration, relative, share, signedShare, toNumber } from './quantities.ts';
import { Type } from './type.ts';

/** The parts of an experiment file that say how it is judged. */

const closed = { additionalProperties: false } as const;

const correction = (description: string) =>
  Type.Optional(Type.Enum(['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'], { description }));

export const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true, description }));

const marginSchema = Type.Object(
  {
    relative: Type.Optional(relative("Share of the control's value.")),
    absolute: Type.Optional(amount("In the metric's own unit; 0.1pp for a rate.")),
  },
  {
    ...closed,
    minProperties: 1,
    maxProperties: 1,
    expects: 'either {relative: 2%} or {absolute: 0.1pp}',
    description: 'The harm we would tolerate, always positive.',
  },
);

export const metricsSchema = Type.Object(
  {
    success: Type.Array(
      Type.Object(
        {
          metric: Type.String({ description: 'A metric of metrics.yaml.' }),
          minimumEffect: Type.Optional(relative('Smallest relative change worth detecting.')),
        },
        closed,
      ),
      { minItems: 1, description: 'At least one of these must win.' },
    ),
    guardrails: Type.Optional(
      Type.Array(
        Type.Object(
          {
            metric: Type.String({ description: 'A metric of metrics.yaml.' }),
            margin: marginSchema,
            limit: Type.Optional(amount("Limit of the treatment's own value, whatever the control does.")),
          },
          closed,
        ),
        { description: 'Each must be shown to be no worse than its margin.' },
      ),
    ),
    secondary: names('Reported, but nothing is decided by them.'),
  },
  { ...closed, description: 'What counts as success and what as harm.' },
);

function priorOf<Mean extends TSchema, Spread extends TSchema>(mean: Mean, standardDeviation: Spread) {
  return Type.Object({ mean, standardDeviation }, closed);
}

/** Shared by experiments and analyses of files. */
export const priorSchema = Type.Object(
  {
    relative: Type.Optional(
      priorOf(signedShare('Expected lift.'), relative('How far lifts lie from it, typically.')),
    ),
    absolute: Type.Optional(
      priorOf(
        Type.Number({ description: 'Expected difference.' }),
        amount('How far differences lie from it.'),
      ),
    ),
  },
  {
    ...closed,
    minProperties: 1,
    maxProperties: 1,
    expects: 'either {relative: {mean: 0%, standardDeviation: 5%}} or the same with absolute',
    description: 'Normal prior of the effects: adds chance to win and expected loss to the report.',
  },
);

/** Shared by experiments and analyses of files. */
export const spending = Type.Optional(
  Type.Enum(['obrien-fleming', 'pocock'], {
    description:
      'group-sequential only: how alpha is spent over the looks (Lan and DeMets). obrien-fleming (default): little early. pocock: evenly.',
  }),
);

export const analysisSchema = Type.Object(
  {
    alpha: Type.Optional(share('Two-sided level of the tests. Default 5%.')),
    interval: Type.Optional(
      Type.Enum(['fixed', 'always-valid', 'group-sequential'], {
        description:
          'fixed (default): judged once, at the end. always-valid: may be judged every day. group-sequential: may be judged at the declared looks.',
      }),
    ),
    looks: Type.Optional(
      Type.Array(duration('Whole days since the start.'), {
        minItems: 2,
        description: 'group-sequential only: when it is judged; the last look is the end.',
      }),
    ),
    spending,
    correction: Type.Optional(
      Type.Object(
        {
          success: correction('Over success metrics and arms. Default holm.'),
          segments: correction('Over segments. Default bh.'),
        },
        { ...closed, description: 'For the number of comparisons.' },
      ),
    ),
    segments: names('Attributes, frozen at first exposure, to report by.'),
    exploratory: names('Attributes to look at without having planned to: shown, never a ground to ship.'),
    covariates: names(
      'Metrics whose window lies before first exposure, or numeric attributes frozen at it (watches_before), to reduce variance.',
    ),
    prior: Type.Optional(priorSchema),
    maturity: Type.Optional(
      Type.Object(
        {
          days: Type.Integer({ minimum: 1, description: 'Days of data.' }),
          unitsPerArm: Type.Integer({ minimum: 2, description: 'Units in each arm.' }),
        },
        { ...closed, description: 'What a verdict waits for. Default: 7 days, 1,000 units per arm.' },
      ),
    ),
  },
  { ...closed, description: 'How it is judged.' },
);

export const decisionSchema = Type.Object(
  {
    ship: Type.Optional(
      Type.Object(
        {
          success: Type.Optional(
            Type.Enum(['any-superior', 'all-superior'], { description: 'Default any-superior.' }),
          ),
          worse: Type.Optional(
            Type.Enum(['none'], { description: 'No success metric is significantly worse.' }),
          ),
          guardrails: Type.Optional(Type.Enum(['all-non-inferior'])),
          health: Type.Optional(Type.Enum(['pass'])),
        },
        { ...closed, description: 'All of this must hold.' },
      ),
    ),
    'roll-back': Type.Optional(
      Type.Object(
        {
          guardrails: Type.Optional(
            Type.Enum(['any-breach', 'any-harm'], {
              description: 'any-breach (default): harm beyond the margin. any-harm: harm within it, too.',
            }),
          ),
        },
        closed,
      ),
    ),
    otherwise: Type.Optional(Type.Enum(['undecided', 'do-not-ship'], { description: 'Default undecided.' })),
  },
  { ...closed, description: 'What happens then.' },
);

/** The margin of a valid file form. */
export function toMargin(margin: Static<typeof marginSchema>): Margin {
  return margin.relative === undefined
    ? { absolute: toNumber(margin.absolute!) }
    : { relative: toNumber(margin.relative) };
}

/** The prior of a valid file form. */
export function toPrior({ relative, absolute }: Static<typeof priorSchema>): Prior {
  const [scale, prior] = relative ? (['relative', relative] as const) : (['absolute', absolute!] as const);
  return { scale, mean: toNumber(prior.mean), standardDeviation: toNumber(prior.standardDeviation) };
}
