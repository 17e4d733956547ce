import type { Models } from './models.ts';
import { retrieveLists } from './retrieve.ts';
import type { CandidateLists, CandidateStore, Viewer } from './viewer.ts';

export interface CandidateListsOptions {
  /** Titles per list; default 200. */
  readonly length?: number;
  /** Up to this many viewers at once every watch since the lists were made is felt; default 16. */
  readonly freshBatch?: number;
  /** Among more viewers lists are made anew after this many watches; default 50. */
  readonly staleWatches?: number;
  /** Told when the store fails. */
  readonly onFailure?: (error: unknown) => void;
}

export interface FetchedLists {
  /** By viewer, in order; undefined for a viewer of whom nothing is known, or when the store failed. */
  readonly lists: readonly (CandidateLists | undefined)[];
  /** The store failed, or lists could not be made anew. */
  readonly failed: boolean;
}

/**
 * Reads the lists of viewers from a store in one call and makes anew those that are missing or behind their viewer. The
 * store is a cache: one that fails costs time, never an answer.
 */
export function createListReader(
  store: CandidateStore,
  options: CandidateListsOptions = {},
): (models: Models, viewers: readonly Viewer[]) => Promise<FetchedLists> {
  const length = options.length ?? 200;
  const freshBatch = options.freshBatch ?? 16;
  const staleWatches = options.staleWatches ?? 50;

  return async (models, viewers) => {
    if (viewers.length === 0) return { lists: [], failed: false };
    let lists: (CandidateLists | undefined)[];
    try {
      const users = viewers.map((viewer) => viewer.id);
      lists = await store.getMany(models.version, users);
    } catch (error) {
      options.onFailure?.(error);
      return { lists: viewers.map(() => undefined), failed: true };
    }
    const tolerated = viewers.length <= freshBatch ? 0 : staleWatches;
    const made: [string, CandidateLists][] = [];
    let failed = false;
    viewers.forEach((viewer, row) => {
      if (!isBehind(viewer, lists[row], tolerated)) return;
      try {
        const fresh = retrieveLists(models, viewer, length);
        lists[row] = fresh;
        made.push([viewer.id, fresh]);
      } catch (error) {
        failed = true;
        options.onFailure?.(error);
      }
    });
    if (made.length > 0) {
      store.putMany(models.version, made).catch((error: unknown) => options.onFailure?.(error));
    }
    return { lists, failed };
  };
}

/** Users asked of a store at once. */
const ASKED = 1_000;

/** Those of the users whose lists are not in the store, or behind what they watched. */
export async function usersBehind(
  store: CandidateStore,
  modelsVersion: string,
  users: readonly string[],
  viewerOf: (user: string) => Viewer,
): Promise<string[]> {
  const behind: string[] = [];
  for (let first = 0; first < users.length; first += ASKED) {
    const asked = users.slice(first, first + ASKED);
    const lists = await store.getMany(modelsVersion, asked);
    asked.forEach((user, row) => {
      if (isBehind(viewerOf(user), lists[row], 0)) behind.push(user);
    });
  }
  return behind;
}

function isBehind(viewer: Viewer, lists: CandidateLists | undefined, tolerated: number): boolean {
  const made = lists?.watchCount ?? 0;
  // Lists do not say which onboarding picks they were made of; those made of watches are of another time.
  if (viewer.watchCount === 0)
    return made > 0 || (viewer.picks.length > 0 && (lists === undefined || tolerated === 0));
  // The first watch says more than all there was before it.
  if (lists === undefined || made === 0) return true;
  const watches = viewer.watchCount - made;
  // Fewer than the lists know: the older part of a long history was forgotten meanwhile.
  return watches < 0 || watches > tolerated;
}
