/** P(a slot is examined) by position from the top, as published for ten slots. */
const PUBLISHED = [0.68, 0.61, 0.48, 0.34, 0.28, 0.2, 0.11, 0.1, 0.08, 0.06] as const;
/** Each further slot is examined this much less often than the one before: the slope of the published tail. */
const CONTINUATION = 0.82;

/** The examination curve of position-based click models; positions count from 0. */
export function examination(position: number): number {
  const last = PUBLISHED.length - 1;
  if (position <= last) return PUBLISHED[position]!;
  return PUBLISHED[last]! * CONTINUATION ** (position - last);
}
