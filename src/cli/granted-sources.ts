import { LIKED } from '../files/dataset.ts';
import { readMl100kSplit } from '../files/movielens.ts';
import { readDataset } from '../files/read-dataset.ts';
import { easeOrder } from '../ranking/ease.ts';
import type { ItemSource } from '../ranking/item-models.ts';
import type { Protocol } from '../ranking/protocols.ts';

/** Rows of EASE's matrix that are inverted without being asked for: about a minute on two cores. */
export const EASE_UNASKED = 10_000;

/** Of the wished sources those that are trained quickly on these ratings. */
export async function grantedSources(
  folder: string,
  protocol: Protocol | undefined,
  wished: readonly ItemSource[],
): Promise<ItemSource[]> {
  if (!wished.includes('ease')) return [...wished];
  const { interactions, catalogue } =
    protocol === 'ml-100k-ua' ? (await readMl100kSplit(folder)).train : await readDataset(folder);
  const order = easeOrder(interactions, catalogue.size, LIKED / 5);
  return wished.filter((source) => source !== 'ease' || order <= EASE_UNASKED);
}
