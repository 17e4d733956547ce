import type { Interactions } from '../ranking/catalogue.ts';
import type { World } from './world.ts';

/** What viewers remember of their watching: it changes what they want next. `place` numbers the viewers it was made for. */
export interface Memory {
  seen(place: number, title: number): boolean;
  /** The series last watched to the end of an episode; -1 for none. */
  inProgress(place: number): number;
  /** How much the viewer has had of the title's first genre lately, in [0, 1): half of it is forgotten in two days. */
  sated(place: number, title: number, at: number): number;
  /** @param at  epoch ms, not before the viewer's last */
  watched(place: number, title: number, finished: boolean, at: number): void;
}

/** After this long a play counts half. */
const HALF_LIFE_MS = 2 * 86_400_000;
/** Fresh plays of one genre after which a viewer is half sated with it. */
const HALF_SATED = 2;
const NONE = 255;

/**
 * @param viewers  rows of the world; their order numbers the places
 * @param history  watches before; `users` are rows of the world, others than `viewers` are passed over
 */
export function createMemory(world: World, viewers: Int32Array, history?: Interactions): Memory {
  const count = viewers.length;
  const titles: (number[] | undefined)[] = new Array(count);
  const series = new Int32Array(count).fill(-1);
  const { primaryGenre, episodes } = world.catalogue;
  // Plays by viewer and genre, each faded to the time of the viewer's last.
  const genreCount = world.catalogue.genres.length;
  const plays = new Float32Array(count * genreCount);
  const lastAt = new Float64Array(count);
  const fade = (place: number, at: number) => 2 ** ((lastAt[place]! - at) / HALF_LIFE_MS);
  const memory: Memory = {
    seen: (place, title) => titles[place]?.includes(title) ?? false,
    inProgress: (place) => series[place]!,
    sated(place, title, at) {
      const genre = primaryGenre[title]!;
      const had = genre === NONE ? 0 : plays[place * genreCount + genre]!;
      if (had === 0) return 0;
      const fresh = had * fade(place, at);
      return fresh / (fresh + HALF_SATED);
    },
    watched(place, title, finished, at) {
      const kept = fade(place, at);
      const from = place * genreCount;
      for (let genre = from; genre < from + genreCount; genre++) plays[genre] = plays[genre]! * kept;
      if (primaryGenre[title] !== NONE) plays[from + primaryGenre[title]!]! += 1;
      lastAt[place] = at;
      const list = titles[place];
      if (list === undefined) titles[place] = [title];
      else if (!list.includes(title)) list.push(title);
      if (finished && episodes[title]! > 1) series[place] = title;
    },
  };
  if (history === undefined) return memory;
  const placeOf = new Int32Array(world.viewerCount).fill(-1);
  viewers.forEach((viewer, place) => {
    placeOf[viewer] = place;
  });
  for (let row = 0; row < history.count; row++) {
    const place = placeOf[history.users[row]!]!;
    // A weight near 1 or above: watched to the end (`watchWeight`).
    const finished = history.weights[row]! > 0.9;
    if (place >= 0) memory.watched(place, history.titles[row]!, finished, history.at[row]!);
  }
  return memory;
}
