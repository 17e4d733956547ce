import { FEATURE_LAYOUTS } from '../ranking/features.ts';
import { FLAT_WIDTH, flatFeatures, type TowerExamples } from '../ranking/tower-examples.ts';

/** Columns before the features. `slate`: rows of one number were shown to one viewer at one moment. */
const KEYS = ['slice', 'slate', 'title', 'label'] as const;

/** Names of the columns: a feature as models.yaml names it, the entries of a vector numbered from 0. */
export function featureHeader(): string[] {
  const features = (['user', 'item', 'pair'] as const).flatMap((kind) =>
    FEATURE_LAYOUTS[kind].flatMap(([name, width]) =>
      width === 1
        ? [`${kind}.${name}`]
        : Array.from({ length: width }, (_, entry) => `${kind}.${name}.${entry}`),
    ),
  );
  return [...KEYS, ...features];
}

/**
 * One row per example, those to train on first. Examples of `judge` are later than all of `train`.
 * @param ids external ids of the titles by row
 */
export function* featureRows(
  examples: { readonly train: TowerExamples; readonly judge: TowerExamples },
  ids: readonly string[],
): Generator<readonly (string | number)[]> {
  let slates = 0;
  for (const slice of ['train', 'judge'] as const) {
    const part = examples[slice];
    const features = flatFeatures(part);
    for (let example = 0; example < part.count; example++) {
      const slate = slates + part.userRows[example]!;
      const row = features.subarray(example * FLAT_WIDTH, (example + 1) * FLAT_WIDTH);
      yield [slice, slate, ids[part.titles[example]!]!, part.labels[example]!, ...row];
    }
    slates += part.count === 0 ? 0 : part.userRows[part.count - 1]! + 1;
  }
}
