import Type from 'typebox';
import { normalPosterior } from '../analysis/bayes/bayesian.ts';
import { betaBinomial } from '../analysis/bayes/beta-binomial.ts';
import { computed, refused } from '../analysis/estimate/effect.ts';
import { closed, count, countMistake, direction, positive } from './inputs.ts';
import { defineMethod } from './method.ts';

const level = Type.Optional(
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'Default 0.95.' }),
);
const interval = Type.Tuple([Type.Number(), Type.Number()]);

export const bayesMethods = [
  defineMethod({
    name: 'normal-posterior',
    description:
      'Posterior of an effect under a normal prior: chance that it is positive, expected gain and loss.',
    paper: 'Gelman et al. (2013), Bayesian Data Analysis, section 2.5',
    input: Type.Object(
      {
        prior: Type.Object({ mean: Type.Number(), standardDeviation: positive }, closed),
        estimate: Type.Number(),
        standardError: Type.Number(),
        level,
      },
      closed,
    ),
    output: Type.Object({
      mean: Type.Number(),
      standardDeviation: Type.Number(),
      interval,
      chancePositive: Type.Number(),
      expectedGain: Type.Number({ description: 'E[max(effect, 0)].' }),
      expectedLoss: Type.Number({ description: 'E[max(-effect, 0)].' }),
    }),
    compute({ prior, estimate, standardError, level: wanted = 0.95 }) {
      const found = normalPosterior(prior, estimate, standardError, wanted);
      if (!found.ok) return found;
      const { interval: range, ...rest } = found.value;
      return computed({ ...rest, interval: [range[0], range[1]] as [number, number] });
    },
  }),
  defineMethod({
    name: 'beta-binomial',
    description: 'Exact posterior of two proportions under beta priors: chance to win, expected loss.',
    paper: 'Cook (2005), exact calculation of beta inequalities; Gelman et al. (2013), section 2.4',
    input: Type.Object(
      {
        treatment: count,
        control: count,
        prior: Type.Optional(
          Type.Object({ a: positive, b: positive }, { ...closed, description: 'Default 1 and 1.' }),
        ),
        direction,
        level,
      },
      closed,
    ),
    output: Type.Object({
      shares: Type.Object({ treatment: Type.Number(), control: Type.Number() }),
      difference: Type.Number(),
      interval,
      chanceToWin: Type.Number(),
      expectedLoss: Type.Object({ treatment: Type.Number(), control: Type.Number() }),
    }),
    compute({ treatment, control, prior, direction: better, level: wanted }) {
      const off = countMistake(treatment, control);
      if (off) return refused(off);
      const found = betaBinomial(treatment, control, {
        ...(prior && { prior }),
        ...(better && { direction: better }),
        ...(wanted !== undefined && { level: wanted }),
      });
      if (!found.ok) return found;
      const { interval: range, ...rest } = found.value;
      return computed({ ...rest, interval: [range[0], range[1]] as [number, number] });
    },
  }),
];
