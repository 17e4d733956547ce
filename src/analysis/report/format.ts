/**
 * How numbers are written everywhere: page, Markdown and command line. Values with unit '%' are fractions of 1. Pure, so
 * that the browser uses the same functions.
 */
const NOTHING = 'n/a';

function group(text: string): string {
  const [whole = '', decimals] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** Fixed decimals, or as many as show the first digit, so that what is not zero never reads as zero. */
function fixed(size: number, decimals: number): string {
  const text = size.toFixed(decimals);
  if (size > 0 && Number(text) === 0) return size.toPrecision(1);
  return group(text);
}

function plain(size: number): string {
  if (size >= 1000) return fixed(size, 0);
  if (size >= 100) return fixed(size, 1);
  if (size >= 0.1 || size === 0) return fixed(size, 2);
  return Number(size.toPrecision(3)).toString();
}

function signed(value: number, text: (size: number) => string): string {
  return `${value > 0 ? '+' : value < 0 ? '-' : ''}${text(Math.abs(value))}`;
}

function bounds(interval: readonly [number | null, number | null], text: (value: number) => string): string {
  const [low, high] = interval;
  return `[${low === null ? '-∞' : text(low)}, ${high === null ? '+∞' : text(high)}]`;
}

/** 12.34 %, 8.40 h/week, 1,234 ms. */
export function formatValue(value: number | null, unit: string): string {
  if (value === null) return NOTHING;
  const sign = value < 0 ? '-' : '';
  if (unit === '%') return `${sign}${fixed(Math.abs(value) * 100, 2)} %`;
  return `${sign}${plain(Math.abs(value))}${unit === '' ? '' : ` ${unit}`}`;
}

/** A difference in the metric's unit: +0.42 pp for rates, +0.31 h/week otherwise. */
export function formatDifference(value: number | null, unit: string): string {
  if (value === null) return NOTHING;
  if (unit === '%') return `${signed(value, (size) => fixed(size * 100, 2))} pp`;
  return `${signed(value, plain)}${unit === '' ? '' : ` ${unit}`}`;
}

export function formatDifferenceInterval(
  interval: readonly [number | null, number | null],
  unit: string,
): string {
  return bounds(interval, (value) => formatDifference(value, unit));
}

/** A fraction of the control: +3.5 %. */
export function formatLift(value: number | null): string {
  if (value === null) return NOTHING;
  return `${signed(value, (size) => fixed(size * 100, 1))} %`;
}

/** [+0.1 %, +6.9 %]. */
export function formatLiftInterval(interval: readonly [number | null, number | null]): string {
  return bounds(interval, formatLift);
}

/** Three decimals, floor <0.001. */
export function formatP(p: number | null): string {
  if (p === null) return NOTHING;
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

/** 10,000. */
export function formatCount(count: number): string {
  return group(Math.round(count).toString());
}

/** A share of 1 without sign: 5 %, 0.1 %, 99.95 %. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

/** 2026-10-01 14:05 UTC, from ISO 8601. */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** What covariates took away of a variance: `12.3 % (visits_before)`; without covariates nothing was adjusted. */
export function formatReduction(
  adjustment: { readonly covariates: readonly string[]; readonly reduction: number } | undefined,
): string {
  if (adjustment === undefined || adjustment.covariates.length === 0) return 'not adjusted';
  return `${(100 * adjustment.reduction).toFixed(1)} % (${adjustment.covariates.join(', ')})`;
}
