import { COMPILED_PAIRS } from './compiled-pairs.ts';
import { ownMemory } from './own-memory.ts';

/** What is known of each title, by catalogue row. */
export interface TitleFacts {
  /** Bit g: the title has genre g. */
  readonly genreMask: Uint32Array;
  /** How many genres there are, at most 32. */
  readonly genres: number;
  readonly trend: Float32Array;
  readonly popularity: Float32Array;
}

/** What is known of the viewer beyond what `setGenres` was told. */
export interface PairScales {
  readonly activity: number;
  readonly collaborativeScale: number;
  /** Mean popularity of what was watched; negative where nothing was. */
  readonly meanPopularity: number;
  /** 1 / latest watches that were told of, 0 where there are none. */
  readonly perRecent: number;
  /** 1 / square root of the watches, 0 where there are none. */
  readonly perRoot: number;
}

/** Writes pair features, for one thread; calls do not allocate but for one view. */
export interface PairKernel {
  /**
   * @param genres share of the taste by genre
   * @param recent genre masks of the latest watches, the first `recentCount` (at most 8)
   */
  setGenres(genres: Float32Array, recent: Uint32Array, recentCount: number): void;
  /** Whether a title is a series among the latest watches. Holds until it is taken back. */
  mark(title: number, is: boolean): void;
  /** Twelve columns at `out[at]`, `slots` entries apart; entries from `count` on are 0. The columns of scores as `PairScores` names them, of one length. */
  write(
    out: Float32Array,
    at: number,
    slots: number,
    titles: Int32Array,
    count: number,
    scores: readonly [Float32Array, Float32Array, Float32Array, Float32Array],
    scales: PairScales,
  ): void;
}

interface Exports {
  sumGenres(
    genres: number,
    count: number,
    recent: number,
    recentCount: number,
    tastes: number,
    watches: number,
  ): void;
  pairColumns(...numbers: number[]): void;
}

const COLUMNS = 12;
const GENRES = 32;
/** Parts of a mask times the entries of each. */
const ENTRIES = 6 * 64;
const LEAST_ROOM = 256;

export function createPairKernel(facts: TitleFacts): PairKernel {
  const memory = ownMemory<Exports>(COMPILED_PAIRS);
  const { kernel, reserve } = memory;
  const size = facts.genreMask.length;
  const at = {
    facts: reserve(16 * size),
    genres: reserve(4 * GENRES),
    recent: reserve(4 * 8),
    tastes: reserve(8 * ENTRIES),
    watches: reserve(ENTRIES),
  };
  /** Places for so many titles; those for fewer stay unused. */
  function makeRoom(room: number) {
    const places = {
      titles: reserve(4 * room),
      scores: reserve(16 * room),
      out: reserve(4 * COLUMNS * room),
    };
    const buffer = memory.grow();
    return {
      room,
      at: places,
      facts: new Uint32Array(buffer, at.facts, 4 * size),
      genres: new Float32Array(buffer, at.genres, GENRES),
      recent: new Uint32Array(buffer, at.recent, 8),
      titles: new Int32Array(buffer, places.titles, room),
      scores: new Float32Array(buffer, places.scores, 4 * room),
      out: new Float32Array(buffer, places.out, COLUMNS * room),
    };
  }
  let held = makeRoom(LEAST_ROOM);
  writeFacts(held.facts, facts);

  return {
    setGenres(genres, recent, recentCount) {
      held.genres.set(genres);
      held.recent.set(recent);
      kernel.sumGenres(at.genres, facts.genres, at.recent, recentCount, at.tastes, at.watches);
    },
    mark(title, is) {
      held.facts[4 * title + 3] = is ? 1 : 0;
    },
    write(out, to, slots, titles, count, scores, scales) {
      const most = Math.max(slots, titles.length, scores[0].length);
      if (held.room < most) held = makeRoom(2 * most);
      // Whole columns: a view of the first `count` costs more than the bytes behind them.
      held.titles.set(titles);
      for (let column = 0; column < scores.length; column++)
        held.scores.set(scores[column]!, column * held.room);
      kernel.pairColumns(
        held.at.titles,
        count,
        at.facts,
        at.tastes,
        at.watches,
        facts.genres,
        held.at.scores,
        4 * held.room,
        scales.activity,
        scales.collaborativeScale,
        scales.meanPopularity,
        scales.perRecent,
        scales.perRoot,
        held.at.out,
        4 * slots,
      );
      out.set(held.out.subarray(0, COLUMNS * slots), to);
    },
  };
}

function writeFacts(out: Uint32Array, { genreMask, trend, popularity }: TitleFacts): void {
  const figures = new Float32Array(out.buffer, out.byteOffset, out.length);
  for (let title = 0; title < genreMask.length; title++) {
    out[4 * title] = genreMask[title]!;
    figures[4 * title + 1] = trend[title]!;
    figures[4 * title + 2] = popularity[title]!;
  }
}
