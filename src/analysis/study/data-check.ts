/** Faults that may be put up with by naming them, and what then happens to the rows. */
export const ALLOWABLE = {
  'duplicate-units': 'identical rows count once, units whose rows differ are left out',
  'crossed-units': 'they are left out',
  'missing-units': 'their rows are left out',
  'unknown-arms': 'their rows are left out',
  'non-numeric': 'they count as missing',
  infinite: 'they count as missing',
  'negative-denominator': 'they are kept as they are',
  'covariate-imbalance': 'it is used as it is',
} as const;

export type Allowed = keyof typeof ALLOWABLE;

export type CheckKey =
  | Allowed
  | 'empty-arms'
  | 'not-a-proportion'
  | 'missing-values'
  | 'missing-covariates'
  | 'constant'
  | 'post-exposure-covariate';

/** Something looked at before any number. A failed check withholds all of them. */
export interface DataCheck {
  readonly key: CheckKey;
  readonly status: 'pass' | 'warn' | 'fail';
  /** Units, rows or values that are at fault. */
  readonly count: number;
  readonly column?: string;
  readonly arms?: readonly { readonly arm: string; readonly count: number }[];
  /** Of the test whether it differs between the arms, where that is one. */
  readonly p?: number | null;
  readonly examples?: readonly string[];
  /** What is wrong and what was done, in a sentence. */
  readonly text: string;
}

/** A fault: it fails, or warns where it was allowed and says what was done instead. */
export function fault(
  allowed: ReadonlySet<string>,
  check: Omit<DataCheck, 'status'> & { readonly key: Allowed },
): DataCheck {
  if (check.count === 0) return { ...check, status: 'pass' };
  if (!allowed.has(check.key)) {
    const mend = `mend the file, or pass --allow ${check.key}: ${ALLOWABLE[check.key]}`;
    return { ...check, status: 'fail', text: `${check.text}; ${mend}` };
  }
  return { ...check, status: 'warn', text: `${check.text}; allowed: ${ALLOWABLE[check.key]}` };
}

/** "1,234 units", "1 unit". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
