import { suggestion } from '../declaration/suggest.ts';
import type { Declarations, Experiment } from '../declarations.ts';
import { ApiError } from './errors.ts';

/** Names of one version of the declarations, indexed. */
export interface Lookups {
  readonly version: string;
  readonly surfaces: ReadonlySet<string>;
  /** Those that serve no slate which is no exposure. */
  readonly strict: ReadonlySet<string>;
  readonly experiments: ReadonlyMap<string, Experiment>;
}

/** Indexes the declarations again only when their version changed. */
export function createLookups(declarations: () => Declarations): () => Lookups {
  let current: Lookups | undefined;
  return () => {
    const { version, surfaces, experiments } = declarations();
    if (current?.version !== version) {
      current = {
        version,
        surfaces: new Set(surfaces.map((surface) => surface.name)),
        strict: new Set(
          surfaces.filter(({ durability }) => durability === 'strict').map((surface) => surface.name),
        ),
        experiments: new Map(experiments.map((experiment) => [experiment.key, experiment])),
      };
    }
    return current;
  };
}

/** @throws ApiError 404 */
export function experimentOr404({ experiments }: Lookups, key: string): Experiment {
  const experiment = experiments.get(key);
  if (experiment !== undefined) return experiment;
  throw new ApiError(404, 'unknown-experiment', `no experiment is called ${key.slice(0, 100)}`, {
    place: 'params.key',
    mend: suggestion(key, experiments.keys()),
  });
}

/** @throws ApiError 400 */
export function checkSurface({ surfaces }: Lookups, surface: string): void {
  if (surfaces.has(surface)) return;
  throw new ApiError(400, 'unknown-surface', `no surface is called ${surface.slice(0, 100)}`, {
    place: 'query.surface',
    mend: `use one of ${[...surfaces].join(', ')}`,
  });
}

/**
 * Variant by experiment from texts `experiment:variant`; undefined when there are none.
 * @throws ApiError 400
 */
export function forcedVariants(
  { experiments }: Lookups,
  force: readonly string[] | undefined,
): Record<string, string> | undefined {
  if (force === undefined || force.length === 0) return undefined;
  const forced: Record<string, string> = {};
  for (const text of force) {
    const colon = text.indexOf(':');
    const [key, variant] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
    const experiment = experiments.get(key);
    const refuse = (message: string, mend: string) =>
      new ApiError(400, 'unknown-variant', message, { place: 'query.force', mend });
    if (experiment === undefined) {
      throw refuse(
        `${text.slice(0, 100)} names no experiment`,
        `EXPERIMENT:VARIANT; ${suggestion(key, experiments.keys())}`,
      );
    }
    const variants = experiment.variants.map((declared) => declared.key);
    if (!variants.includes(variant)) {
      throw refuse(`${key} has no variant ${variant.slice(0, 100)}`, suggestion(variant, variants));
    }
    forced[key] = variant;
  }
  return forced;
}
