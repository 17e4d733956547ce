import { formatLift } from '../report/format.ts';
import type { ArmEstimate, Effect } from './effect.ts';

/**
 * Where (d - r c)^2 = k^2 (Vt + (1 + r)^2 Vc) with d = t - c, the smaller root first. The r not refuted lie between the
 * roots where the control is more than k standard errors from 0, outside them where it is not, and everywhere when there
 * is no root. Written in r, not in t / c = 1 + r, so that 0 is on the same side of the roots as it is of the interval of d.
 */
function roots(
  treatment: ArmEstimate,
  control: ArmEstimate,
  k: number,
): readonly [number, number] | undefined {
  const { value: t, variance: vt } = treatment;
  const { value: c, variance: vc } = control;
  const apart = Math.abs(t - c);
  const width = k * Math.sqrt(vt + vc);
  const quarter = c * c * vt + t * t * vc - k * k * vt * vc;
  if (!(quarter >= 0)) return undefined;
  const half = (t - c) * c + k * k * vc;
  const sum = half + (half < 0 ? -k : k) * Math.sqrt(quarter);
  const square = (Math.abs(c) - k * Math.sqrt(vc)) * (Math.abs(c) + k * Math.sqrt(vc));
  const [one, other] = sum === 0 ? [0, 0] : [sum / square, ((apart - width) * (apart + width)) / sum];
  return [Math.min(one, other), Math.max(one, other)];
}

/**
 * Interval of (t - c) / |c| for independent estimates by Fieller's theorem: all r for which t - (1 + r) c, which is
 * exactly as normal as t and c are, is within k of its own standard errors of 0 (Fieller, "Some problems in interval
 * estimation", JRSS B 1954). It needs no expansion, excludes 0 exactly when |t - c| > k sqrt(Vt + Vc), and says so when the
 * data set no bound: the control is then within k standard errors of 0, and what is not refuted is everything, or
 * everything outside a gap. `bounds` are infinite in both cases and `note` tells them apart.
 */
export function fieller(
  treatment: ArmEstimate,
  control: ArmEstimate,
): Required<Pick<Effect, 'bounds' | 'note'>> {
  const size = Math.abs(control.value);
  const estimate = (treatment.value - control.value) / size;
  const bounded = (k: number) => size > k * Math.sqrt(control.variance);
  const oriented = (k: number): readonly [number, number] | undefined => {
    const found = roots(treatment, control, k);
    return found && control.value < 0 ? [-found[1], -found[0]] : found;
  };
  return {
    bounds: (k) => (bounded(k) && oriented(k)) || [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    note: (k) => {
      if (bounded(k)) return undefined;
      const [low = Number.NaN, high = Number.NaN] = oriented(k) ?? [];
      const [word, bound] = estimate >= high ? ['at least', high] : ['at most', low];
      if (!Number.isFinite(bound)) {
        return 'the control is not clearly different from 0, so nothing bounds the relative change';
      }
      const sign = control.value < 0 ? 'negative' : 'positive';
      return `the control is not clearly different from 0: if it is ${sign}, as estimated, the relative change is ${word} ${formatLift(bound)}; otherwise nothing bounds it`;
    },
  };
}
