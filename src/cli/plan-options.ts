import type { Looking } from '../analysis/planning/plan-row.ts';
import type { Change } from '../analysis/planning/power-question.ts';
import { InvalidInput } from '../files/invalid-input.ts';

/** The options of `plan` as commander hands them over. */
export interface PlanOptions {
  readonly json?: boolean;
  readonly url: string;
  readonly databaseUrl?: string;
  readonly environment: string;
  readonly report?: string;
  readonly mde?: string;
  readonly power: string;
  readonly days?: string;
  readonly mean?: string;
  readonly sd?: string;
  readonly treatmentSd?: string;
  readonly proportion?: string;
  readonly ratio?: boolean;
  readonly margin?: string;
  readonly trueEffect?: string;
  readonly lowerIsBetter?: boolean;
  readonly weights?: string;
  readonly units?: string;
  readonly unitsPerDay?: string;
  readonly alpha?: string;
  readonly comparisons?: string;
  readonly guardrails?: string;
  readonly interval?: string;
  readonly looksEvery?: string;
  readonly looks?: string;
  readonly spending: string;
}

export const POWER = 'write the wanted power, such as 80%';
export const DAYS = 'write whole days, such as 14';

/** Quotes what was given and says what would do. */
export function wrong(option: string, given: string | undefined, mend: string): InvalidInput {
  const quoted = given === undefined ? 'is missing' : `${JSON.stringify(given)}`;
  return new InvalidInput(`${option} ${quoted}: ${mend}`);
}

/** A finite number, commas allowed in thousands. */
export function numberOf(option: string, text: string | undefined, mend: string): number {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text.replaceAll(',', ''));
  if (!Number.isFinite(value)) throw wrong(option, text, mend);
  return value;
}

export function positive(option: string, text: string | undefined, mend: string): number {
  const value = numberOf(option, text, mend);
  if (!(value > 0)) throw wrong(option, text, mend);
  return value;
}

export function whole(option: string, text: string | undefined, mend: string): number {
  const value = positive(option, text, mend);
  if (!Number.isInteger(value)) throw wrong(option, text, mend);
  return value;
}

/** `80%` or `0.8`, between 0 and 1, ends excluded. */
export function shareOf(option: string, text: string | undefined, mend: string): number {
  const percent = text?.endsWith('%');
  const value = numberOf(option, percent ? `${text?.slice(0, -1)}e-2` : text, mend);
  if (!(value > 0 && value < 1)) throw wrong(option, text, mend);
  return value;
}

const CHANGE =
  'write a share of the control such as 2%, points such as 0.1pp, or a value in its unit such as abs:0.5';

/** `2%` of the control, `0.1pp` of a share, `abs:0.5` in the metric's unit. */
export function changeOf(option: string, text: string, signed = false): Change {
  const found = /^(?:abs:(?<absolute>.+)|(?<relative>.+)%|(?<points>.+)pp)$/.exec(text.trim());
  const { absolute, relative, points } = found?.groups ?? {};
  const digits = absolute ?? relative ?? points;
  if (digits === undefined) throw wrong(option, text, CHANGE);
  const value = numberOf(option, absolute ?? `${digits}e-2`, CHANGE);
  if (!signed && !(value > 0)) throw wrong(option, text, `it must be above 0; ${CHANGE}`);
  return relative === undefined ? { absolute: value } : { relative: value };
}

/** Parts of the traffic, the control first, scaled to sum to 1. */
export function weightsOf(text: string): readonly number[] {
  const mend = 'name the parts of the arms, the control first, such as 95,5 or 50,25,25';
  const parts = text.split(/[,/:]/).map((part) => Number(part.trim().replace(/%$/, '') || Number.NaN));
  if (parts.length < 2 || !parts.every((part) => part > 0 && Number.isFinite(part))) {
    throw wrong('--weights', text, mend);
  }
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

/** How often it is looked at: the declared looks of a report stand behind the options. */
export function lookingOf(
  options: PlanOptions,
  declared?: { readonly interval?: string; readonly looks?: readonly number[]; readonly spending?: string },
  tuned: { readonly plannedUnits?: number; readonly tunedAlpha?: number } = {},
): Looking {
  const kind = options.interval ?? declared?.interval ?? 'fixed';
  if (kind === 'fixed') return { kind };
  if (kind === 'always-valid') {
    const every = /^(\d+(?:\.\d+)?)d$/.exec(options.looksEvery ?? '1d');
    if (!every || !(Number(every[1]) > 0)) {
      throw wrong('--looks-every', options.looksEvery, 'write days, such as 1d');
    }
    return { kind, everyDays: Number(every[1]), ...tuned };
  }
  if (kind !== 'group-sequential') {
    throw wrong('--interval', kind, 'it is one of fixed, always-valid, group-sequential');
  }
  const spending = declared?.spending ?? options.spending;
  if (spending !== 'pocock' && spending !== 'obrien-fleming') {
    throw wrong('--spending', spending, 'it is one of obrien-fleming, pocock');
  }
  const information = options.looks
    ? options.looks
        .split(',')
        .map((part) => (part.trim() === '100%' ? 1 : shareOf('--looks', part.trim(), LOOKS)))
    : declared?.looks;
  const rising = information?.every((at, index) => at > (information[index - 1] ?? 0));
  if (!information || !rising || information.at(-1) !== 1) throw wrong('--looks', options.looks, LOOKS);
  return { kind, information, spending };
}

const LOOKS = 'name the rising shares of the planned end at which it is judged, such as 25%,50%,75%,100%';
