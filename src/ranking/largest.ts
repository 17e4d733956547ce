import { createNearestKernel, type NearestKernel } from './kernels/nearest-kernel.ts';
import type { CandidateList } from './viewer.ts';

/** No request waits in between, so that one is enough for each length; catalogues seldom change theirs. */
let kept: { readonly size: number; readonly kernel: NearestKernel } | undefined;

/** The `count` rows with the largest scores, best first, ties by row, none of `without`: as `nearest` has them. */
export function largest(scores: Float32Array, count: number, without: ReadonlySet<number>): CandidateList {
  const size = scores.length;
  if (kept?.size !== size) kept = { size, kernel: createNearestKernel(size, 1, new Float32Array(0)) };
  const { kernel } = kept;
  kernel.scores.set(scores);
  for (const row of without) if (row < size) kernel.scores[row] = Number.NEGATIVE_INFINITY;
  const held = Math.min(count, kernel.select(0, count, 0));
  return { titles: kernel.found.slice(0, held), scores: kernel.best.slice(0, held) };
}
