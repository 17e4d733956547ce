import {
  type FeatureModels,
  ITEM_WIDTH,
  itemFeatures,
  type Moment,
  PAIR_WIDTH,
  USER_WIDTH,
  writePairFeatures,
  writeUserFeatures,
} from './features.ts';
import { createTaste, readTaste, rowDot } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** What a two-tower model is trained on or judged by. Users repeat over the titles of one slate, so they are stored once. */
export interface TowerExamples {
  readonly count: number;
  /** moments x USER_WIDTH, row-major. */
  readonly users: Float32Array;
  /** Row in `users` by example. */
  readonly userRows: Int32Array;
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
}

/** Collects examples with the features that serving would compute at the same moment. */
export interface ExampleBuilder {
  /** Begins a moment. `viewer` must hold only what was watched before it; it is read now and not kept. */
  moment(viewer: Viewer, moment: Moment): void;
  /** A title shown at the moment begun last, and what came of it. */
  example(title: number, label: 0 | 1): void;
  /** What was collected so far. */
  examples(): TowerExamples;
}

/** @param models trained on data from before the first moment, or the labels leak into the features */
export function createExampleBuilder(models: FeatureModels): ExampleBuilder {
  const taste = createTaste(models);
  let current: Viewer | undefined;
  let users = new Float32Array(256 * USER_WIDTH);
  let userRows = new Int32Array(1024);
  let titles = new Int32Array(1024);
  let pairs = new Float32Array(1024 * PAIR_WIDTH);
  let labels = new Uint8Array(1024);
  let moments = 0;
  let count = 0;
  return {
    moment(viewer, moment) {
      if ((moments + 1) * USER_WIDTH > users.length) users = grown(users, new Float32Array(2 * users.length));
      readTaste(taste, models, viewer);
      writeUserFeatures(users, moments * USER_WIDTH, viewer, moment, taste);
      moments++;
      current = viewer;
    },
    example(title, label) {
      if (current === undefined) throw new Error('an example needs a moment before it');
      if (count === titles.length) {
        userRows = grown(userRows, new Int32Array(2 * count));
        titles = grown(titles, new Int32Array(2 * count));
        pairs = grown(pairs, new Float32Array(2 * count * PAIR_WIDTH));
        labels = grown(labels, new Uint8Array(2 * count));
      }
      userRows[count] = moments - 1;
      titles[count] = title;
      labels[count] = label;
      const collaborative = rowDot(taste.collaborative, models.ials.items, title);
      const content = rowDot(taste.content, models.content.vectors, title);
      writePairFeatures(pairs, count * PAIR_WIDTH, models, current, taste, title, collaborative, content);
      count++;
    },
    examples: () => ({
      count,
      users: users.subarray(0, moments * USER_WIDTH),
      userRows: userRows.subarray(0, count),
      titles: titles.subarray(0, count),
      pairs: pairs.subarray(0, count * PAIR_WIDTH),
      labels: labels.subarray(0, count),
      items: itemFeatures(models),
      catalogue: models.catalogue.version,
    }),
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

function grown<Columns extends Float32Array | Int32Array | Uint8Array>(from: Columns, to: Columns): Columns {
  to.set(from);
  return to;
}
