import Type from 'typebox';
import { computed, symmetricEffect } from '../analysis/estimate/effect.ts';
import { alwaysValid, alwaysValidT } from '../analysis/sequential/always-valid.ts';
import { classicalBoundaries } from '../analysis/sequential/classical-boundaries.ts';
import { groupSequential } from '../analysis/sequential/group-sequential.ts';
import { msprt } from '../analysis/sequential/msprt.ts';
import { answerOf, effectSchema } from './effect-answer.ts';
import { alpha, closed, degrees, LEVEL, positive } from './inputs.ts';
import { defineMethod } from './method.ts';

const spending = Type.Enum(['obrien-fleming', 'pocock']);

export const lookingEarlyMethods = [
  defineMethod({
    name: 'always-valid',
    description:
      'Interval and p-value that are right at every look: the mixture t confidence sequence where df is given, the asymptotic one otherwise.',
    paper: 'Waudby-Smith et al. (2021), appendix B; Lindon, Ham, Tingley and Bojinov (2022)',
    input: Type.Object(
      {
        estimate: Type.Number(),
        standardError: positive,
        n: Type.Integer({ minimum: 2, description: 'Units of both arms so far.' }),
        plannedUnits: Type.Integer({
          minimum: 2,
          description: 'Units at which the interval is tightest; fixed beforehand.',
        }),
        df: degrees,
        alpha,
      },
      closed,
    ),
    output: effectSchema,
    compute({ estimate, standardError, n, plannedUnits, df, alpha: level = LEVEL }) {
      const reference =
        df === undefined ? alwaysValid(n, plannedUnits, level) : alwaysValidT(n, plannedUnits, level, df);
      const effect = symmetricEffect({ estimate, standardError, df: df ?? null, n, method: reference.name });
      return answerOf(computed(effect), level, reference);
    },
  }),
  defineMethod({
    name: 'msprt',
    description: 'Mixture sequential probability ratio test over looks, cumulative: its p-value never rises.',
    paper: 'Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70',
    input: Type.Object(
      {
        looks: Type.Array(
          Type.Object({ n: Type.Number(), estimate: Type.Number(), standardError: Type.Number() }, closed),
          { minItems: 1 },
        ),
        mixing: Type.Number({ description: 'Standard deviation of the effects mixed over.' }),
      },
      closed,
    ),
    output: Type.Object({
      p: Type.Number(),
      log10P: Type.Number(),
      looks: Type.Array(Type.Object({ logLikelihoodRatio: Type.Number(), p: Type.Number() })),
    }),
    compute({ looks, mixing }) {
      const found = msprt(looks, mixing);
      if (!found.ok) return found;
      const { p, logP, looks: byLook } = found.value;
      return computed({ p, log10P: logP / Math.LN10, looks: [...byLook] });
    },
  }),
  defineMethod({
    name: 'group-sequential',
    description: 'Boundaries of a two-sided group-sequential design by error spending.',
    paper: 'Lan and DeMets (1983), Biometrika 70; Jennison and Turnbull (2000), chapter 19',
    input: Type.Object(
      {
        information: Type.Array(positive, { minItems: 1, description: 'At each look, rising.' }),
        elapsed: Type.Optional(
          Type.Array(positive, {
            description: 'Share of the plan over at each look; default: information as fractions.',
          }),
        ),
        spending,
        alpha,
      },
      closed,
    ),
    output: Type.Object({
      boundaries: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
        description: '|z| that rejects; null: no error to spend.',
      }),
      levels: Type.Array(Type.Number()),
      spent: Type.Array(Type.Number()),
    }),
    compute({ information, elapsed, spending: how, alpha: level = LEVEL }) {
      const { boundaries, levels, spent } = groupSequential({
        information,
        ...(elapsed && { elapsed }),
        spending: how,
        alpha: level,
      });
      return computed({ boundaries: [...boundaries], levels: [...levels], spent: [...spent] });
    },
  }),
  defineMethod({
    name: 'classical-boundaries',
    description: "Pocock's and O'Brien and Fleming's boundaries for equally spaced looks.",
    paper: "Pocock (1977), Biometrika 64; O'Brien and Fleming (1979), Biometrics 35",
    input: Type.Object({ shape: spending, looks: Type.Integer({ minimum: 1, maximum: 100 }), alpha }, closed),
    output: Type.Object({ boundaries: Type.Array(Type.Number()) }),
    compute: ({ shape, looks, alpha: level = LEVEL }) =>
      computed({ boundaries: [...classicalBoundaries(shape, looks, level)] }),
  }),
];
