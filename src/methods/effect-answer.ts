import Type, { type Static } from 'typebox';
import {
  computed,
  type Effect,
  fixedHorizon,
  type Reference,
  type Result,
  refused,
  TOO_LARGE,
} from '../analysis/estimate/effect.ts';

const bound = Type.Union([Type.Number(), Type.Null()], { description: 'null: unbounded on that side.' });

/** An effect with its interval and p-value, treatment minus control. */
export const effectSchema = Type.Object({
  estimate: Type.Number(),
  standardError: Type.Number(),
  interval: Type.Tuple([bound, bound]),
  level: Type.Number({ description: '1 - alpha.' }),
  sides: Type.Literal('two-sided'),
  statistic: Type.Union([Type.Number(), Type.Null()]),
  df: Type.Union([Type.Number(), Type.Null()]),
  p: Type.Union([Type.Number(), Type.Null()], {
    description: '0 where it is under the smallest double: read log10P.',
  }),
  log10P: Type.Union([Type.Number(), Type.Null()]),
  n: Type.Number(),
  method: Type.String(),
  note: Type.Optional(Type.String()),
});

export function answerOf(
  effect: Result<Effect>,
  alpha: number,
  reference?: Reference,
): Result<Static<typeof effectSchema>> {
  if (!effect.ok) return effect;
  const { value } = effect;
  const used = reference ?? fixedHorizon(value.df);
  const multiplier = used.critical(alpha);
  const [low, high] = value.bounds(multiplier);
  const note = value.note?.(multiplier);
  const { statistic } = value;
  const logP = statistic === null || !used.logP ? null : used.logP(statistic) / Math.LN10;
  const endless = note === undefined && !(Number.isFinite(low) && Number.isFinite(high));
  if (endless || !Number.isFinite(statistic ?? 0) || !Number.isFinite(logP ?? 0)) return refused(TOO_LARGE);
  return computed({
    estimate: value.estimate,
    standardError: value.standardError,
    interval: [low, high],
    level: 1 - alpha,
    sides: 'two-sided',
    statistic,
    df: value.df,
    p: statistic === null ? null : used.p(statistic),
    log10P: logP,
    n: value.n,
    method: value.method,
    ...(note !== undefined && { note }),
  });
}
