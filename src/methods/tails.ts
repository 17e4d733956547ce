import Type from 'typebox';
import { computed } from '../analysis/estimate/effect.ts';
import {
  logBetaTail,
  logChiSquareTail,
  logFTail,
  logNormalTail,
  logStudentTail,
} from '../analysis/numbers/log-tails.ts';
import { closed, positive, share } from './inputs.ts';
import { defineMethod } from './method.ts';

const output = Type.Object({
  p: Type.Number({ description: 'P(X > x); 0 where it is under the smallest double: read log10P.' }),
  log10P: Type.Union([Type.Number(), Type.Null()], { description: 'null: the tail is empty.' }),
});
const answer = (log: number) => computed({ p: Math.exp(log), log10P: log / Math.LN10 });
const PAPER = 'Didonato and Morris (1992), ACM TOMS 18; Gil, Segura and Temme (2007)';

export const tailMethods = [
  defineMethod({
    name: 'normal-tail',
    description: 'P(Z > z) of the standard normal.',
    paper: PAPER,
    input: Type.Object({ z: Type.Number() }, closed),
    output,
    compute: ({ z }) => answer(logNormalTail(z)),
  }),
  defineMethod({
    name: 'student-tail',
    description: "P(T > t) of Student's t.",
    paper: PAPER,
    input: Type.Object({ t: Type.Number(), df: positive }, closed),
    output,
    compute: ({ t, df }) => answer(logStudentTail(t, df)),
  }),
  defineMethod({
    name: 'chi-square-tail',
    description: 'P(X > x) of the chi-square.',
    paper: PAPER,
    input: Type.Object({ x: Type.Number({ minimum: 0 }), df: positive }, closed),
    output,
    compute: ({ x, df }) => answer(logChiSquareTail(x, df)),
  }),
  defineMethod({
    name: 'f-tail',
    description: 'P(F > f) of the F distribution.',
    paper: PAPER,
    input: Type.Object({ f: Type.Number({ minimum: 0 }), d1: positive, d2: positive }, closed),
    output,
    compute: ({ f, d1, d2 }) => answer(logFTail(f, d1, d2)),
  }),
  defineMethod({
    name: 'beta-tail',
    description: 'P(X > x) of the beta distribution.',
    paper: PAPER,
    input: Type.Object({ x: share, a: positive, b: positive }, closed),
    output,
    compute: ({ x, a, b }) => answer(logBetaTail(x, a, b)),
  }),
];
