import {
  type FeatureModels,
  ITEM_WIDTH,
  itemFeatures,
  type Moment,
  PAIR_WIDTH,
  USER_WIDTH,
  writeUserFeatures,
} from './features.ts';
import { type ItemSource, itemSourcesIn } from './item-models.ts';
import { writePairFeatures } from './pair-features.ts';
import { type PairScores, scorePairs } from './score-pairs.ts';
import { createTaste, readTaste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** What a two-tower model is trained on or judged by. Users repeat over the titles of one slate, so they are stored once. */
export interface TowerExamples {
  readonly count: number;
  /** moments x USER_WIDTH, row-major. */
  readonly users: Float32Array;
  /** Row in `users` by example. */
  readonly userRows: Int32Array;
  /** Who it was, by example: numbered from 0. A viewer's moments are alike, so judgements resample viewers. */
  readonly viewers: Int32Array;
  /** Catalogue row by example. */
  readonly titles: Int32Array;
  /** count x PAIR_WIDTH, row-major. */
  readonly pairs: Float32Array;
  /** 1: watched, 0: shown and not watched, by example. */
  readonly labels: Uint8Array;
  /** Catalogue size x ITEM_WIDTH, row-major. */
  readonly items: Float32Array;
  /** `Catalogue.version`: id embeddings hold for its rows only. */
  readonly catalogue: string;
  /** Item models whose scores are among the pair features. */
  readonly itemSources: readonly ItemSource[];
}

/** Collects examples with the features that serving would compute at the same moment. */
export interface ExampleBuilder {
  /**
   * Titles shown to a viewer at one moment, and what came of them.
   *
   * @param viewer holds only what was watched before the moment; it is read now and not kept
   * @param titles catalogue rows
   * @param labels 1: watched, 0: not, by title
   */
  add(viewer: Viewer, moment: Moment, titles: Int32Array, labels: ArrayLike<number>): void;
  /** What was collected so far. */
  examples(): TowerExamples;
}

/** @param models trained on data from before the first moment, or the labels leak into the features */
export function createExampleBuilder(models: FeatureModels): ExampleBuilder {
  const taste = createTaste(models);
  let users = new Float32Array(256 * USER_WIDTH);
  let userRows = new Int32Array(1024);
  let viewers = new Int32Array(1024);
  const numbers = new Map<string, number>();
  let titles = new Int32Array(1024);
  let pairs = new Float32Array(1024 * PAIR_WIDTH);
  let labels = new Uint8Array(1024);
  let scores = emptyScores(0);
  let columns = new Float32Array(0);
  let moments = 0;
  let count = 0;

  const reserve = (examples: number): void => {
    if ((moments + 1) * USER_WIDTH > users.length) users = grown(users, new Float32Array(2 * users.length));
    if (examples <= titles.length) return;
    const room = Math.max(examples, 2 * titles.length);
    userRows = grown(userRows, new Int32Array(room));
    viewers = grown(viewers, new Int32Array(room));
    titles = grown(titles, new Int32Array(room));
    labels = grown(labels, new Uint8Array(room));
    pairs = grown(pairs, new Float32Array(room * PAIR_WIDTH));
  };

  return {
    add(viewer, moment, shown, outcomes) {
      reserve(count + shown.length);
      if (scores.ease.length < shown.length) {
        scores = emptyScores(shown.length);
        columns = new Float32Array(PAIR_WIDTH * shown.length);
      }
      readTaste(taste, models, viewer);
      writeUserFeatures(users, moments * USER_WIDTH, viewer, moment, taste);
      scorePairs(scores, models, viewer, taste, shown, shown.length);
      writePairFeatures(columns, 0, shown.length, models, viewer, taste, shown, shown.length, scores);
      const number = numbers.get(viewer.id) ?? numbers.size;
      numbers.set(viewer.id, number);
      for (let i = 0; i < shown.length; i++, count++) {
        viewers[count] = number;
        for (let p = 0; p < PAIR_WIDTH; p++) pairs[count * PAIR_WIDTH + p] = columns[p * shown.length + i]!;
        userRows[count] = moments;
        titles[count] = shown[i]!;
        labels[count] = outcomes[i]!;
      }
      moments++;
    },
    examples: () => ({
      count,
      users: users.subarray(0, moments * USER_WIDTH),
      userRows: userRows.subarray(0, count),
      viewers: viewers.subarray(0, count),
      titles: titles.subarray(0, count),
      pairs: pairs.subarray(0, count * PAIR_WIDTH),
      labels: labels.subarray(0, count),
      items: itemFeatures(models),
      catalogue: models.catalogue.version,
      itemSources: itemSourcesIn(models),
    }),
  };
}

/** The examples [from, to). */
export function sliceExamples(examples: TowerExamples, from: number, to: number): TowerExamples {
  const { userRows, viewers, titles, pairs, labels } = examples;
  return {
    ...examples,
    count: to - from,
    userRows: userRows.subarray(from, to),
    viewers: viewers.subarray(from, to),
    titles: titles.subarray(from, to),
    pairs: pairs.subarray(from * PAIR_WIDTH, to * PAIR_WIDTH),
    labels: labels.subarray(from, to),
  };
}

/** Numbers in one row of `flatFeatures`. */
export const FLAT_WIDTH = USER_WIDTH + ITEM_WIDTH + PAIR_WIDTH;

/** User, item and pair features of each example in one row of FLAT_WIDTH. */
export function flatFeatures(examples: TowerExamples): Float32Array {
  const rows = new Float32Array(examples.count * FLAT_WIDTH);
  for (let example = 0; example < examples.count; example++) {
    const user = examples.userRows[example]! * USER_WIDTH;
    const item = examples.titles[example]! * ITEM_WIDTH;
    const pair = example * PAIR_WIDTH;
    const at = example * FLAT_WIDTH;
    rows.set(examples.users.subarray(user, user + USER_WIDTH), at);
    rows.set(examples.items.subarray(item, item + ITEM_WIDTH), at + USER_WIDTH);
    rows.set(examples.pairs.subarray(pair, pair + PAIR_WIDTH), at + USER_WIDTH + ITEM_WIDTH);
  }
  return rows;
}

function emptyScores(titles: number): PairScores {
  const column = (): Float32Array => new Float32Array(titles);
  return { collaborative: column(), content: column(), ease: column(), itemKnn: column() };
}

function grown<Columns extends Float32Array | Int32Array | Uint8Array>(from: Columns, to: Columns): Columns {
  to.set(from);
  return to;
}
