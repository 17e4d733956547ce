import type { Candidates, RankingRequest, Work } from './stage.ts';

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

const COLUMNS = [
  'titles',
  'score',
  'source',
  'collaborative',
  'content',
  'ease',
  'itemKnn',
  'because',
] as const satisfies readonly (keyof Candidates)[];

const NONE = createCandidates(0);

/** A request before its first stage. The pipeline lends it candidate columns while it runs. */
export function createWork(request: RankingRequest): Work {
  return { request, candidates: { ...NONE }, slate: undefined, skipped: [], relaxed: 0 };
}

/** Makes room for `capacity` titles; what the columns held is lost if they must grow. */
export function reserve(candidates: Candidates, capacity: number): void {
  if (candidates.titles.length < capacity) Object.assign(candidates, createCandidates(capacity));
}

/**
 * Makes `to` what `from` is. What was read of the viewer goes along, as it must not be shared between columns that are reused
 * apart; `from` would read it anew.
 */
export function handOver(from: Candidates, to: Candidates): void {
  const { count, taste, scored = false } = from;
  // Whole columns: a view of the first `count` costs more than the bytes behind them.
  reserve(to, from.titles.length);
  to.count = count;
  for (const column of COLUMNS) to[column].set(from[column]);
  const spare = to.taste;
  to.scored = scored;
  if (taste !== undefined) to.taste = taste;
  from.scored = false;
  if (spare === undefined) delete from.taste;
  else from.taste = spare;
}
