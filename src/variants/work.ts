import type { Candidates, RankingRequest, Work } from './stage.ts';

/** A request before its first stage. The pipeline lends it candidate columns while it runs. */
export function createWork(request: RankingRequest): Work {
  return { request, candidates: createCandidates(0), slate: undefined, skipped: [] };
}

/** Empty columns with room for `capacity` titles. */
export function createCandidates(capacity: number): Candidates {
  return {
    count: 0,
    titles: new Int32Array(capacity),
    score: new Float32Array(capacity),
    source: new Uint8Array(capacity),
    collaborative: new Float32Array(capacity),
    content: new Float32Array(capacity),
    ease: new Float32Array(capacity),
    itemKnn: new Float32Array(capacity),
    because: new Int32Array(capacity),
  };
}

/** Makes room for `capacity` titles; what the columns held is lost if they must grow. */
export function reserve(candidates: Candidates, capacity: number): void {
  if (candidates.titles.length < capacity) Object.assign(candidates, createCandidates(capacity));
}
