import type { Declarations, StageDeclaration } from '../declarations.ts';
import { ITEM_SOURCES, type ItemSource } from '../ranking/item-models.ts';

/** The item models that some declared pipeline takes candidates from: the others need not be trained. */
export function itemSourcesOf({ surfaces, experiments }: Declarations): ItemSource[] {
  const pipelines: (readonly StageDeclaration[] | undefined)[] = [
    ...surfaces.map(({ pipeline }) => pipeline),
    ...experiments.flatMap(({ variants }) => variants.map(({ pipeline }) => pipeline)),
  ];
  const named = new Set<string>();
  for (const { stage, parameters } of pipelines.flatMap((stages) => stages ?? [])) {
    if (stage !== 'candidates') continue;
    for (const quota of (parameters as { sources: readonly object[] }).sources)
      for (const source of Object.keys(quota)) named.add(source);
  }
  return ITEM_SOURCES.filter((source) => named.has(source));
}
