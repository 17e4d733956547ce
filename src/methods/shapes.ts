import Type from 'typebox';
import { computed, refused } from '../analysis/estimate/effect.ts';
import { compareMeans } from '../analysis/estimate/mean.ts';
import { compareQuantiles, quantile, quantileFrom } from '../analysis/estimate/quantile.ts';
import { pooledCap, winsorise } from '../analysis/estimate/winsorise.ts';
import { noveltyChange } from '../analysis/novelty.ts';
import { centredOf } from '../analysis/numbers/summation.ts';
import { answerOf, effectSchema } from './effect-answer.ts';
import { alpha, closed, LEVEL, toCentred, values } from './inputs.ts';
import { defineMethod } from './method.ts';

const q = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
const rows = Type.Object(
  {
    values,
    units: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Number()]), {
        description: 'The unit of each value, where a unit has several.',
      }),
    ),
  },
  closed,
);

const twoPeriods = Type.Object(
  { later: values, earlier: values },
  { ...closed, description: 'Lists by unit: its value in each period.' },
);

export const shapeMethods = [
  defineMethod({
    name: 'novelty',
    description:
      'Whether an effect fades or grows: effect on the later period minus effect on the earlier one, by unit.',
    paper: 'Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 3; Welch (1947)',
    input: Type.Object({ treatment: twoPeriods, control: twoPeriods, alpha }, closed),
    output: effectSchema,
    compute({ treatment, control, alpha: level = LEVEL }) {
      if ([treatment, control].some(({ later, earlier }) => later.length !== earlier.length)) {
        return refused('every unit needs a value in each period');
      }
      const [t, c] = [treatment, control].map(({ later, earlier }) => centredOf([later, earlier]));
      return answerOf(noveltyChange(t!, c!), level);
    },
  }),
  defineMethod({
    name: 'quantile',
    description:
      'Difference of a quantile of two arms, its variance clustered by unit where units have several values.',
    paper: 'Deng, Knoblich and Lu (2018), KDD, section 4',
    input: Type.Object({ q, treatment: rows, control: rows, alpha }, closed),
    output: Type.Object({ effect: effectSchema, treatment: Type.Number(), control: Type.Number() }),
    compute({ q: at, treatment, control, alpha: level = LEVEL }) {
      const t = quantileFrom(treatment.values, at, treatment.units);
      const c = quantileFrom(control.values, at, control.units);
      if (!t.ok) return refused(`treatment: ${t.reason}`);
      if (!c.ok) return refused(`control: ${c.reason}`);
      const effect = answerOf(compareQuantiles(t.value, c.value), level);
      if (!effect.ok) return effect;
      const [a, b] = [quantile(t.value), quantile(c.value)];
      if (!a.ok) return a;
      if (!b.ok) return b;
      return computed({ effect: effect.value, treatment: a.value.value, control: b.value.value });
    },
  }),
  defineMethod({
    name: 'winsorise',
    description: 'Difference of means after values above a quantile pooled over both arms were set to it.',
    paper: 'Dixon (1960), Annals of Mathematical Statistics 31; Welch (1947)',
    input: Type.Object({ q, treatment: values, control: values, alpha }, closed),
    output: Type.Object({
      effect: effectSchema,
      cap: Type.Number(),
      capped: Type.Object({ treatment: Type.Integer(), control: Type.Integer() }),
    }),
    compute({ q: at, treatment, control, alpha: level = LEVEL }) {
      const cap = pooledCap([treatment, control], at);
      if (!cap.ok) return cap;
      const [t, c] = [winsorise(treatment, cap.value), winsorise(control, cap.value)];
      const arm = (kept: Float64Array) => toCentred({ values: [...kept] });
      const effect = answerOf(compareMeans(arm(t.values), arm(c.values)), level);
      if (!effect.ok) return effect;
      return computed({
        effect: effect.value,
        cap: cap.value,
        capped: { treatment: t.capped, control: c.capped },
      });
    },
  }),
];
