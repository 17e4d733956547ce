import { ITEM_SOURCES, type ItemSource } from '../ranking/item-models.ts';
import type { Models } from '../ranking/models.ts';

/**
 * The item models that a stage's weights read.
 * @throws (the function that it gives) when one of them is not there
 */
export function neededItemModels(
  weights: Readonly<Partial<Record<string, number>>>,
): (models: Models) => void {
  const needed = ITEM_SOURCES.filter((source) => weights[source]);
  return (models) => {
    for (const source of needed) if (models[source] === undefined) throw notTrained(source);
  };
}

/** What to say of a model that a pipeline reads and nobody trained. */
export function notTrained(source: ItemSource | 'ials' | 'content'): Error {
  return new Error(`${source} was not trained for these models; declare it and start anew`);
}
