import type { AgeGroup, Interactions } from './ranking/catalogue.ts';
import type { Viewer } from './ranking/viewer.ts';

/** What a user tells of themselves; a field left out keeps its value. */
export interface ViewerProfile {
  /** ISO 3166 alpha-2, or '' for unknown. */
  readonly country?: string;
  readonly ageGroup?: AgeGroup;
  /** Rows of titles picked at onboarding. */
  readonly picks?: readonly number[];
}

/** The users ranking knows, in memory. */
export interface Viewers {
  readonly size: number;
  /** Never undefined: a user nobody heard of is an empty viewer, which is not stored. */
  get(id: string): Viewer;
  /** Appends one watch; `weight` on the scale of `Interactions.weights`, `at` in epoch ms. */
  watched(id: string, title: number, weight: number, at: number): void;
  profile(id: string, profile: ViewerProfile): void;
  /** Appends a whole history: `ids[row]` names the user of `interactions.users`. */
  load(ids: readonly string[], interactions: Interactions): void;
}

export interface ViewersOptions {
  /** Viewers kept; past it the one that changed longest ago is forgotten. */
  readonly capacity?: number;
  /** Watches kept per viewer, at least 2; past it the older half is forgotten. */
  readonly historyLimit?: number;
}

const FIRST_CAPACITY = 4;

/**
 * Directory of viewers. Memory is bounded: at most `capacity` (2,000,000) viewers of `historyLimit` (1,000) watches,
 * 16 bytes a watch beside about 500 bytes a viewer: 0.7 GB for a million viewers with ten watches each. What is forgotten
 * here is still in the event log.
 */
export function createViewers(options: ViewersOptions = {}): Viewers {
  const capacity = options.capacity ?? 2_000_000;
  const historyLimit = options.historyLimit ?? 1_000;
  /** In order of last change, oldest first. */
  const known = new Map<string, Viewer>();

  function changed(id: string): Viewer {
    const found = known.get(id);
    const viewer = found ?? emptyViewer(id);
    if (found !== undefined) known.delete(id);
    else if (known.size >= capacity) known.delete(known.keys().next().value as string);
    known.set(id, viewer);
    viewer.revision++;
    return viewer;
  }

  function append(viewer: Viewer, title: number, weight: number, at: number): void {
    if (viewer.watchCount === historyLimit) forgetOlderHalf(viewer);
    if (viewer.watchCount === viewer.watchedTitles.length)
      grow(viewer, Math.max(FIRST_CAPACITY, viewer.watchCount * 2));
    viewer.watchedTitles[viewer.watchCount] = title;
    viewer.watchedWeights[viewer.watchCount] = weight;
    viewer.watchedAt[viewer.watchCount] = at;
    viewer.watchCount++;
  }

  return {
    get size() {
      return known.size;
    },
    get: (id) => known.get(id) ?? emptyViewer(id),
    watched: (id, title, weight, at) => append(changed(id), title, weight, at),
    profile(id, profile) {
      const viewer = changed(id);
      if (profile.country !== undefined) viewer.country = profile.country;
      if (profile.ageGroup !== undefined) viewer.ageGroup = profile.ageGroup;
      if (profile.picks !== undefined) viewer.picks = profile.picks;
    },
    load(ids, interactions) {
      const counts = new Int32Array(ids.length);
      for (let i = 0; i < interactions.count; i++) counts[interactions.users[i]!]!++;
      const rows = ids.map((id, row) => {
        if (counts[row] === 0) return undefined;
        const viewer = changed(id);
        grow(viewer, Math.min(historyLimit, viewer.watchCount + counts[row]!));
        return viewer;
      });
      for (let i = 0; i < interactions.count; i++) {
        append(
          rows[interactions.users[i]!]!,
          interactions.titles[i]!,
          interactions.weights[i]!,
          interactions.at[i]!,
        );
      }
    },
  };
}

/** Activity classes by watches: `new` under 5, `casual` under 30, `power` from there. */
export type Activity = 'new' | 'casual' | 'power';

export function activityOf(watchCount: number): Activity {
  return watchCount < 5 ? 'new' : watchCount < 30 ? 'casual' : 'power';
}

const NO_TITLES = new Int32Array(0);
const NO_WEIGHTS = new Float32Array(0);
const NO_TIMES = new Float64Array(0);

function emptyViewer(id: string): Viewer {
  return {
    id,
    country: '',
    ageGroup: 'unknown',
    picks: [],
    watchCount: 0,
    watchedTitles: NO_TITLES,
    watchedWeights: NO_WEIGHTS,
    watchedAt: NO_TIMES,
    revision: 0,
  };
}

function grow(viewer: Viewer, length: number): void {
  if (length <= viewer.watchedTitles.length) return;
  const titles = new Int32Array(length);
  const weights = new Float32Array(length);
  const at = new Float64Array(length);
  titles.set(viewer.watchedTitles);
  weights.set(viewer.watchedWeights);
  at.set(viewer.watchedAt);
  viewer.watchedTitles = titles;
  viewer.watchedWeights = weights;
  viewer.watchedAt = at;
}

function forgetOlderHalf(viewer: Viewer): void {
  const from = viewer.watchCount >> 1;
  viewer.watchedTitles.copyWithin(0, from, viewer.watchCount);
  viewer.watchedWeights.copyWithin(0, from, viewer.watchCount);
  viewer.watchedAt.copyWithin(0, from, viewer.watchCount);
  viewer.watchCount -= from;
}
