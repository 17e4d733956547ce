import type { CandidateStore } from '../ranking/viewer.ts';

/** Longest wait of a slate for its lists, ms. */
const READ_MS = 250;
/** After a read that failed the store is left alone for so long, ms: the slates until then do not wait. */
const REST_MS = 1_000;

/** A store whose reads fail in time: a server that hangs keeps its connection open and never answers. */
export function readInTime(store: CandidateStore, readMs = READ_MS, restMs = REST_MS): CandidateStore {
  let resting = false;

  return {
    ...store,
    async getMany(modelsVersion, users) {
      if (resting) throw new Error('the candidate store failed a moment ago and is not asked');
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, fail) => {
        const error = new Error(`the candidate store did not answer within ${readMs} ms`);
        timer = setTimeout(() => fail(error), readMs);
      });
      const lists = store.getMany(modelsVersion, users);
      // Should it be late, its own failure has no other listener.
      lists.catch(() => {});
      try {
        return await Promise.race([lists, late]);
      } catch (error) {
        resting = true;
        setTimeout(() => {
          resting = false;
        }, restMs).unref();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
