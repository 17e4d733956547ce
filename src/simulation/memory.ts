import type { Interactions } from '../ranking/catalogue.ts';
import type { World } from './world.ts';

/** What viewers remember of their watching: it changes what they want next. */
export interface Memory {
  seen(viewer: number, title: number): boolean;
  /** The series last watched to the end of an episode; -1 for none. */
  inProgress(viewer: number): number;
  /** How much the viewer has had of the title's first genre lately, in [0, 1): half of it is forgotten in two days. */
  sated(viewer: number, title: number, at: number): number;
  /** @param at  epoch ms, not before the viewer's last */
  watched(viewer: number, title: number, finished: boolean, at: number): void;
}

/** After this long a play counts half. */
const HALF_LIFE_MS = 2 * 86_400_000;
/** Fresh plays of one genre after which a viewer is half sated with it. */
const HALF_SATED = 2;
const NONE = 255;

/** @param history  watches before the test */
export function createMemory(world: World, history: Interactions | undefined): Memory {
  const titles: (number[] | undefined)[] = new Array(world.viewerCount);
  const series = new Int32Array(world.viewerCount).fill(-1);
  const { primaryGenre, episodes } = world.catalogue;
  // Plays by viewer and genre, each faded to the time of the viewer's last.
  const genreCount = world.catalogue.genres.length;
  const plays = new Float32Array(world.viewerCount * genreCount);
  const lastAt = new Float64Array(world.viewerCount);
  const fade = (viewer: number, at: number) => 2 ** ((lastAt[viewer]! - at) / HALF_LIFE_MS);
  const memory: Memory = {
    seen: (viewer, title) => titles[viewer]?.includes(title) ?? false,
    inProgress: (viewer) => series[viewer]!,
    sated(viewer, title, at) {
      const genre = primaryGenre[title]!;
      const had = genre === NONE ? 0 : plays[viewer * genreCount + genre]!;
      if (had === 0) return 0;
      const fresh = had * fade(viewer, at);
      return fresh / (fresh + HALF_SATED);
    },
    watched(viewer, title, finished, at) {
      const kept = fade(viewer, at);
      const from = viewer * genreCount;
      for (let place = from; place < from + genreCount; place++) plays[place] = plays[place]! * kept;
      if (primaryGenre[title] !== NONE) plays[from + primaryGenre[title]!]! += 1;
      lastAt[viewer] = at;
      const list = titles[viewer];
      if (list === undefined) titles[viewer] = [title];
      else if (!list.includes(title)) list.push(title);
      if (finished && episodes[title]! > 1) series[viewer] = title;
    },
  };
  for (let row = 0; row < (history?.count ?? 0); row++) {
    // A weight near 1 or above: watched to the end (`watchWeight`).
    const finished = history!.weights[row]! > 0.9;
    memory.watched(history!.users[row]!, history!.titles[row]!, finished, history!.at[row]!);
  }
  return memory;
}
