import type { OutcomeRecord } from './records.ts';

/**
 * The weight of a watch in a viewer's history, in (0, 4]: the share of one play that was watched, and past one play (a
 * series) half of log2 of their number.
 *
 * @param seconds watched, at least 0
 * @param minutes length of one play, over 0
 */
export function watchWeight(seconds: number, minutes: number): number {
  const plays = seconds / (60 * minutes);
  return Math.min(4, 0.1 + (plays <= 1 ? plays : 1 + 0.5 * Math.log2(plays)));
}

/** Under this share of one play a title was left, not watched: it says nothing good of the viewer's taste. */
export const WATCHED_SHARE = 0.2;

/**
 * The watches of an outcome that the next slates of its unit should know of: not those that were soon left.
 *
 * @param minutes  by catalogue row
 * @param feel     told of each, `at` in epoch ms
 */
export function feelWatches(
  { at, items }: Pick<OutcomeRecord, 'at' | 'items'>,
  minutes: ArrayLike<number>,
  feel: (title: number, weight: number, at: number) => void,
): void {
  for (const { name, title, value, afterMs } of items) {
    if (name !== 'watch' || title < 0 || value < WATCHED_SHARE * minutes[title]! * 60) continue;
    feel(title, watchWeight(value, minutes[title]!), at + afterMs);
  }
}
