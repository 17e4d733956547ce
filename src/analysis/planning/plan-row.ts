import type { Spending } from '../../declarations.ts';
import { type Result, refused } from '../estimate/effect.ts';
import {
  type ArmUnits,
  type DetectableEffect,
  duration,
  type Enrolment,
  minimumDetectableEffect,
  powerOf,
  sampleSize,
  unitsBy,
} from './power.ts';
import { evenly } from './power-looks.ts';
import type { Aim, Change, Looks, PlannedMetric, PowerQuestion } from './power-question.ts';

/** When a plan looks: at the end; every so many days; or on declared days by error spending. */
export type Looking =
  | { readonly kind: 'fixed' }
  | {
      readonly kind: 'always-valid';
      readonly everyDays: number;
      readonly plannedUnits?: number;
      readonly tunedAlpha?: number;
    }
  | {
      readonly kind: 'group-sequential';
      readonly information: readonly number[];
      readonly spending: Spending;
    };

/** What is known of one comparison before it is planned. */
export interface PlanInput {
  readonly metric: string;
  readonly name: string;
  readonly role: 'success' | 'guardrail' | 'secondary';
  readonly unit: string;
  readonly arm: string;
  readonly control: string;
  readonly planned: Result<PlannedMetric>;
  readonly aim: Aim;
  /** The change to detect; for non-inferiority the assumed true one. Absent: nothing was declared. */
  readonly effect?: Change;
  readonly lowerIsBetter: boolean;
  /** Two-sided, corrected. */
  readonly alpha: number;
  /** Wanted, corrected. */
  readonly power: number;
  /** Shares of all units. */
  readonly shares: ArmUnits;
  /** Units of the two arms so far. */
  readonly units?: ArmUnits;
}

/** How the units arrive and when they are looked at. */
export interface PlanFrame {
  readonly looking: Looking;
  readonly enrolment?: Enrolment;
  /** Planned end. */
  readonly days?: number;
}

export interface Needed {
  readonly treatment: number;
  readonly control: number;
  /** Units of all arms together, those that are not compared here included. */
  readonly units: number;
  readonly days: Result<number>;
}

export interface Reached {
  readonly units: ArmUnits;
  /** For the declared change or margin. */
  readonly power: Result<number>;
  /** Mean share of the units used when it stops at the first crossing; 1 with one look. */
  readonly meanFraction: number | null;
  /** Smallest effect, or provable margin, at the wanted power. */
  readonly detectable: Result<DetectableEffect>;
}

export interface PlanRow extends Omit<PlanInput, 'planned' | 'units' | 'lowerIsBetter' | 'effect' | 'aim'> {
  readonly aim: Aim['kind'];
  readonly controlValue: number | null;
  /** Per unit. */
  readonly standardDeviation: number | null;
  /** What is to be detected, or the margin to be proven. */
  readonly target: Change | null;
  /** With the units so far. */
  readonly now: Result<Reached> | null;
  readonly needed: Result<Needed>;
  readonly plannedEnd: Result<Reached> | null;
}

/** More looks find hardly more, and fewer understate the power: a plan over years is looked at this often in the sums. */
const MOST_LOOKS = 30;

/** Looks of a plan that ends on this day. */
export function looksUntil(looking: Looking, days: number, enrolment?: Enrolment): Looks | undefined {
  if (looking.kind === 'fixed') return undefined;
  if (looking.kind === 'group-sequential') return looking;
  const { everyDays, ...rest } = looking;
  const count = Math.min(MOST_LOOKS, Math.max(1, Math.ceil(days / everyDays)));
  const end = enrolment ? unitsBy(days, enrolment) : 0;
  const information = evenly(count).map((at) =>
    enrolment && end > 0 ? unitsBy(Math.max(1, Math.round(at * days)), enrolment) / end : at,
  );
  const rising = information.filter((at, index) => at - (information[index - 1] ?? 0) > 1e-4);
  return { ...rest, kind: 'always-valid', information: rising.at(-1) === 1 ? rising : evenly(count) };
}

function questionOf(input: PlanInput, planned: PlannedMetric): PowerQuestion {
  const { aim, alpha, effect = { absolute: 0 } } = input;
  return { metric: planned, aim, alpha, effect };
}

function deviationOf(planned: PlannedMetric): number {
  if (planned.kind === 'proportion') return Math.sqrt(planned.control * (1 - planned.control));
  return planned.standardDeviation;
}

function targetOf({ aim, effect }: PlanInput): Change | null {
  return aim.kind === 'non-inferiority' ? aim.margin : (effect ?? null);
}

const UNDECLARED = refused('no minimum effect is declared, so nothing says what to look for; --mde 2% does');

/** What a number of units gives. */
export function reached(input: PlanInput, units: ArmUnits, looks?: Looks): Result<Reached> {
  if (!input.planned.ok) return input.planned;
  const question = { ...questionOf(input, input.planned.value), ...(looks && { looks }) };
  const power = targetOf(input) ? powerOf(question, units) : UNDECLARED;
  const direction = input.lowerIsBetter ? 'decrease' : 'increase';
  return {
    ok: true,
    value: {
      units,
      power: power.ok ? { ok: true, value: power.value.power } : power,
      meanFraction: power.ok ? power.value.meanFraction : null,
      detectable: minimumDetectableEffect(question, units, input.power, direction),
    },
  };
}

function needed(input: PlanInput, frame: PlanFrame): Result<Needed> {
  if (!input.planned.ok) return input.planned;
  if (!targetOf(input)) return UNDECLARED;
  const question = questionOf(input, input.planned.value);
  const share = input.shares.treatment + input.shares.control;
  const { looking, enrolment } = frame;
  // More days are more looks, which change the units that are needed: a few rounds settle it.
  let days = frame.days ?? 14;
  for (let round = 0; ; round++) {
    const looks = looksUntil(looking, days);
    const size = sampleSize({ ...question, ...(looks && { looks }) }, input.shares, input.power);
    if (!size.ok) return size;
    const units = Math.ceil((size.value.units / share) * (1 - 1e-12));
    const time: Result<number> = enrolment
      ? duration(units, enrolment)
      : refused('how many units come a day is not known');
    const { treatment, control } = size.value;
    const settled = looking.kind !== 'always-valid' || !time.ok || time.value === days || round === 4;
    if (settled) return { ok: true, value: { treatment, control, units, days: time } };
    days = time.value;
  }
}

/** Units of the two arms at the end of a day. */
export function armsBy(input: PlanInput, day: number, enrolment: Enrolment): ArmUnits {
  const units = unitsBy(day, enrolment);
  return { treatment: units * input.shares.treatment, control: units * input.shares.control };
}

/** One line of a plan: what is detectable now, what the target needs, what the planned end reaches. */
export function planRow(input: PlanInput, frame: PlanFrame): PlanRow {
  const { planned, units, aim, lowerIsBetter: _, effect: __, ...rest } = input;
  const { enrolment, days, looking } = frame;
  // So far: as if it were judged once more, now; looks before it have been taken.
  const passed = enrolment?.cumulative.length ?? 0;
  const now = units && reached(input, units, looksUntil(looking, Math.max(1, passed), enrolment));
  return {
    ...rest,
    aim: aim.kind,
    controlValue: planned.ok ? planned.value.control : null,
    standardDeviation: planned.ok ? deviationOf(planned.value) : null,
    target: targetOf(input),
    now: now ?? null,
    needed: needed(input, frame),
    plannedEnd:
      days !== undefined && enrolment
        ? reached(input, armsBy(input, days, enrolment), looksUntil(looking, days, enrolment))
        : null,
  };
}

export interface CurvePoint {
  readonly day: number;
  /** Units of all arms. */
  readonly units: number;
  /** In the order of the rows; null where it cannot be said. */
  readonly power: readonly (number | null)[];
}

/** Power of each comparison by the end of some days, about `points` of them, from the first to the last. */
export function powerCurve(
  inputs: readonly PlanInput[],
  frame: PlanFrame & { readonly enrolment: Enrolment },
  lastDay: number,
  points = 12,
): readonly CurvePoint[] {
  const step = Math.max(1, Math.ceil(lastDay / points));
  const days = Array.from({ length: Math.floor(lastDay / step) }, (_, index) => (index + 1) * step);
  return days.map((day) => ({
    day,
    units: Math.round(unitsBy(day, frame.enrolment)),
    power: inputs.map((input) => {
      if (!input.planned.ok || !targetOf(input)) return null;
      const looks = looksUntil(frame.looking, day, frame.enrolment);
      const question = { ...questionOf(input, input.planned.value), ...(looks && { looks }) };
      const found = powerOf(question, armsBy(input, day, frame.enrolment));
      return found.ok ? found.value.power : null;
    }),
  }));
}
