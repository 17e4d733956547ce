import type { Interactions } from './catalogue.ts';
import { trainEase } from './ease.ts';
import { trainItemKnn } from './item-knn.ts';
import type { EaseModel, ItemKnnModel, Models } from './models.ts';

/** Candidate sources that are trained only where something takes candidates from them. */
export const ITEM_SOURCES = ['itemKnn', 'ease'] as const;
export type ItemSource = (typeof ITEM_SOURCES)[number];

/** Those that are among the models. */
export function itemSourcesIn(models: Pick<Models, ItemSource>): ItemSource[] {
  return ITEM_SOURCES.filter((source) => models[source] !== undefined);
}

export interface ItemModelInput {
  readonly source: ItemSource;
  readonly interactions: Interactions;
  /** Size of the catalogue. */
  readonly titles: number;
  /** Least weight of an interaction that counts. */
  readonly least: number;
}

/** @throws RangeError when the catalogue is too large for the source */
export function trainItemModel(
  { source, interactions, titles, least }: ItemModelInput,
  progress?: (share: number) => void,
): ItemKnnModel | EaseModel {
  return source === 'ease'
    ? trainEase(interactions, titles, { least }, progress)
    : trainItemKnn(interactions, titles, { least });
}
