import { FEATURE_LAYOUTS, ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from './features.ts';

export type FeatureKind = keyof typeof FEATURE_LAYOUTS;

/** Where one number of a model's input comes from: a place within the user's, the title's or the pair's features. */
export interface FeatureColumn {
  readonly kind: FeatureKind;
  readonly offset: number;
}

const COLUMNS: ReadonlyMap<string, readonly FeatureColumn[]> = columnsByName();

/** Every name that a model may declare: a feature such as `pair.content`, or all of a kind such as `user`. */
export const FEATURE_NAMES: readonly string[] = [...COLUMNS.keys()];

/** The columns of one name, several where the feature is a vector; undefined where no feature is called so. */
export function featureColumns(name: string): readonly FeatureColumn[] | undefined {
  return COLUMNS.get(name);
}

function columnsByName(): Map<string, FeatureColumn[]> {
  const byName = new Map<string, FeatureColumn[]>();
  for (const kind of ['user', 'item', 'pair'] as const) {
    const all: FeatureColumn[] = [];
    byName.set(kind, all);
    for (const [name, width] of FEATURE_LAYOUTS[kind]) {
      const own = Array.from({ length: width }, (_, i) => ({ kind, offset: all.length + i }));
      byName.set(`${kind}.${name}`, own);
      all.push(...own);
    }
  }
  return byName;
}

/** The features of the candidates of a batch of requests, as stages hold them. */
export interface BatchFeatures {
  readonly batch: number;
  readonly slots: number;
  /** batch x USER_WIDTH */
  readonly users: Float32Array;
  /** titles x ITEM_WIDTH */
  readonly items: Float32Array;
  /** batch x slots catalogue rows */
  readonly candidates: Int32Array;
  /** batch x PAIR_WIDTH x slots */
  readonly pairs: Float32Array;
}

/**
 * Writes one row per candidate, batch x slots of them, each as wide as `columns`.
 * @param out row-major, with room for all rows
 */
export function gatherColumns(
  out: Float32Array | Float64Array,
  columns: readonly FeatureColumn[],
  { batch, slots, users, items, candidates, pairs }: BatchFeatures,
): void {
  const width = columns.length;
  // Column by column: where a number comes from is decided once and not for every candidate.
  columns.forEach(({ kind, offset }, column) => {
    let at = column;
    for (let request = 0, row = 0; request < batch; request++) {
      const user = users[request * USER_WIDTH + offset]!;
      for (let slot = 0; slot < slots; slot++, row++, at += width) {
        if (kind === 'user') out[at] = user;
        else if (kind === 'pair') out[at] = pairs[(request * PAIR_WIDTH + offset) * slots + slot]!;
        else out[at] = items[candidates[row]! * ITEM_WIDTH + offset]!;
      }
    }
  });
}
