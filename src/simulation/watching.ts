import { uniform } from './random.ts';
import type { World } from './world.ts';

/** What became of one play. */
export interface Watching {
  readonly seconds: number;
  /** Of the first episode or the film, in [0, 1]: what labels are made of. */
  readonly share: number;
}

/** Of the plays that disappoint, those that are left within the first fifth. */
const LEFT_EARLY = 0.6;
const WATCH = 0x7761;

/**
 * One play: with probability `satisfaction` it is watched to the end (over 80 %), otherwise it is left early or in
 * the middle; a pleasing series goes on for episodes, as long as the evening lasts.
 * @param occasion  a hash that names the play
 * @param budget    seconds the viewer has left; at least a part of the first episode is always seen
 * @param nextEpisode chance to begin the next episode after one that was watched to the end by someone fully pleased
 */
export function watch(
  world: World,
  viewer: number,
  title: number,
  occasion: number,
  budget: number,
  nextEpisode: number,
): Watching {
  const pleased = world.satisfaction(viewer, title);
  const length = world.catalogue.minutes[title]! * 60;
  const u = uniform(world.seed, occasion, 0, WATCH);
  const v = uniform(world.seed, occasion, 1, WATCH);
  let share: number;
  if (u < pleased) share = 0.82 + 0.18 * v;
  else if (u < pleased + LEFT_EARLY * (1 - pleased)) share = 0.02 + 0.17 * v;
  else share = 0.2 + 0.6 * v;
  let seconds = share * length;
  if (share > 0.8) {
    const left = world.catalogue.episodes[title]! - 1;
    for (let episode = 1; episode <= left; episode++) {
      if (seconds + length > budget) break;
      if (uniform(world.seed, occasion, 1 + episode, WATCH) > nextEpisode * pleased) break;
      seconds += length;
    }
  }
  return { seconds: Math.max(1, Math.round(seconds)), share };
}
