import { Type } from './type.ts';

/**
 * How quantities are written in YAML. `expects` finishes the sentence "expected ..." in an error; where it stands,
 * whatever fails below it is reported as one mistake.
 */

/** A share of a whole, 0 to 1: `50%` or `0.5`. */
export function share(description: string) {
  return Type.Union(
    [
      Type.Number({ minimum: 0, maximum: 1 }),
      Type.String({ pattern: '^(100(\\.0+)?|\\d{1,2}(\\.\\d+)?)%$' }),
    ],
    { description, expects: 'a share from 0% to 100%, such as 50% or 0.5' },
  );
}

/** A relative change, above 0 and possibly above 1. */
export function relative(description: string) {
  return Type.Union(
    [
      Type.Number({ exclusiveMinimum: 0 }),
      Type.String({ pattern: '^(?!0+(\\.0+)?%)\\d{1,9}(\\.\\d{1,9})?%$' }),
    ],
    { description, expects: 'a share above 0, such as 2% or 0.02' },
  );
}

/** A variant's weight: parts of 100, or fractions of 1. */
export function weight(description: string) {
  return Type.Union(
    [
      Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
      Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,9})?%$' }),
    ],
    { description, expects: 'a weight above 0 in parts of 100, such as 50 or 50%' },
  );
}

/** A positive value in a metric's own unit; percent and percentage points are fractions of 1. */
export function amount(description: string) {
  return Type.Union(
    [
      Type.Number({ exclusiveMinimum: 0 }),
      Type.String({ pattern: '^(?!0+(\\.0+)?(%|pp))\\d{1,9}(\\.\\d{1,9})?(%|pp)$' }),
    ],
    { description, expects: "a positive number in the metric's unit, such as 150, 0.1% or 0.1pp" },
  );
}

/** A factor: `1000` or `1/3600`. */
export function factor(description: string) {
  return Type.Union(
    [Type.Number({ exclusiveMinimum: 0 }), Type.String({ pattern: '^[1-9]\\d{0,9}/[1-9]\\d{0,9}$' })],
    { description, expects: 'a positive number or a fraction such as 1/3600' },
  );
}

/** A length of time: `90m`, `24h`, `28d`, `4w`. */
export function duration(description: string) {
  return Type.String({
    pattern: '^\\d{1,5}(m|h|d|w)$',
    description,
    expects: 'a length of time such as 24h or 28d',
  });
}

/** A length of time within a request or of what a process keeps: `400ms`, `60s`, `1h`. */
export function lifetime(description: string, least: 0 | 1 = 1) {
  return Type.String({
    pattern: least === 0 ? '^(0s|[1-9]\\d{0,4}(ms|s|m|h))$' : '^[1-9]\\d{0,4}(ms|s|m|h)$',
    description,
    expects: 'a length of time such as 400ms, 60s or 1h',
  });
}

/** A length of time after first exposure, or, with a minus, before it: `7d`, `-28d`. */
export function distance(description: string) {
  return Type.String({
    pattern: '^-?\\d{1,5}(m|h|d|w)$',
    description,
    expects: 'a length of time such as 7d, or -28d for before first exposure',
  });
}

/** A share with a sign: `0%`, `-1.5%`, `0.02`. */
export function signedShare(description: string) {
  return Type.Union([Type.Number(), Type.String({ pattern: '^-?\\d{1,9}(\\.\\d{1,9})?%$' })], {
    description,
    expects: 'a share such as 0%, 2% or -1%',
  });
}

/** A day (midnight UTC) or an instant with its zone. */
export function instant(description: string) {
  return Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2})?(Z|[+-]\\d{2}:\\d{2}))?$',
    description,
    expects: 'a date such as 2026-12-01, or 2026-12-01T08:00Z',
  });
}

/** The number of a valid share, relative, weight, amount or factor: `50%` and `0.1pp` are fractions of 1. */
export function toNumber(value: number | string): number {
  if (typeof value === 'number') return value;
  // As an exponent, so that 0.1% is rounded once and is the number 0.001.
  const percent = /^(.+?)(?:%|pp)$/.exec(value);
  if (percent) return Number(`${percent[1]}e-2`);
  const [numerator, denominator] = value.split('/');
  return Number(numerator) / Number(denominator ?? 1);
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export const DAY_MS = UNIT_MS.d;

/** Milliseconds of a valid duration or distance. */
export function toMs(text: string): number {
  return Number(text.slice(0, -1)) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS];
}

const LIFETIME_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a valid lifetime. */
export function lifetimeMs(text: string): number {
  const [, amount, unit] = /^(\d+)(.+)$/.exec(text)!;
  return Number(amount) * LIFETIME_MS[unit as keyof typeof LIFETIME_MS];
}

/** Epoch ms of a valid instant; undefined for a day that no calendar has, such as 2026-02-30. */
export function toEpochMs(text: string): number | undefined {
  const at = Date.parse(text);
  const day = Date.parse(text.slice(0, 10));
  if (Number.isNaN(at) || Number.isNaN(day)) return undefined;
  return new Date(day).toISOString().slice(0, 10) === text.slice(0, 10) ? at : undefined;
}
