import type { OpenTitles } from './diversity.ts';
import type { Models } from './models.ts';
import { contentCosine, genreJaccard, hasContent } from './similarity.ts';

/** What one slate in the making needs: the next title, and to be told what each slot was given. */
export interface MarginalRelevance {
  /** Index of the open title of the highest marginal relevance, the first among equals. */
  best(): number;
  /** A title was placed, the best one or another. */
  placed(index: number): void;
}

/**
 * Maximal marginal relevance (Carbonell, Goldstein 1998, section 2): the next title is
 *
 *     argmax over open i of   lambda r_i - (1 - lambda) max(0, max over placed j of sim(i, j))
 *
 * with r the scores scaled to [0, 1] over the candidates and sim the cosine of content, or, where either title has no
 * content, the Jaccard index of their genres. Unlike is unlike: a negative cosine counts as 0.
 *
 * Likeness to what was placed can only grow, so the last known marginal relevance of a title bounds the present one, and only
 * titles whose bound is the highest are brought up to date (Minoux 1978, "Accelerated greedy"). The choice is the same as
 * without; at worst each candidate is compared once with each placed title.
 *
 * Reusable, as `createOpenTitles` is. `keys` makes the keys that the open titles have to start with.
 */
export function createMarginalRelevance() {
  let relevance = new Float64Array(0);
  let closest = new Float64Array(0);
  /** How many of the placed titles each candidate was compared with. */
  let compared = new Uint16Array(0);
  let comparable = new Uint8Array(0);
  let placedIndex = new Uint16Array(0);
  let placedCount = 0;
  let rows: Int32Array;
  let models: Pick<Models, 'catalogue' | 'content'>;
  let lambda = 1;
  let openTitles: OpenTitles;

  function likeness(one: number, other: number): number {
    const [a, b] = [rows[one]!, rows[other]!];
    return comparable[one] === 1 && comparable[other] === 1
      ? contentCosine(models.content, a, b)
      : genreJaccard(models.catalogue, a, b);
  }

  /** Compares a title with placed ones until another title's bound is higher, or it was compared with all. */
  function bringUpToDate(index: number): void {
    const rival = openTitles.rival(index);
    const own = relevance[index]!;
    let top = closest[index]!;
    let key = own - (1 - lambda) * top;
    let j = compared[index]!;
    while (j < placedCount && key >= rival) {
      const like = likeness(index, placedIndex[j++]!);
      if (like <= top) continue;
      top = like;
      key = own - (1 - lambda) * top;
    }
    closest[index] = top;
    compared[index] = j;
    openTitles.rekey(index, key);
  }

  const view: MarginalRelevance = {
    best() {
      for (;;) {
        const index = openTitles.best();
        if (compared[index] === placedCount) return index;
        bringUpToDate(index);
      }
    },
    placed(index) {
      placedIndex[placedCount++] = index;
    },
  };

  return {
    /**
     * @param weight lambda, in (0, 1]
     * @returns lambda r_i, valid until the next call
     */
    keys(titles: Int32Array, scores: Float32Array, count: number, weight: number): Float64Array {
      if (relevance.length < count) {
        relevance = new Float64Array(count);
        closest = new Float64Array(count);
        compared = new Uint16Array(count);
        comparable = new Uint8Array(count);
        placedIndex = new Uint16Array(count);
      }
      rows = titles;
      lambda = weight;
      scale(relevance, scores, count, weight);
      return relevance;
    },
    /** Begins a slate from titles opened with those keys. */
    begin(open: OpenTitles, count: number, used: Pick<Models, 'catalogue' | 'content'>): MarginalRelevance {
      openTitles = open;
      models = used;
      placedCount = 0;
      closest.fill(0, 0, count);
      compared.fill(0, 0, count);
      for (let i = 0; i < count; i++) comparable[i] = hasContent(used.content, rows[i]!) ? 1 : 0;
      return view;
    },
  };
}

/** Scores to [0, weight] over the candidates: 0 where all are equal. One that is no finite number is as good as the worst. */
function scale(out: Float64Array, scores: Float32Array, count: number, weight: number): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const score = scores[i]!;
    if (!Number.isFinite(score)) continue;
    if (score < low) low = score;
    if (score > high) high = score;
  }
  const unit = high > low ? weight / (high - low) : 0;
  for (let i = 0; i < count; i++) {
    const score = scores[i]!;
    out[i] = Number.isFinite(score) ? (score - low) * unit : 0;
  }
}
