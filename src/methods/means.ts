import Type from 'typebox';
import { estimateArms } from '../analysis/adjust/adjust.ts';
import { computed, difference, refused } from '../analysis/estimate/effect.ts';
import { compareMeans, mean } from '../analysis/estimate/mean.ts';
import { compareRatios, ratio } from '../analysis/estimate/ratio.ts';
import { relativeEffect } from '../analysis/estimate/relative.ts';
import { diagnose, shapeOf } from '../analysis/estimate/shape.ts';
import { centredOf } from '../analysis/numbers/summation.ts';
import { answerOf, effectSchema } from './effect-answer.ts';
import { alpha, closed, LEVEL, pairs, sample, toCentred, toPairs, values } from './inputs.ts';
import { defineMethod } from './method.ts';

const twoSamples = { treatment: sample, control: sample, alpha };
const estimate = Type.Object(
  { value: Type.Number(), variance: Type.Number({ minimum: 0 }), n: Type.Integer({ minimum: 1 }) },
  closed,
);
const covariate = Type.Object({ y: values, covariates: Type.Array(values, { minItems: 1 }) }, closed);

export const meanMethods = [
  defineMethod({
    name: 'describe',
    description: 'Number, mean, variance (divided by n - 1) and skewness of raw values, by compensated sums.',
    paper: 'Neumaier (1974), compensated summation; NIST StRD univariate cases',
    input: Type.Object({ values }, closed),
    output: Type.Object({
      n: Type.Integer(),
      mean: Type.Number(),
      variance: Type.Number(),
      standardDeviation: Type.Number(),
      skewness: Type.Union([Type.Number(), Type.Null()]),
      zeros: Type.Number({ description: 'Share of values at 0.' }),
      warnings: Type.Array(Type.String()),
    }),
    compute({ values: given }) {
      if (given.length < 2) return refused(`needs at least 2 values, has ${given.length}`);
      const shape = shapeOf(given);
      const { arms, warnings } = diagnose([{ ...shape, arm: 'values' }]);
      const {
        n,
        mean: [middle = 0],
        products,
      } = shape.centred;
      const variance = (products[0]?.[0] ?? 0) / (n - 1);
      return computed({
        n,
        mean: middle,
        variance,
        standardDeviation: Math.sqrt(variance),
        skewness: arms[0]?.skewness ?? null,
        zeros: arms[0]?.zeros ?? 0,
        warnings: [...warnings],
      });
    },
  }),
  defineMethod({
    name: 'welch',
    description: "Difference of two means, Welch's t test: unequal variances.",
    paper: 'Welch (1947), Biometrika 34',
    input: Type.Object(twoSamples, closed),
    output: effectSchema,
    compute: ({ treatment, control, alpha: level = LEVEL }) =>
      answerOf(compareMeans(toCentred(treatment), toCentred(control)), level),
  }),
  defineMethod({
    name: 'relative',
    description:
      'Treatment / control - 1 of two independent estimates, by Fieller, the delta method or log ratio.',
    paper: 'Fieller (1954), JRSS B 16; Deng, Knoblich and Lu (2018), section 3',
    input: Type.Object(
      {
        method: Type.Optional(Type.Enum(['fieller', 'delta', 'log'], { description: 'Default fieller.' })),
        treatment: Type.Union([sample, estimate], {
          description: 'a sample as of welch, or {value, variance (of the estimate), n}',
        }),
        control: Type.Union([sample, estimate], {
          description: 'a sample as of welch, or {value, variance (of the estimate), n}',
        }),
        reference: Type.Optional(Type.Enum(['t', 'normal'], { description: 'Default t.' })),
        alpha,
      },
      closed,
    ),
    output: effectSchema,
    compute({ method = 'fieller', treatment, control, reference = 't', alpha: level = LEVEL }) {
      const [t, c] = [treatment, control].map((arm) =>
        'value' in arm ? computed(arm) : mean(toCentred(arm)),
      );
      if (!t?.ok) return t ?? refused('no treatment');
      if (!c?.ok) return c ?? refused('no control');
      const absolute = difference(t.value, c.value, 'difference', reference === 't' ? 'welch' : 'normal');
      if (!absolute.ok) return absolute;
      return answerOf(relativeEffect(method, t.value, c.value, absolute.value), level);
    },
  }),
  defineMethod({
    name: 'ratio',
    description: 'Difference of two ratios of sums, such as clicks / views, clustered by unit: delta method.',
    paper: 'Deng, Knoblich and Lu (2018), KDD, section 3.3',
    input: Type.Object(
      {
        treatment: pairs,
        control: pairs,
        relative: Type.Optional(
          Type.Enum(['fieller', 'delta', 'log'], { description: 'Adds the relative effect.' }),
        ),
        alpha,
      },
      closed,
    ),
    output: Type.Object({ absolute: effectSchema, relative: Type.Optional(effectSchema) }),
    compute({ treatment, control, relative, alpha: level = LEVEL }) {
      const t = toPairs(treatment);
      const c = toPairs(control);
      if (!t.ok) return t;
      if (!c.ok) return c;
      const effect = compareRatios(t.value, c.value);
      const absolute = answerOf(effect, level);
      if (!effect.ok || !absolute.ok) return absolute.ok ? refused('no effect') : absolute;
      if (relative === undefined) return computed({ absolute: absolute.value });
      const [a, b] = [ratio(t.value), ratio(c.value)];
      if (!a.ok) return a;
      if (!b.ok) return b;
      const lift = answerOf(relativeEffect(relative, a.value, b.value, effect.value), level);
      return lift.ok ? computed({ absolute: absolute.value, relative: lift.value }) : lift;
    },
  }),
  defineMethod({
    name: 'cuped',
    description:
      'Difference of means adjusted by covariates known before exposure, theta pooled over the arms; strata, a list of such pairs, are weighted by size (post-stratification).',
    paper: 'Deng, Xu, Kohavi and Walker (2013), WSDM; Miratrix, Sekhon and Yu (2013), JRSS B',
    input: Type.Object(
      {
        strata: Type.Array(
          Type.Object(
            {
              treatment: Type.Union([covariate, Type.Object({ y: values }, closed)]),
              control: Type.Union([covariate, Type.Object({ y: values }, closed)]),
            },
            closed,
          ),
          { minItems: 1, description: 'One: not stratified. Lists by unit: y and each covariate.' },
        ),
        covariates: Type.Optional(Type.Array(Type.String(), { description: 'Their names.' })),
        alpha,
      },
      closed,
    ),
    output: Type.Object({
      effect: effectSchema,
      reduction: Type.Number({ description: '1 - variance after / variance before.' }),
      theta: Type.Array(Type.Number()),
      covariates: Type.Array(Type.String()),
      dropped: Type.Array(Type.Object({ covariate: Type.String(), reason: Type.String() })),
    }),
    compute({ strata, covariates, alpha: level = LEVEL }) {
      const arms = strata.map(({ treatment, control }) => [treatment, control] as const);
      const width = Math.max(...arms.flat().map((arm) => ('covariates' in arm ? arm.covariates.length : 0)));
      const names = covariates ?? Array.from({ length: width }, (_, i) => `z${i + 1}`);
      if (names.length !== width) return refused(`has ${width} covariates and ${names.length} names`);
      for (const arm of arms.flat()) {
        const columns = 'covariates' in arm ? arm.covariates : [];
        if (columns.length !== width) return refused('every arm needs the same covariates');
        if (columns.some((column) => column.length !== arm.y.length)) {
          return refused('every covariate needs one value for each value of y');
        }
      }
      const centred = arms.map((both) =>
        both.map((arm) =>
          centredOf([arm.y, arm.y.map(() => 1), ...('covariates' in arm ? arm.covariates : [])]),
        ),
      );
      const found = estimateArms('mean', centred, { covariates: names });
      if (!found.ok) return found;
      const [t, c] = found.value.arms;
      if (!t || !c) return refused('needs two arms');
      const effect = answerOf(
        difference({ ...t, n: t.df + 1 }, { ...c, n: c.df + 1 }, 'Welch t, adjusted'),
        level,
      );
      if (!effect.ok) return effect;
      const { adjustment } = found.value;
      return computed({
        effect: { ...effect.value, n: t.n + c.n },
        reduction: adjustment?.reduction(0, 1) ?? 0,
        theta: [...(adjustment?.theta ?? [])],
        covariates: [...(adjustment?.covariates ?? [])],
        dropped: [...(adjustment?.dropped ?? [])],
      });
    },
  }),
];
