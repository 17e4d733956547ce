import type { IntervalKind } from '../../declarations.ts';
import {
  type CurvePoint,
  type Looking,
  type PlanInput,
  type PlanRow,
  planRow,
  powerCurve,
} from './plan-row.ts';
import type { Enrolment } from './power.ts';

/** What `plan --json` prints. */
export interface PlanDocument {
  readonly schema: 'screentest/plan/v1';
  readonly source:
    | {
        readonly kind: 'history';
        readonly experiment: string;
        readonly environment: string;
        readonly cutoff: string;
        readonly day: number;
      }
    | { readonly kind: 'figures' };
  /** Two-sided, before correction. */
  readonly alpha: number;
  /** Wanted, before correction. */
  readonly power: number;
  readonly interval: IntervalKind;
  /** Success comparisons that alpha is shared by. */
  readonly comparisons: number;
  /** Guardrails that 1 - power is shared by. */
  readonly guardrails: number;
  readonly enrolment: { readonly perDay: number; readonly days: number; readonly units: number } | null;
  /** Days from the start. */
  readonly plannedDays: number | null;
  readonly rows: readonly PlanRow[];
  readonly curve: readonly CurvePoint[];
  readonly notes: readonly string[];
}

export interface PlanRequest
  extends Pick<PlanDocument, 'source' | 'alpha' | 'power' | 'comparisons' | 'guardrails' | 'notes'> {
  readonly looking: Looking;
  readonly enrolment?: Enrolment;
  readonly days?: number;
  readonly inputs: readonly PlanInput[];
}

/** Power that each of several guardrails needs, so that all are proven safe together with `power` (Bonferroni on beta). */
export function guardrailPower(power: number, guardrails: number): number {
  return 1 - (1 - power) / Math.max(1, guardrails);
}

const LONGEST_CURVE = 365;

/** Works out every line, and the power by day where the pace of enrolment is known. */
export function planDocument(request: PlanRequest): PlanDocument {
  const { looking, enrolment, days, inputs, ...rest } = request;
  const frame = { looking, ...(enrolment && { enrolment }), ...(days !== undefined && { days }) };
  const rows = inputs.map((input) => planRow(input, frame));
  const longest = rows.flatMap(({ needed }) =>
    needed.ok && needed.value.days.ok ? [needed.value.days.value] : [],
  );
  const lastDay = Math.min(LONGEST_CURVE, Math.max(days ?? 0, ...longest, 1));
  const seen = enrolment?.cumulative ?? [];
  return {
    schema: 'screentest/plan/v1',
    source: rest.source,
    alpha: rest.alpha,
    power: rest.power,
    interval: looking.kind,
    comparisons: rest.comparisons,
    guardrails: rest.guardrails,
    enrolment: enrolment ? { perDay: enrolment.perDay, days: seen.length, units: seen.at(-1) ?? 0 } : null,
    plannedDays: days ?? null,
    rows,
    curve: enrolment ? powerCurve(inputs, { ...frame, enrolment }, lastDay) : [],
    notes: rest.notes,
  };
}
