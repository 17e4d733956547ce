import { type AliasTable, aliasTable, drawAlias } from './alias-table.ts';
import { CALIBRATED } from './calibrated.ts';
import {
  addRow,
  directions,
  type InventedTitles,
  inventTitles,
  normalise,
  TASTE_DIMS,
} from './invented-catalogue.ts';
import type { TasteCurve, WorldParameters } from './parameters.ts';
import { hash, normal, pick, uniform } from './random.ts';
import { drawTraits } from './traits.ts';
import { GENRES, THEMES } from './vocabulary.ts';
import type { ViewerTraits, World } from './world.ts';

export interface InventedWorldOptions {
  readonly seed: number;
  readonly viewers: number;
  readonly titles: number;
  readonly asOf?: number;
  /** The calibrated ones when absent. */
  readonly parameters?: Pick<WorldParameters, 'attraction' | 'satisfaction' | 'activity'>;
}

/** The dot product of two unit vectors of taste, brought to about mean 0 and deviation 1 over random pairs. */
const AFFINITY_MEAN = 0.1;
const AFFINITY_DEVIATION = 0.24;
/** An unprompted choice: the best of this many titles that came to mind in proportion to popularity. */
const PROPOSALS = 8;
const CHOICE_AFFINITY = 1.2;
const CHOICE_QUALITY = 0.3;

// Purposes of draws about viewers.
const TASTE = 0x7461;
const CHOICE = 0x6368;

/** A world of invented titles and viewers whose tastes are latent vectors of its own. */
export function inventedWorld(options: InventedWorldOptions): World {
  const { seed, viewers } = options;
  if (!Number.isInteger(viewers) || viewers < 1)
    throw new RangeError(`viewers is ${viewers}; a world needs a whole number of at least 1`);
  const titles = inventTitles(options);
  const { attraction, satisfaction, activity } = options.parameters ?? CALIBRATED;
  const traits = Array.from({ length: viewers }, (_, viewer) => drawTraits(seed, viewer, activity));
  const tastes = viewerTastes(seed, traits);
  const remembered = aliasTable(titles.popularity);

  const affinity = (viewer: number, title: number) => {
    let dot = 0;
    const v = viewer * TASTE_DIMS;
    const t = title * TASTE_DIMS;
    for (let d = 0; d < TASTE_DIMS; d++) dot += tastes[v + d]! * titles.tastes[t + d]!;
    return (dot - AFFINITY_MEAN) / AFFINITY_DEVIATION;
  };
  const curve = (shape: TasteCurve, viewer: number, title: number) => {
    const x =
      shape.offset + shape.affinity * affinity(viewer, title) + shape.quality * titles.quality[title]!;
    return shape.least + (shape.most - shape.least) / (1 + Math.exp(-x));
  };

  return {
    name: 'invented',
    seed,
    catalogue: titles.catalogue,
    popularity: titles.popularity,
    viewerCount: viewers,
    unitIds: Array.from({ length: viewers }, (_, viewer) => `u-${viewer}`),
    traits: (viewer) => traits[viewer]!,
    attraction: (viewer, title) => curve(attraction, viewer, title),
    satisfaction: (viewer, title) => curve(satisfaction, viewer, title),
    choose: (viewer, key) => choose(seed, viewer, key, remembered, titles, affinity),
  };
}

/** A few titles come to mind, the popular ones first; the viewer takes one that suits, with some caprice. */
function choose(
  seed: number,
  viewer: number,
  key: number,
  remembered: AliasTable,
  titles: InventedTitles,
  affinity: (viewer: number, title: number) => number,
): number {
  const occasion = hash(seed, viewer, CHOICE, key);
  let best = -1;
  let bestWorth = -Infinity;
  for (let turn = 0; turn < PROPOSALS; turn++) {
    const title = drawAlias(remembered, uniform(seed, occasion, 2 * turn, CHOICE));
    const caprice = -Math.log(-Math.log(uniform(seed, occasion, 2 * turn + 1, CHOICE)));
    const worth =
      CHOICE_AFFINITY * affinity(viewer, title) + CHOICE_QUALITY * titles.quality[title]! + caprice;
    if (worth > bestWorth) {
      best = title;
      bestWorth = worth;
    }
  }
  return best;
}

/** Every viewer loves three to five genres and a few themes, more often those of their age and country. */
function viewerTastes(seed: number, traits: readonly ViewerTraits[]): Float32Array {
  const genreVectors = directions(seed, GENRES.length, 10);
  const themeVectors = directions(seed, THEMES.length, 11);
  const tastes = new Float32Array(traits.length * TASTE_DIMS);
  const leanings = new Map<string, number[]>();
  const leaning = (who: ViewerTraits) => {
    const group = `${who.ageGroup}/${who.country}`;
    let weights = leanings.get(group);
    if (weights === undefined) {
      const age = hash(seed, who.ageGroup.charCodeAt(0), who.ageGroup.charCodeAt(1), TASTE);
      const place = hash(seed, who.country.charCodeAt(0), who.country.charCodeAt(1), TASTE);
      weights = GENRES.map(
        (genre, g) =>
          genre.share ** 0.7 *
          Math.exp(0.7 * normal(seed, age, g, TASTE) + 0.4 * normal(seed, place, g, TASTE)),
      );
      leanings.set(group, weights);
    }
    return weights;
  };
  traits.forEach((who, viewer) => {
    const genreWeights = leaning(who).slice();
    const genres = 3 + (hash(seed, viewer, TASTE, 0) % 3);
    for (let turn = 0; turn < genres; turn++) {
      const genre = pick(genreWeights, uniform(seed, viewer, TASTE, 1 + turn));
      genreWeights[genre] = 0;
      addRow(tastes, viewer, genreVectors, genre, 0.35 * 0.9 ** turn);
    }
    for (let turn = 0; turn < 4; turn++) {
      addRow(tastes, viewer, themeVectors, hash(seed, viewer, TASTE, 10 + turn) % THEMES.length, 0.6);
    }
    for (let d = 0; d < TASTE_DIMS; d++) {
      const at = viewer * TASTE_DIMS + d;
      tastes[at] = tastes[at]! + 0.1 * normal(seed, viewer, TASTE, 20 + d);
    }
    normalise(tastes, viewer);
  });
  return tastes;
}
