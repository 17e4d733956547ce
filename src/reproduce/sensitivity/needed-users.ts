import { sampleSize } from '../../analysis/planning/power.ts';
import { signTestSize } from '../../analysis/planning/sign-test-size.ts';

/** What each viewer did in either arm, and whom the interleaved lists credit with their clicks. */
export interface BothWays {
  readonly control: ArmColumns;
  readonly treatment: ArmColumns;
  /** Clicks credited to the treatment less those credited to the control. */
  readonly credit: Float64Array;
}

export interface ArmColumns {
  readonly clicks: Float64Array;
  readonly viewed: Float64Array;
  readonly hours: Float64Array;
}

/** One comparison: what was measured and the users that it needs. Infinity where none would do. */
export interface Sizes {
  readonly effects: readonly number[];
  /** In the order of `TESTED`. */
  readonly tests: readonly number[];
  readonly decided: number;
  readonly preferred: number;
  readonly interleaving: number;
}

/** Metrics of the A/B test: a ratio has its own denominator, a mean one of 1. */
export const TESTED = ['click-through rate', 'hours watched'] as const;

interface Summary {
  readonly value: number;
  /** Of what one unit adds: for a ratio of its linearised value. */
  readonly deviation: number;
}

function summary(top: Float64Array, bottom: Float64Array | undefined, rows: Int32Array): Summary {
  const n = rows.length;
  let [y, x] = [0, 0];
  for (const row of rows) {
    y += top[row]!;
    x += bottom === undefined ? 1 : bottom[row]!;
  }
  const value = y / x;
  let squares = 0;
  for (const row of rows) squares += (top[row]! - value * (bottom === undefined ? 1 : bottom[row]!)) ** 2;
  return { value, deviation: Math.sqrt(squares / (n - 1)) / (x / n) };
}

/**
 * Users of both arms that the planner asks for, from the measured difference and the measured spread of either arm; and
 * viewers that interleaving asks for, from the measured preference.
 * @param rows  which viewers, some perhaps several times
 * @param signs effects of the other sign than these are none: they are chance
 */
export function neededUsers(
  { control, treatment, credit }: BothWays,
  rows: Int32Array,
  { alpha, power }: { readonly alpha: number; readonly power: number },
  signs?: Pick<Sizes, 'effects' | 'preferred'>,
): Sizes {
  const pairs = [
    [summary(control.clicks, control.viewed, rows), summary(treatment.clicks, treatment.viewed, rows)],
    [summary(control.hours, undefined, rows), summary(treatment.hours, undefined, rows)],
  ] as const;
  const effects = pairs.map(([c, t]) => t.value / c.value - 1);
  const tests = pairs.map(([c, t], i) => {
    if (signs && Math.sign(signs.effects[i]!) !== Math.sign(effects[i]!)) return Number.POSITIVE_INFINITY;
    const metric = {
      kind: i === 0 ? 'ratio' : 'mean',
      control: c.value,
      standardDeviation: c.deviation,
      treatmentStandardDeviation: t.deviation,
    } as const;
    const effect = { absolute: t.value - c.value };
    const size = sampleSize(
      { metric, aim: { kind: 'superiority' }, effect, alpha },
      { control: 1, treatment: 1 },
      power,
    );
    return size.ok ? size.value.exact : Number.POSITIVE_INFINITY;
  });
  let [first, second] = [0, 0];
  for (const row of rows) {
    if (credit[row]! < 0) first++;
    else if (credit[row]! > 0) second++;
  }
  const preferred = second / (first + second);
  const decided = (first + second) / rows.length;
  const chance = signs !== undefined && Math.sign(signs.preferred - 0.5) !== Math.sign(preferred - 0.5);
  const size = signTestSize(preferred, decided, alpha, power);
  return {
    effects,
    tests,
    decided,
    preferred,
    interleaving: size.ok && !chance ? size.value.exact : Number.POSITIVE_INFINITY,
  };
}
