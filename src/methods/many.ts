import Type from 'typebox';
import { computed, symmetricEffect } from '../analysis/estimate/effect.ts';
import { interaction, omnibus, shrink } from '../analysis/heterogeneity.ts';
import { COVERAGE, correct } from '../analysis/multiplicity.ts';
import { sampleRatio, sequentialSampleRatio } from '../analysis/sample-ratio.ts';
import { nonInferiority } from '../guardrails/non-inferiority.ts';
import { answerOf, effectSchema } from './effect-answer.ts';
import { alpha, closed, degrees, direction, LEVEL, positive, share, whole } from './inputs.ts';
import { defineMethod } from './method.ts';

const estimated = Type.Object({ estimate: Type.Number(), standardError: positive }, closed);
const effectOfSegment = Type.Object(
  { estimate: Type.Number(), standardError: positive, df: degrees },
  closed,
);
const end = Type.Union([Type.Number(), Type.Null()]);

const adjustMethods = (['bonferroni', 'holm', 'hochberg', 'bh', 'by'] as const).map((correction) =>
  defineMethod({
    name: correction,
    description: {
      bonferroni: 'Bonferroni: any dependence, family-wise error, simultaneous intervals.',
      holm: 'Holm: any dependence, family-wise error, stepping down.',
      hochberg: 'Hochberg: independent or positively dependent, family-wise error, stepping up.',
      bh: 'Benjamini and Hochberg: independent or positively dependent, false discovery rate.',
      by: 'Benjamini and Yekutieli: any dependence, false discovery rate.',
    }[correction],
    paper: {
      bonferroni: 'Dunn (1961), JASA 56',
      holm: 'Holm (1979), Scandinavian Journal of Statistics 6',
      hochberg: 'Hochberg (1988), Biometrika 75',
      bh: 'Benjamini and Hochberg (1995), JRSS B 57; intervals: Benjamini and Yekutieli (2005), JASA 100',
      by: 'Benjamini and Yekutieli (2001), Annals of Statistics 29',
    }[correction],
    input: Type.Object(
      {
        p: Type.Array(Type.Union([share, Type.Null()]), {
          minItems: 1,
          description: 'null: not computed, yet one of the family.',
        }),
        alpha,
      },
      closed,
    ),
    output: Type.Object({
      adjusted: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      levels: Type.Array(Type.Number({ description: 'alpha of each interval.' })),
      coverage: Type.String(),
    }),
    compute({ p, alpha: level = LEVEL }) {
      const { adjusted, levels } = correct(p, correction, level);
      return computed({ adjusted: [...adjusted], levels: [...levels], coverage: COVERAGE[correction] });
    },
  }),
);

export const manyMethods = [
  ...adjustMethods,
  defineMethod({
    name: 'sample-ratio',
    description:
      'Units against configured weights; exact where few are expected. An arm of weight 0 takes no degree of freedom.',
    paper: 'Pearson (1900); Fabijan et al. (2019), KDD',
    input: Type.Object(
      {
        arms: Type.Array(
          Type.Object({ arm: Type.String(), units: whole, weight: Type.Number({ minimum: 0 }) }, closed),
          { minItems: 2 },
        ),
      },
      closed,
    ),
    output: Type.Object({
      statistic: Type.Number(),
      df: Type.Integer(),
      p: Type.Number(),
      method: Type.String(),
    }),
    compute({ arms }) {
      const found = sampleRatio(arms.map(({ arm, ...rest }) => ({ variant: arm, ...rest })));
      return found.ok ? computed({ ...found.value }) : found;
    },
  }),
  defineMethod({
    name: 'sequential-sample-ratio',
    description: 'Sequential multinomial test of the sample ratio: right after every batch.',
    paper: 'Lindon and Malek (2022), NeurIPS',
    input: Type.Object(
      {
        batches: Type.Array(Type.Array(whole, { minItems: 2 }), {
          minItems: 1,
          description: 'Units of each arm, batch by batch.',
        }),
        weights: Type.Array(Type.Number({ minimum: 0 }), { minItems: 2 }),
      },
      closed,
    ),
    output: Type.Object({
      p: Type.Number(),
      log10P: Type.Number(),
      logBayesFactor: Type.Number(),
      looks: Type.Array(Type.Number()),
    }),
    compute({ batches, weights }) {
      const found = sequentialSampleRatio(batches, weights);
      if (!found.ok) return found;
      const { p, logP, logBayesFactor, looks } = found.value;
      return computed({ p, log10P: logP / Math.LN10, logBayesFactor, looks: [...looks] });
    },
  }),
  defineMethod({
    name: 'interaction',
    description: 'Effect in a segment minus effect in the rest, both independent.',
    paper: 'Altman and Bland (2003), BMJ 326',
    input: Type.Object({ segment: effectOfSegment, rest: effectOfSegment, alpha }, closed),
    output: effectSchema,
    compute({ segment, rest, alpha: level = LEVEL }) {
      const [a, b] = [segment, rest].map(({ estimate, standardError, df }) =>
        computed(symmetricEffect({ estimate, standardError, df: df ?? null, n: 0, method: 'given' })),
      );
      return answerOf(interaction(a!, b!), level);
    },
  }),
  defineMethod({
    name: 'heterogeneity',
    description: 'Whether the effects of disjoint segments differ at all.',
    paper: 'Cochran (1954), Biometrics 10; Higgins and Thompson (2002), Statistics in Medicine 21',
    input: Type.Object({ effects: Type.Array(estimated, { minItems: 1 }) }, closed),
    output: Type.Object({
      statistic: Type.Number(),
      df: Type.Integer(),
      p: Type.Number(),
      share: Type.Number(),
    }),
    compute({ effects }) {
      const found = omnibus(effects);
      return found.ok ? computed({ ...found.value }) : found;
    },
  }),
  defineMethod({
    name: 'shrinkage',
    description:
      'Effects of segments drawn towards their common mean by as much as they are noisy (empirical Bayes).',
    paper: 'Efron and Morris (1975), JASA 70; Paule and Mandel (1982)',
    input: Type.Object({ effects: Type.Array(estimated, { minItems: 1 }) }, closed),
    output: Type.Object({
      common: Type.Number(),
      spread: Type.Number(),
      segments: Type.Array(
        Type.Object({ estimate: Type.Number(), standardError: Type.Number(), shrinkage: Type.Number() }),
      ),
    }),
    compute({ effects }) {
      const found = shrink(effects);
      if (!found.ok) return found;
      const { common, spread, segments } = found.value;
      return computed({ common, spread, segments: segments.map((segment) => ({ ...segment })) });
    },
  }),
  defineMethod({
    name: 'non-inferiority',
    description:
      'State of a guardrail from its interval and margin: safe, safe-but-worse, unproven, harm or breach.',
    paper: 'Piaggio et al. (2012), JAMA 308',
    input: Type.Object({ interval: Type.Tuple([end, end]), margin: positive, direction }, closed),
    output: Type.Object({ state: Type.String(), harm: Type.Tuple([end, end]) }),
    compute({ interval, margin, direction: better = 'higher-is-better' }) {
      const effect = { ok: true as const, estimate: 0, standardError: 0, interval };
      const { state, harm } = nonInferiority(
        { absolute: effect, relative: effect },
        { absolute: margin },
        better,
      );
      return computed({ state, harm: [harm[0], harm[1]] as [number | null, number | null] });
    },
  }),
];
