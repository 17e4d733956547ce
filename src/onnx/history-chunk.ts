import type { Viewer } from '../ranking/viewer.ts';

/** Histories of some users in few arrays, to be handed to another thread. */
export interface HistoryChunk {
  /** Watches of user i: from `starts[i]` up to, not including, `starts[i + 1]`, oldest first. */
  readonly starts: Int32Array;
  readonly titles: Int32Array;
  readonly weights: Float32Array;
  /** iALS vectors by user, users x factors, where they are known. */
  readonly factors?: Float32Array;
}

export function packHistories(viewers: readonly Viewer[]): HistoryChunk {
  const starts = new Int32Array(viewers.length + 1);
  viewers.forEach(({ watchCount }, user) => {
    starts[user + 1] = starts[user]! + watchCount;
  });
  const count = starts[viewers.length]!;
  const chunk = { starts, titles: new Int32Array(count), weights: new Float32Array(count) };
  viewers.forEach(({ watchCount, watchedTitles, watchedWeights }, user) => {
    chunk.titles.set(watchedTitles.subarray(0, watchCount), starts[user]!);
    chunk.weights.set(watchedWeights.subarray(0, watchCount), starts[user]!);
  });
  return chunk;
}

/** Viewers with these histories, and nothing else that is known of them. */
export function viewersOf({ starts, titles, weights }: HistoryChunk): Viewer[] {
  const none = new Float64Array(0);
  return Array.from({ length: starts.length - 1 }, (_, user) => {
    const [from, end] = [starts[user]!, starts[user + 1]!];
    return {
      id: '',
      country: '',
      ageGroup: 'unknown',
      picks: [],
      watchCount: end - from,
      watchedTitles: titles.subarray(from, end),
      watchedWeights: weights.subarray(from, end),
      watchedAt: none,
      revision: 0,
    };
  });
}

export function factorsOf({ factors, starts }: HistoryChunk): Float32Array[] | undefined {
  if (factors === undefined) return undefined;
  const users = starts.length - 1;
  const width = factors.length / users;
  return Array.from({ length: users }, (_, user) => factors.subarray(user * width, (user + 1) * width));
}
