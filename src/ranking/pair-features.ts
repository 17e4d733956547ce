import type { FeatureModels } from './features.ts';
import { createPairKernel, type PairKernel } from './kernels/pair-kernel.ts';
import type { PairScores } from './score-pairs.ts';
import type { Taste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** Watches that a series in progress is looked for among. */
const PROGRESS_HISTORY = 20;

type PairModels = Pick<FeatureModels, 'catalogue' | 'trending'>;

/**
 * Writes PAIR_WIDTH columns in the order of PAIR_LAYOUT, `slots` entries each, from `out[at]` on. The first `count` entries are of the
 * titles, the others 0.
 *
 * @param titles catalogue rows
 * @param scores what `scorePairs` wrote for this viewer and these titles
 */
export function writePairFeatures(
  out: Float32Array,
  at: number,
  slots: number,
  models: PairModels,
  viewer: Viewer,
  taste: Taste,
  titles: Int32Array,
  count: number,
  scores: PairScores,
): void {
  const kernel = kernelOf(models);
  const { activity, collaborativeScale, recentCount, watchCount } = taste;
  const isNew = watchCount === 0;
  kernel.setGenres(taste.genres, taste.recent, recentCount);
  markSeries(kernel, models, viewer, true);
  kernel.write(
    out,
    at,
    slots,
    titles,
    count,
    [scores.collaborative, scores.content, scores.ease, scores.itemKnn],
    {
      activity,
      // Raw scores grow with the length of a history; in units of their own spread they compare between viewers.
      collaborativeScale,
      meanPopularity: isNew ? -1 : taste.popularity,
      perRecent: recentCount === 0 ? 0 : 1 / recentCount,
      // A sum over the history: its noise grows with the square root of the length.
      perRoot: isNew ? 0 : 1 / Math.sqrt(watchCount),
    },
  );
  markSeries(kernel, models, viewer, false);
}

interface Made {
  readonly trending: Float32Array;
  readonly popularity: Float32Array;
  readonly kernel: PairKernel;
}

/** By the catalogue's genres; made anew when what trends was counted anew. */
const made = new WeakMap<Uint32Array, Made>();

function kernelOf({ catalogue, trending }: PairModels): PairKernel {
  const { genreMask, genres } = catalogue;
  const { score, popularity } = trending;
  const held = made.get(genreMask);
  if (held !== undefined && held.trending === score && held.popularity === popularity) return held.kernel;
  const kernel = createPairKernel({ genreMask, genres: genres.length, trend: score, popularity });
  made.set(genreMask, { trending: score, popularity, kernel });
  return kernel;
}

function markSeries(
  kernel: PairKernel,
  { catalogue: { episodes } }: PairModels,
  { watchCount, watchedTitles }: Viewer,
  is: boolean,
): void {
  for (let i = Math.max(0, watchCount - PROGRESS_HISTORY); i < watchCount; i++) {
    const title = watchedTitles[i]!;
    if (episodes[title]! > 1) kernel.mark(title, is);
  }
}
