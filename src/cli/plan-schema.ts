import Type, { type TSchema } from 'typebox';

const closed = { additionalProperties: false } as const;
const number = Type.Number();
const text = Type.String();
const nullable = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

/** A value, or why there is none. */
const result = (value: TSchema) =>
  Type.Union([
    Type.Object({ ok: Type.Literal(true), value }, closed),
    Type.Object({ ok: Type.Literal(false), reason: text }, closed),
  ]);

const armUnits = Type.Object({ treatment: number, control: number }, closed);

const change = Type.Union([
  Type.Object({ relative: Type.Number({ description: 'Fraction of the control.' }) }, closed),
  Type.Object({ absolute: Type.Number({ description: 'In the unit of the metric.' }) }, closed),
]);

const reached = Type.Object(
  {
    units: armUnits,
    power: result(number),
    meanFraction: nullable(number, 'Mean share of the units used when it stops at the first crossing.'),
    detectable: result(Type.Object({ absolute: number, relative: nullable(number) }, closed)),
  },
  closed,
);

const needed = Type.Object(
  {
    treatment: number,
    control: number,
    units: Type.Number({ description: 'Of all arms together.' }),
    days: result(number),
  },
  closed,
);

const row = Type.Object(
  {
    metric: text,
    name: text,
    role: Type.Enum(['success', 'guardrail', 'secondary']),
    unit: text,
    arm: text,
    control: text,
    aim: Type.Enum(['superiority', 'non-inferiority']),
    alpha: Type.Number({ description: 'Two-sided, corrected.' }),
    power: Type.Number({ description: 'Wanted, corrected.' }),
    shares: armUnits,
    controlValue: nullable(number),
    standardDeviation: nullable(number, 'Per unit.'),
    target: nullable(change, 'The effect to detect, or the margin to prove.'),
    now: nullable(result(reached), 'With the units so far.'),
    needed: result(needed),
    plannedEnd: nullable(result(reached)),
  },
  closed,
);

/** Schema of what `plan --json` prints; its TypeScript type is `PlanDocument`. */
export const planDocumentSchema = Type.Object(
  {
    schema: Type.Literal('screentest/plan/v1'),
    source: Type.Union([
      Type.Object(
        {
          kind: Type.Literal('history'),
          experiment: text,
          environment: text,
          cutoff: text,
          day: number,
        },
        closed,
      ),
      Type.Object({ kind: Type.Literal('figures') }, closed),
    ]),
    alpha: Type.Number({ description: 'Two-sided, before correction.' }),
    power: Type.Number({ description: 'Wanted, before correction.' }),
    interval: Type.Enum(['fixed', 'always-valid', 'group-sequential']),
    comparisons: Type.Number({ description: 'Success comparisons that alpha is shared by.' }),
    guardrails: Type.Number({ description: 'Guardrails that 1 - power is shared by.' }),
    enrolment: nullable(Type.Object({ perDay: number, days: number, units: number }, closed)),
    plannedDays: nullable(number, 'Days from the start.'),
    rows: Type.Array(row),
    curve: Type.Array(
      Type.Object(
        {
          day: number,
          units: number,
          power: Type.Array(nullable(number), { description: 'In the order of the rows.' }),
        },
        closed,
      ),
    ),
    notes: Type.Array(text),
  },
  { ...closed, title: 'Screentest plan', description: 'What `npx screentest plan --json` prints.' },
);
