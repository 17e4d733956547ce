import type { Catalogue, Interactions } from '../ranking/catalogue.ts';
import { CALIBRATED } from './calibrated.ts';
import { hash, uniform } from './random.ts';
import { drawTraits } from './traits.ts';
import type { ViewerTraits, World } from './world.ts';

export interface RatingsWorldOptions {
  readonly catalogue: Catalogue;
  /** External id by user row: each real user is one viewer and one unit. */
  readonly userIds: readonly string[];
  /** What models may have seen: popularity comes from it, relevance never does. */
  readonly known: Interactions;
  /** What nobody has seen yet: it decides clicks and pleasure. Weights are stars / 5. */
  readonly unseen: Interactions;
  readonly seed: number;
}

/** A title rated so in the future attracts and pleases so; between the points it is interpolated. */
const STARS = [0.5, 2, 3, 4, 5] as const;
const ATTRACTION = [0.25, 0.3, 0.42, 0.62, 0.75] as const;
const SATISFACTION = [0.05, 0.15, 0.42, 0.8, 0.95] as const;
/** A title the user will never rate is tried now and then, whatever its popularity, and pleases moderately. */
const UNRATED_ATTRACTION = 0.03;
const UNRATED_SATISFACTION = 0.3;
/** From these stars on, a title is one that the user would come for. */
const WANTED = 4;
const CHOICE = 0x7263;

/**
 * A world in which what real users did later is the truth: a title they came to like attracts and pleases, one they came
 * to rate low may be clicked and is soon left, one they never rated has a small background attraction, the
 * same for all titles: that popular titles are liked by more users is in the ratings already.
 *
 * What the ratings do not say is drawn: country, device, age and activity are as in the invented world.
 */
export function ratingsWorld(options: RatingsWorldOptions): World {
  const { catalogue, userIds, known, unseen, seed } = options;
  const stars: Map<number, number>[] = Array.from({ length: userIds.length }, () => new Map());
  const wanted: number[][] = Array.from({ length: userIds.length }, () => []);
  for (let row = 0; row < unseen.count; row++)
    stars[unseen.users[row]!]!.set(unseen.titles[row]!, 5 * unseen.weights[row]!);
  stars.forEach((rated, viewer) => {
    for (const [title, value] of rated) if (value >= WANTED) wanted[viewer]!.push(title);
  });
  const popularity = popularityOf(catalogue.size, known);
  const traits = new Map<number, ViewerTraits>();
  return {
    name: 'ratings',
    seed,
    catalogue,
    popularity,
    viewerCount: userIds.length,
    unitIds: userIds,
    traits(viewer) {
      let who = traits.get(viewer);
      if (who === undefined) {
        who = drawTraits(seed, viewer, CALIBRATED.activity);
        traits.set(viewer, who);
      }
      return who;
    },
    attraction(viewer, title) {
      const value = stars[viewer]!.get(title);
      return value === undefined ? UNRATED_ATTRACTION : interpolate(ATTRACTION, value);
    },
    satisfaction(viewer, title) {
      const value = stars[viewer]!.get(title);
      return value === undefined ? UNRATED_SATISFACTION : interpolate(SATISFACTION, value);
    },
    choose(viewer, key) {
      const own = wanted[viewer]!;
      if (own.length === 0) return -1;
      return own[Math.floor(uniform(seed, viewer, hash(seed, key, 0, CHOICE), CHOICE) * own.length)]!;
    },
  };
}

/** Share of known ratings by title; no title is impossible: one more rating for each. */
function popularityOf(size: number, known: Interactions): Float64Array {
  const ratings = new Float64Array(size).fill(1);
  for (let row = 0; row < known.count; row++) ratings[known.titles[row]!]! += 1;
  return ratings.map((count) => count / (known.count + size));
}

function interpolate(values: readonly number[], at: number): number {
  if (at <= STARS[0]) return values[0]!;
  for (let point = 1; point < STARS.length; point++) {
    const [low, high] = [STARS[point - 1]!, STARS[point]!];
    if (at <= high)
      return values[point - 1]! + ((at - low) / (high - low)) * (values[point]! - values[point - 1]!);
  }
  return values.at(-1)!;
}
