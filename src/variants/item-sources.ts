import type { Declarations, StageDeclaration } from '../declarations.ts';
import { ITEM_SOURCES, type ItemSource } from '../ranking/item-models.ts';

/** What the stages of this module's interest say, each valid by its schema. */
interface Parameters {
  readonly sources?: readonly object[];
  readonly weights?: object;
  readonly linear?: object;
}

/** The item models that some declared pipeline takes candidates from or weighs scores of: the others need not be trained. */
export function itemSourcesOf({
  surfaces,
  experiments,
}: Pick<Declarations, 'surfaces' | 'experiments'>): ItemSource[] {
  return itemSourcesOfPipelines([
    ...surfaces.map(({ pipeline }) => pipeline),
    ...experiments.flatMap(({ variants }) => variants.map(({ pipeline = [] }) => pipeline)),
  ]);
}

/** The same of some pipelines. */
export function itemSourcesOfPipelines(pipelines: readonly (readonly StageDeclaration[])[]): ItemSource[] {
  const named = new Set<string>();
  for (const { parameters } of pipelines.flat()) {
    const { sources = [], weights = {}, linear = {} } = parameters as Parameters;
    for (const said of [...sources, weights, linear])
      for (const [name, amount] of Object.entries(said)) if (amount !== 0) named.add(name);
  }
  return ITEM_SOURCES.filter((source) => named.has(source));
}
