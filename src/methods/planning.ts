import Type, { type Static } from 'typebox';
import { computed } from '../analysis/estimate/effect.ts';
import { duration, minimumDetectableEffect, powerOf, sampleSize } from '../analysis/planning/power.ts';
import type { PowerQuestion } from '../analysis/planning/power-question.ts';
import { closed, LEVEL, positive } from './inputs.ts';
import { defineMethod } from './method.ts';

const change = Type.Union(
  [Type.Object({ relative: Type.Number() }, closed), Type.Object({ absolute: Type.Number() }, closed)],
  { description: '{relative: 0.02} or {absolute: 0.5}' },
);
const looks = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('always-valid'),
        information: Type.Array(positive, { minItems: 1 }),
        plannedUnits: Type.Optional(positive),
        tunedAlpha: Type.Optional(positive),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('group-sequential'),
        information: Type.Array(positive, { minItems: 1 }),
        spending: Type.Enum(['obrien-fleming', 'pocock']),
      },
      closed,
    ),
  ],
  { description: '{kind: always-valid, information} or {kind: group-sequential, information, spending}' },
);
const metric = Type.Union(
  [
    Type.Object({ kind: Type.Literal('proportion'), control: Type.Number() }, closed),
    Type.Object(
      {
        kind: Type.Enum(['mean', 'ratio']),
        control: Type.Number(),
        standardDeviation: Type.Number(),
        treatmentStandardDeviation: Type.Optional(Type.Number()),
      },
      closed,
    ),
  ],
  { description: '{kind: proportion, control} or {kind: mean | ratio, control, standardDeviation}' },
);
const aim = Type.Union(
  [
    Type.Object({ kind: Type.Literal('superiority') }, closed),
    Type.Object(
      {
        kind: Type.Literal('non-inferiority'),
        margin: change,
        direction: Type.Enum(['higher-is-better', 'lower-is-better']),
      },
      closed,
    ),
  ],
  { description: '{kind: superiority} (default) or {kind: non-inferiority, margin, direction}' },
);
const alpha = Type.Optional(
  Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description: 'Two-sided, after correction. Default 0.05.',
  }),
);
const question = { metric, aim: Type.Optional(aim), alpha, looks: Type.Optional(looks) };
const units = Type.Object({ treatment: positive, control: positive }, closed);
const power = Type.Optional(
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'Default 0.8.' }),
);

const asked = Type.Object({ ...question, effect: change });

function questionOf(
  input: Omit<Static<typeof asked>, 'effect'> & { effect?: Static<typeof change> },
): PowerQuestion {
  const { metric: planned, aim: wanted, effect, alpha: level, looks: plan } = input;
  return {
    metric: planned as PowerQuestion['metric'],
    aim: wanted ?? { kind: 'superiority' },
    effect: effect ?? { absolute: 0 },
    alpha: level ?? LEVEL,
    ...(plan && { looks: plan as NonNullable<PowerQuestion['looks']> }),
  };
}

const PAPER = 'Cohen (1988), Statistical Power Analysis; Chow, Shao, Wang and Lokhnygina (2017)';

export const planningMethods = [
  defineMethod({
    name: 'power',
    description:
      'Chance that a plan rejects at a true effect: superiority or non-inferiority, judged once or at looks.',
    paper: PAPER,
    input: Type.Object({ ...question, effect: change, units }, closed),
    output: Type.Object({ power: Type.Number(), meanFraction: Type.Number() }),
    compute({ units: given, ...rest }) {
      const found = powerOf(questionOf(rest), given);
      return found.ok ? computed({ ...found.value }) : found;
    },
  }),
  defineMethod({
    name: 'sample-size',
    description: 'Units at which a power is reached, split by shares.',
    paper: PAPER,
    input: Type.Object({ ...question, effect: change, shares: Type.Optional(units), power }, closed),
    output: Type.Object({
      treatment: Type.Number(),
      control: Type.Number(),
      units: Type.Number(),
      exact: Type.Number(),
    }),
    compute({ shares = { treatment: 1, control: 1 }, power: wanted = 0.8, ...rest }) {
      const found = sampleSize(questionOf(rest), shares, wanted);
      return found.ok ? computed({ ...found.value }) : found;
    },
  }),
  defineMethod({
    name: 'minimum-detectable-effect',
    description:
      'Smallest true effect, or for non-inferiority the smallest margin, that units detect with a power.',
    paper: PAPER,
    input: Type.Object(
      {
        ...question,
        units,
        power,
        direction: Type.Optional(Type.Enum(['increase', 'decrease'], { description: 'Default increase.' })),
      },
      closed,
    ),
    output: Type.Object({ absolute: Type.Number(), relative: Type.Union([Type.Number(), Type.Null()]) }),
    compute({ units: given, power: wanted = 0.8, direction = 'increase', ...rest }) {
      const found = minimumDetectableEffect(questionOf(rest), given, wanted, direction);
      return found.ok ? computed({ ...found.value }) : found;
    },
  }),
  defineMethod({
    name: 'duration',
    description: 'Days until so many units have come, from the units by day so far and the pace after.',
    paper: 'Arithmetic',
    input: Type.Object(
      {
        units: positive,
        cumulative: Type.Optional(
          Type.Array(Type.Number({ minimum: 0 }), {
            description: 'Units of all arms by the end of each day.',
          }),
        ),
        perDay: Type.Number({ minimum: 0 }),
      },
      closed,
    ),
    output: Type.Object({ days: Type.Integer() }),
    compute({ units: wanted, cumulative = [], perDay }) {
      const found = duration(wanted, { cumulative, perDay });
      return found.ok ? computed({ days: found.value }) : found;
    },
  }),
];
