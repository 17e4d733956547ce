import type { FeatureModels } from './features.ts';
import { vectorSpaceOf } from './kernels/vector-space.ts';
import { easeScores, itemKnnScores } from './pair-item-scores.ts';
import type { Taste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** What the models say of one viewer and some titles, by place of the title. */
export interface PairScores {
  /** <taste.collaborative, iALS row of the title> */
  readonly collaborative: Float32Array;
  /** <taste.content, content row of the title> */
  readonly content: Float32Array;
  /** 0 without such a model. */
  readonly ease: Float32Array;
  /** 0 without such a model. */
  readonly itemKnn: Float32Array;
}

/**
 * Writes the first `count` entries of each column. The same in training and in serving.
 * @param taste read from `viewer`
 */
export function scorePairs(
  out: PairScores,
  { ials, content, ease, itemKnn }: FeatureModels,
  viewer: Viewer,
  taste: Taste,
  titles: Int32Array,
  count: number,
): void {
  const factors = vectorSpaceOf(ials.items, ials.factors, ials.gram);
  factors.dots(out.collaborative, taste.collaborative, titles, count);
  vectorSpaceOf(content.vectors, content.dims).dots(out.content, taste.content, titles, count);
  if (ease) easeScores(out.ease, ease, viewer, titles, count);
  else out.ease.fill(0, 0, count);
  if (itemKnn) itemKnnScores(out.itemKnn, itemKnn, viewer, titles, count);
  else out.itemKnn.fill(0, 0, count);
}
