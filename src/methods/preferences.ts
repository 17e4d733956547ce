import Type from 'typebox';
import { computed, type Result } from '../analysis/estimate/effect.ts';
import { creditDifference, preference, preferenceBootstrap } from '../analysis/interleaving/preference.ts';
import { seeded } from '../analysis/numbers/seeded.ts';
import { alpha, closed, LEVEL, whole } from './inputs.ts';
import { defineMethod } from './method.ts';

const interval = Type.Tuple([Type.Number(), Type.Number()]);
const bootstrapped = Type.Object({ estimate: Type.Number(), standardError: Type.Number(), interval });

function settled<Value extends { readonly interval: readonly [number, number] }>(found: Result<Value>) {
  if (!found.ok) return found;
  const { interval: range } = found.value;
  return computed({ ...found.value, interval: [range[0], range[1]] as [number, number] });
}

export const preferenceMethods = [
  defineMethod({
    name: 'preference-sign',
    description:
      'Interleaving: share of deciding units that preferred the second ranker, minus one half; exact sign test.',
    paper: 'Chapelle, Joachims, Radlinski and Yue (2012), TOIS 30; Clopper and Pearson (1934)',
    input: Type.Object({ firstWins: whole, secondWins: whole, alpha }, closed),
    output: Type.Object({
      estimate: Type.Number(),
      standardError: Type.Number(),
      interval,
      p: Type.Number(),
      pNormal: Type.Number(),
    }),
    compute: ({ firstWins, secondWins, alpha: level = LEVEL }) =>
      settled(preference(firstWins, secondWins, level)),
  }),
  defineMethod({
    name: 'preference-t',
    description:
      'Interleaving: mean credit difference per unit, one-sample t, from n, the sum and the sum of squares.',
    paper: 'Student (1908), Biometrika 6',
    input: Type.Object(
      { n: whole, sum: Type.Number(), sumOfSquares: Type.Number({ minimum: 0 }), alpha },
      closed,
    ),
    output: Type.Object({
      estimate: Type.Number(),
      standardError: Type.Number(),
      interval,
      statistic: Type.Number(),
      df: Type.Number(),
      p: Type.Number(),
    }),
    compute: ({ n, sum, sumOfSquares, alpha: level = LEVEL }) =>
      settled(creditDifference(n, sum, sumOfSquares, level)),
  }),
  defineMethod({
    name: 'preference-bootstrap',
    description:
      'Interleaving: percentile bootstrap over units of both figures, from a histogram of credit differences.',
    paper: 'Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13',
    input: Type.Object(
      {
        histogram: Type.Array(Type.Object({ difference: Type.Number(), units: whole }, closed), {
          minItems: 1,
        }),
        seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: 'Default 1.' })),
        resamples: Type.Optional(
          Type.Integer({ minimum: 2, maximum: 100_000, description: 'Default 2000.' }),
        ),
        alpha,
      },
      closed,
    ),
    output: Type.Object({
      creditDifference: bootstrapped,
      preference: Type.Optional(bootstrapped),
      resamples: Type.Integer(),
    }),
    compute({ histogram, seed = 1, resamples = 2000, alpha: level = LEVEL }) {
      const found = preferenceBootstrap(histogram, seeded(seed), { resamples, alpha: level });
      if (!found.ok) return found;
      const credit = settled(found.value.creditDifference);
      if (!credit.ok) return credit;
      const share = settled(found.value.preference);
      return computed({
        creditDifference: credit.value,
        ...(share.ok && { preference: share.value }),
        resamples: found.value.resamples,
      });
    },
  }),
];
