import type { Interactions } from '../ranking/catalogue.ts';
import type { World } from './world.ts';

/** What viewers remember of their watching: it changes what they want next. */
export interface Memory {
  seen(viewer: number, title: number): boolean;
  /** The series last watched to the end of an episode; -1 for none. */
  inProgress(viewer: number): number;
  /** Share of the latest plays that were of the title's first genre, in [0, 1]. */
  sated(viewer: number, title: number): number;
  watched(viewer: number, title: number, finished: boolean): void;
}

const LATEST = 4;
const NONE = 255;

/** @param history  watches before the test */
export function createMemory(world: World, history: Interactions | undefined): Memory {
  const titles: (number[] | undefined)[] = new Array(world.viewerCount);
  const series = new Int32Array(world.viewerCount).fill(-1);
  const { primaryGenre, episodes } = world.catalogue;
  // A ring of the genres of the latest plays by viewer.
  const genres = new Uint8Array(world.viewerCount * LATEST).fill(NONE);
  const plays = new Uint32Array(world.viewerCount);
  const memory: Memory = {
    seen: (viewer, title) => titles[viewer]?.includes(title) ?? false,
    inProgress: (viewer) => series[viewer]!,
    sated(viewer, title) {
      const genre = primaryGenre[title]!;
      if (genre === NONE) return 0;
      let same = 0;
      for (let place = viewer * LATEST; place < (viewer + 1) * LATEST; place++)
        if (genres[place] === genre) same++;
      return same / LATEST;
    },
    watched(viewer, title, finished) {
      genres[viewer * LATEST + (plays[viewer]! % LATEST)] = primaryGenre[title]!;
      plays[viewer] = plays[viewer]! + 1;
      const list = titles[viewer];
      if (list === undefined) titles[viewer] = [title];
      else if (!list.includes(title)) list.push(title);
      if (finished && episodes[title]! > 1) series[viewer] = title;
    },
  };
  for (let row = 0; row < (history?.count ?? 0); row++) {
    // A weight near 1 or above: watched to the end (`watchWeight`).
    memory.watched(history!.users[row]!, history!.titles[row]!, history!.weights[row]! > 0.9);
  }
  return memory;
}
