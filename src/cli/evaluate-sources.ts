import { InvalidInput } from '../files/invalid-input.ts';
import { withItemModels } from '../files/item-models.ts';
import type { Prepared } from '../prepare.ts';
import { easeOrder } from '../ranking/ease.ts';
import { popularOrder, SLATE_LENGTH } from '../ranking/evaluate.ts';
import { finishedTitles } from '../ranking/finished-titles.ts';
import type { ItemSource } from '../ranking/item-models.ts';
import type { Models } from '../ranking/models.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { EASE_UNASKED } from './granted-sources.ts';

/** Candidate sources that are measured alone, in the order of the table. */
export const EVALUATED_SOURCES = ['popularity', 'content', 'itemKnn', 'ials', 'ease'] as const;
export type EvaluatedSource = (typeof EVALUATED_SOURCES)[number];

/** What is not measured, and why. */
export interface LeftOut {
  /** Of the source or pipeline. */
  readonly name: string;
  readonly reason: string;
}

/** Models with the item models that are measured, and what is not. */
export interface MeasuredModels {
  readonly models: Models;
  readonly sources: readonly EvaluatedSource[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The models with the item models that the wanted sources and the declared pipelines need. Unless it is named, EASE is left
 * out where it would take long or is impossible.
 *
 * @param asked sources named by the user; undefined: all that are quick
 */
export async function modelsToMeasure(
  prepared: Prepared,
  declared: readonly ItemSource[],
  asked: readonly EvaluatedSource[] | undefined,
  progress: (step: string, share: number) => void = () => {},
): Promise<MeasuredModels> {
  const { folder, known, positiveWeight, catalogue, training } = prepared;
  const leftOut: LeftOut[] = [];
  const wanted = new Set(asked ?? EVALUATED_SOURCES);
  if (asked === undefined && !declared.includes('ease')) {
    const order = easeOrder(known, catalogue.size, positiveWeight);
    if (order > EASE_UNASKED) {
      const rows = order.toLocaleString('en');
      leftOut.push({
        name: 'ease',
        reason: `inverts a matrix of ${rows} rows, which takes minutes; --sources ease measures it`,
      });
      wanted.delete('ease');
    }
  }
  let models = prepared.models;
  const needed = (['itemKnn', 'ease'] as const).filter((one) => wanted.has(one) || declared.includes(one));
  const options = { folder, interactions: known, least: positiveWeight, parameters: training, progress };
  try {
    models = await withItemModels(prepared.models, { ...options, sources: needed });
  } catch (error) {
    if (!(error instanceof InvalidInput) || asked !== undefined || declared.includes('ease')) throw error;
    leftOut.push({ name: 'ease', reason: error.message });
    wanted.delete('ease');
    models = await withItemModels(prepared.models, {
      ...options,
      sources: needed.filter((one) => one !== 'ease'),
    });
  }
  return { models, sources: EVALUATED_SOURCES.filter((source) => wanted.has(source)), leftOut };
}

/**
 * The best titles of one source alone for each viewer, without what they finished. Nothing fills up a source that knows too
 * little of a viewer. Popularity counts the interactions that users took to, in what the models were trained on.
 */
export function slatesOfSource(
  source: EvaluatedSource,
  { known, positiveWeight, catalogue }: Prepared,
  viewers: readonly Viewer[],
  lists: ReadonlyMap<string, CandidateLists>,
  slots = SLATE_LENGTH,
): Int32Array[] {
  if (source !== 'popularity')
    return viewers.map(({ id }) => lists.get(id)?.[source]?.titles.slice(0, slots) ?? new Int32Array(0));
  const order = popularOrder(known, catalogue.size, positiveWeight);
  return viewers.map((viewer) => {
    const finished = finishedTitles(viewer, catalogue);
    const slate: number[] = [];
    for (let place = 0; place < order.length && slate.length < slots; place++)
      if (!finished.has(order[place]!)) slate.push(order[place]!);
    return Int32Array.from(slate);
  });
}
