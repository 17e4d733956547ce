import type { AgeGroup, Interactions } from './catalogue.ts';
import { sparseRows } from './sparse.ts';
import type { Viewer } from './viewer.ts';

/** What is known of a user beside their history. */
export interface ViewerProfile {
  /** ISO 3166 alpha-2, '' for unknown. */
  readonly country: string;
  readonly ageGroup: AgeGroup;
  /** Rows of titles picked at onboarding. */
  readonly picks?: readonly number[];
}

/**
 * Users as they were at a moment: the reader's viewer holds what the user watched strictly before `at`, oldest first.
 * Viewers share the reader's memory: read, do not change.
 *
 * @param profiles by user row; a user past its end is unknown
 */
export function historyReader(
  interactions: Interactions,
  profiles: readonly ViewerProfile[],
): (user: number, at: number) => Viewer {
  const { count, userCount } = interactions;
  const users = interactions.users.subarray(0, count);
  const byUser = sparseRows(users, interactions.titles, interactions.weights, userCount);
  const times = new Float64Array(count);
  const next = byUser.starts.slice(0, userCount);
  for (let entry = 0; entry < count; entry++) times[next[users[entry]!]!++] = interactions.at[entry]!;
  return (user, at) => {
    const from = byUser.starts[user] ?? 0;
    const end = byUser.starts[user + 1] ?? from;
    let [low, high] = [from, end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle]! < at) low = middle + 1;
      else high = middle;
    }
    const profile = profiles[user];
    return {
      id: String(user),
      country: profile?.country ?? '',
      ageGroup: profile?.ageGroup ?? 'unknown',
      picks: profile?.picks ?? [],
      watchCount: low - from,
      watchedTitles: byUser.columns.subarray(from, end),
      watchedWeights: byUser.values.subarray(from, end),
      watchedAt: times.subarray(from, end),
      revision: 0,
    };
  };
}
