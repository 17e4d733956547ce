import type { Interactions } from './catalogue.ts';
import { type EaseParameters, trainEase } from './ease.ts';
import { type ItemKnnParameters, trainItemKnn } from './item-knn.ts';
import type { OpenWorkspace } from './kernels/workspace.ts';
import type { EaseModel, ItemKnnModel, Models } from './models.ts';

/** Candidate sources that are trained only where something takes candidates from them. */
export const ITEM_SOURCES = ['itemKnn', 'ease'] as const;
export type ItemSource = (typeof ITEM_SOURCES)[number];

/** Those that are among the models. */
export function itemSourcesIn(models: Pick<Models, ItemSource>): ItemSource[] {
  return ITEM_SOURCES.filter((source) => models[source] !== undefined);
}

/** What differs from the defaults of each. */
export interface ItemModelParameters {
  readonly itemKnn?: Partial<Omit<ItemKnnParameters, 'least'>>;
  readonly ease?: Partial<Omit<EaseParameters, 'least'>>;
}

export interface ItemModelInput {
  readonly source: ItemSource;
  readonly interactions: Interactions;
  /** Size of the catalogue. */
  readonly titles: number;
  /** Least weight of an interaction that counts. */
  readonly least: number;
  readonly parameters?: ItemModelParameters;
}

/**
 * @param open where to compute; in this thread when absent
 * @throws RangeError when a parameter is out of its range, an interaction names no row or has no weight, or the catalogue is too large
 */
export function trainItemModel(
  { source, interactions, titles, least, parameters = {} }: ItemModelInput,
  progress?: (share: number) => void,
  open?: OpenWorkspace,
): ItemKnnModel | EaseModel {
  return source === 'ease'
    ? trainEase(interactions, titles, { ...parameters.ease, least }, progress, open)
    : trainItemKnn(interactions, titles, { ...parameters.itemKnn, least });
}
