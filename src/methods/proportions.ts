import Type from 'typebox';
import { computed, difference, refused } from '../analysis/estimate/effect.ts';
import {
  compareByScore,
  compareProportions,
  pooledProportions,
  proportion,
  wilson,
} from '../analysis/estimate/proportion.ts';
import { relativeEffect } from '../analysis/estimate/relative.ts';
import { normalQuantile } from '../analysis/numbers/distributions.ts';
import { answerOf, effectSchema } from './effect-answer.ts';
import { alpha, closed, count, countMistake, LEVEL } from './inputs.ts';
import { defineMethod } from './method.ts';

const twoCounts = Type.Object({ treatment: count, control: count, alpha }, closed);

export const proportionMethods = [
  defineMethod({
    name: 'proportions',
    description:
      'Difference of two proportions as the report computes it: unpooled z, or Newcombe where an arm has fewer than 10 successes or failures. With the relative effect.',
    paper: 'Newcombe (1998), Statistics in Medicine 17, methods 1 and 10; Fieller (1954)',
    input: Type.Object(
      {
        treatment: count,
        control: count,
        relative: Type.Optional(Type.Enum(['fieller', 'delta', 'log'], { description: 'Default fieller.' })),
        alpha,
      },
      closed,
    ),
    output: Type.Object({ absolute: effectSchema, relative: Type.Optional(effectSchema) }),
    compute({ treatment, control, relative = 'fieller', alpha: level = LEVEL }) {
      const off = countMistake(treatment, control);
      if (off) return refused(off);
      const effect = compareProportions(treatment, control);
      const absolute = answerOf(effect, level);
      const [t, c] = [proportion(treatment), proportion(control)];
      if (!absolute.ok) return absolute;
      if (!effect.ok || !t.ok || !c.ok) return refused('needs at least 2 units in each arm');
      const lift = answerOf(relativeEffect(relative, t.value, c.value, effect.value), level);
      return computed({ absolute: absolute.value, ...(lift.ok && { relative: lift.value }) });
    },
  }),
  defineMethod({
    name: 'two-proportion-z-pooled',
    description: 'Two-proportion z test with the pooled variance; the interval stays unpooled.',
    paper: 'Fleiss, Levin and Paik (2003), section 3.2',
    input: twoCounts,
    output: effectSchema,
    compute({ treatment, control, alpha: level = LEVEL }) {
      const off = countMistake(treatment, control);
      return off ? refused(off) : answerOf(pooledProportions(treatment, control), level);
    },
  }),
  defineMethod({
    name: 'two-proportion-z-unpooled',
    description: 'Two-proportion z test and Wald interval, variances not pooled.',
    paper: 'Newcombe (1998), method 1',
    input: twoCounts,
    output: effectSchema,
    compute({ treatment, control, alpha: level = LEVEL }) {
      const off = countMistake(treatment, control);
      if (off) return refused(off);
      const [t, c] = [proportion(treatment), proportion(control)];
      if (!t.ok) return t;
      if (!c.ok) return c;
      return answerOf(difference(t.value, c.value, 'unpooled two-proportion z', 'normal'), level);
    },
  }),
  defineMethod({
    name: 'newcombe',
    description: "Difference of two proportions, hybrid score interval from Wilson's limits.",
    paper: 'Newcombe (1998), method 10',
    input: twoCounts,
    output: effectSchema,
    compute({ treatment, control, alpha: level = LEVEL }) {
      const off = countMistake(treatment, control);
      if (off) return refused(off);
      if (Math.min(treatment.trials, control.trials) < 1)
        return refused('needs at least 1 trial in each arm');
      return answerOf(computed(compareByScore(treatment, control)), level);
    },
  }),
  defineMethod({
    name: 'wilson',
    description: 'Score interval of one proportion.',
    paper: 'Wilson (1927), JASA 22',
    input: Type.Object({ ...count.properties, alpha }, closed),
    output: Type.Object({
      estimate: Type.Number(),
      interval: Type.Tuple([Type.Number(), Type.Number()]),
      level: Type.Number(),
    }),
    compute({ successes, trials, alpha: level = LEVEL }) {
      const off = countMistake({ successes, trials });
      if (off) return refused(off);
      if (trials < 1) return refused('needs at least 1 trial');
      const [low, high] = wilson({ successes, trials }, normalQuantile(level / 2));
      return computed({
        estimate: successes / trials,
        interval: [low, high] as [number, number],
        level: 1 - level,
      });
    },
  }),
];
