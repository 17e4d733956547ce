import { computed, type Result, refused } from '../estimate/effect.ts';
import { normalQuantile, normalTail, studentQuantile } from '../numbers/distributions.ts';
import { noncentralStudentTail } from '../numbers/noncentral-student.ts';
import { atLooks } from './power-looks.ts';
import { type Change, type Contrast, contrastOf, type PowerQuestion } from './power-question.ts';

/** Units of the two arms that are compared. */
export interface ArmUnits {
  readonly treatment: number;
  readonly control: number;
}

export interface Power {
  /** P(the test rejects), in (0, 1); at any look, where there are looks. */
  readonly power: number;
  /** Mean fraction of the units used when it stops at the first rejection; 1 where there is one look. */
  readonly meanFraction: number;
}

const MOST_UNITS = 1e15;

/** Squared standard error of the contrast and Welch's degrees of freedom of the plain difference. */
function precision(contrast: Contrast, { treatment, control }: ArmUnits) {
  const t = contrast.treatmentVariance / treatment;
  const c = contrast.controlVariance / control;
  // As shares of the variance, whose squares neither overflow nor vanish in any unit.
  const share = t / (t + c);
  return {
    standardError: Math.sqrt(t + contrast.factor ** 2 * c),
    df: 1 / (share ** 2 / (treatment - 1) + (1 - share) ** 2 / (control - 1)),
  };
}

function judgedOnce(question: PowerQuestion, contrast: Contrast, units: ArmUnits): number {
  const { standardError, df } = precision(contrast, units);
  const drift = contrast.distance / standardError;
  if (question.metric.kind === 'proportion') {
    const critical = normalQuantile(question.alpha / 2);
    const other = contrast.tails === 2 ? normalTail(critical + drift) : 0;
    return normalTail(critical - drift) + other;
  }
  const critical = studentQuantile(question.alpha / 2, df);
  const other = contrast.tails === 2 ? noncentralStudentTail(critical, df, -drift) : 0;
  return Math.min(1, noncentralStudentTail(critical, df, drift) + other);
}

/** Power as a function of the units, with whatever does not depend on them computed once. */
function planner(question: PowerQuestion, contrast: Contrast): Result<(units: ArmUnits) => Power> {
  if (!question.looks) {
    return computed((units) => ({ power: judgedOnce(question, contrast, units), meanFraction: 1 }));
  }
  const looking = atLooks(question.looks, question.alpha, contrast.tails);
  if (!looking.ok) return looking;
  return computed((units) => {
    const drift = contrast.distance / precision(contrast, units).standardError;
    return looking.value(units.treatment + units.control, drift);
  });
}

/**
 * Power of the product's own tests. Means and ratios: Welch's t, noncentral t with the Welch-Satterthwaite df of the
 * true variances (both tails of a two-sided test count). Shares: unpooled z, each arm with its own p (1 - p). A relative
 * effect is tested by Fieller's interval, which excludes 0 exactly when the absolute one does, so both have one power.
 * With looks: the probability that the boundary is crossed at any of them, normal increments (Jennison and Turnbull
 * 2000, chapters 2 and 19). `units` may be fractional.
 */
export function powerOf(question: PowerQuestion, units: ArmUnits): Result<Power> {
  const contrast = contrastOf(question);
  if (!contrast.ok) return contrast;
  if (!(Math.min(units.treatment, units.control) >= 2)) {
    return refused('needs at least 2 units in each arm');
  }
  if (Math.max(units.treatment, units.control) > MOST_UNITS) {
    return refused(`plans for at most ${MOST_UNITS} units in each arm`);
  }
  const plan = planner(question, contrast.value);
  return plan.ok ? computed(plan.value(units)) : plan;
}

/** Probit with its ends cut off: power is nearly straight on this scale, so that secant steps converge fast. */
const probit = (power: number) => (power <= 1e-12 ? -7 : power >= 1 - 1e-12 ? 7 : -normalQuantile(power));

/** Where a rising power reaches `target` between two positive ends: secant steps on log x, kept in the bracket. */
function reach(power: (x: number) => number, target: number, from: number, to: number): number {
  const goal = probit(target);
  let [low, high] = [Math.log(from), Math.log(to)];
  let [before, off] = [low, probit(power(from)) - goal];
  let x = (low + high) / 2;
  for (let step = 0; step < 100 && high - low > 1e-15; step++) {
    const now = probit(power(Math.exp(x))) - goal;
    if (now === 0) return Math.exp(x);
    if (now < 0) low = x;
    else high = x;
    const secant = x - (now * (x - before)) / (now - off);
    [before, off] = [x, now];
    const next = secant > low && secant < high ? secant : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-13) return Math.exp(next);
    x = next;
  }
  return Math.exp(x);
}

function badTarget(power: number, alpha: number) {
  return power > alpha && power < 1
    ? undefined
    : refused(`the wanted power must lie between alpha (${alpha}) and 1, it is ${power}`);
}

export interface SampleSize extends ArmUnits {
  /** Whole units of both arms. */
  readonly units: number;
  /** Before rounding up, both arms together. */
  readonly exact: number;
}

/**
 * Units at which the power is reached, split by `shares` (any positive scale, such as 95 and 5). Each arm is rounded up.
 */
export function sampleSize(question: PowerQuestion, shares: ArmUnits, power: number): Result<SampleSize> {
  const contrast = contrastOf(question);
  if (!contrast.ok) return contrast;
  const bad = badTarget(power, question.alpha);
  if (bad) return bad;
  const whole = shares.treatment + shares.control;
  if (!(Math.min(shares.treatment, shares.control) > 0 && Number.isFinite(whole))) {
    return refused('both arms need a share above 0');
  }
  if (!(contrast.value.distance > 0)) {
    return refused(
      contrast.value.tails === 2
        ? 'no number of units detects an effect of 0'
        : 'the assumed effect is at or beyond the margin: no number of units shows otherwise',
    );
  }
  const [t, c] = [shares.treatment / whole, shares.control / whole];
  const plan = planner(question, contrast.value);
  if (!plan.ok) return plan;
  const at = (units: number) => plan.value({ treatment: units * t, control: units * c }).power;
  const least = 2 / Math.min(t, c);
  let most = least;
  while (at(most) < power) {
    most *= 4;
    if (most > MOST_UNITS) return refused('no reachable number of units gives this power');
  }
  const exact = most === least ? least : reach(at, power, most / 4, most);
  // A hair of tolerance, so that rounding in the search does not cost a unit.
  const up = (units: number) => Math.ceil(units * (1 - 1e-12));
  const [treatment, control] = [up(exact * t), up(exact * c)];
  return computed({ treatment, control, units: treatment + control, exact });
}

export interface DetectableEffect {
  /** In the metric's unit; signed like the direction asked for. */
  readonly absolute: number;
  /** As a fraction of the control; null where the control is not above 0. */
  readonly relative: number | null;
}

/**
 * Smallest true effect that these units detect with the power (an increase, or a decrease if asked). For a
 * non-inferiority aim: the smallest margin, of the declared kind, that they prove with it. The question's own effect
 * (for superiority) or margin is not read.
 */
export function minimumDetectableEffect(
  question: PowerQuestion,
  units: ArmUnits,
  power: number,
  direction: 'increase' | 'decrease' = 'increase',
): Result<DetectableEffect> {
  const { metric, aim, alpha } = question;
  const bad = badTarget(power, alpha);
  if (bad) return bad;
  const sign = aim.kind === 'superiority' && direction === 'decrease' ? -1 : 1;
  const relative = aim.kind === 'non-inferiority' && 'relative' in aim.margin;
  const of = (size: number): PowerQuestion => {
    if (aim.kind === 'superiority') return { ...question, effect: { absolute: sign * size } };
    const margin: Change = relative ? { relative: size } : { absolute: size };
    return { ...question, aim: { ...aim, margin } };
  };
  const share = metric.kind === 'proportion';
  const limit =
    share && aim.kind === 'superiority' ? (sign > 0 ? 1 - metric.control : metric.control) : Infinity;
  const at = (size: number) => {
    const found = powerOf(of(Math.min(size, limit)), units);
    return found.ok ? found.value.power : 0;
  };
  // As if the effect changed no variance: the search starts near its end.
  const start = contrastOf(of(Math.min(1e-9 * Math.abs(metric.control) || 1e-9, limit)));
  if (!start.ok) return start;
  const guess =
    precision(start.value, units).standardError * (normalQuantile(alpha / 2) + Math.max(0, probit(power)));
  const scale = Math.min(relative ? guess / metric.control : guess, limit);
  const probe = powerOf(of(scale), units);
  if (!probe.ok) return probe;
  let most = scale;
  while (at(most) < power) {
    if (most >= limit || most > scale * 1e12) return refused('too few units to detect any possible effect');
    most = Math.min(most * 2, limit);
  }
  let least = most / 2;
  while (at(least) >= power && least > scale * 1e-15) least /= 2;
  const size = sign * reach(at, power, least, most);
  const against = metric.control > 0 ? size / metric.control : null;
  return computed(
    relative ? { absolute: size * metric.control, relative: size } : { absolute: size, relative: against },
  );
}

/** How units arrive: what was seen so far, and what is expected from then on. */
export interface Enrolment {
  /** Cumulative units of all arms at the end of each day so far. */
  readonly cumulative: readonly number[];
  /** Units of all arms a day after that. */
  readonly perDay: number;
}

/** Units of all arms at the end of a day, counted from 1. */
export function unitsBy(day: number, { cumulative, perDay }: Enrolment): number {
  const seen = cumulative.length;
  if (day <= 0) return 0;
  if (day <= seen) return cumulative[day - 1]!;
  return (cumulative[seen - 1] ?? 0) + (day - seen) * perDay;
}

/** Whole days from the start until so many units of all arms have come, at the pace given. */
export function duration(units: number, enrolment: Enrolment): Result<number> {
  const { cumulative, perDay } = enrolment;
  const reached = cumulative.findIndex((count) => count >= units);
  if (reached >= 0) return computed(reached + 1);
  if (!(perDay > 0)) return refused('no units arrive any more, so this number is never reached');
  return computed(cumulative.length + Math.ceil((units - (cumulative.at(-1) ?? 0)) / perDay));
}
