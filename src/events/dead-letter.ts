/** What cannot be used, put aside with its reason. */
export interface DeadLetter {
  readonly environment: string;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly reason: string;
  /** The record as JSON that `jsonb` takes. */
  readonly text: string;
}

/** Deeper records are not kept whole: neither `JSON.stringify` nor `jsonb` has a stack for every depth. */
const MOST_DEPTH = 64;

/** An escape of a character that `jsonb` refuses: NUL, or half of a pair; not what stands behind an escaped backslash. */
const REFUSED = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

export function letter(environment: string, receivedAt: number, record: unknown, reason: string): DeadLetter {
  const kept = deeper(record, MOST_DEPTH) ? { not_kept: `nested deeper than ${MOST_DEPTH}` } : record;
  const text = JSON.stringify(kept ?? null).replace(REFUSED, '$1\\ufffd');
  return { environment, receivedAt, reason: reason.replaceAll('\0', '\ufffd'), text };
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => deeper(inner, levels - 1));
}
