import type { Declarations } from './declarations.ts';
import { loadModels } from './files/artefacts.ts';
import { withItemModels } from './files/item-models.ts';
import { type KeptModels, readKeptModels } from './files/kept-models.ts';
import { withDeclaredScorers } from './onnx/with-declared-scorers.ts';
import type { Prepared } from './prepare.ts';
import type { Models } from './ranking/models.ts';
import { itemSourcesOf } from './variants/item-sources.ts';
import type { RehearsedPipeline } from './variants/rehearse.ts';

/** Where models that were swapped in are kept: by what was trained here, so that other data never get them. */
export const swappedFolder = ({ folder }: Pick<Prepared, 'folder'>): string => `${folder}-swapped`;

/**
 * Models of a folder in the place of those that were trained here: of the same catalogue, with what is known of its users.
 *
 * @throws an error that names the file and the mend
 */
export async function loadSwapped(
  folder: string,
  { catalogue, known, positiveWeight, training, models }: Prepared,
  declarations: Declarations,
): Promise<Models> {
  const loaded = await withItemModels(await loadModels(folder, catalogue), {
    folder,
    sources: itemSourcesOf(declarations),
    interactions: known,
    least: positiveWeight,
    parameters: training,
    untrained: true,
  });
  const { countries, hours } = models.trending;
  const served: Models = {
    ...loaded,
    trending: { ...loaded.trending, ...(countries && { countries }), ...(hours && { hours }) },
    ...(models.demographics && { demographics: models.demographics }),
  };
  return withDeclaredScorers(served, declarations.scorers);
}

/** The models a start serves. */
export interface FirstModels {
  readonly models: Models;
  /** Where they were swapped in, or would have been. */
  readonly kept: KeptModels | undefined;
}

/** The models swapped in last; where there are none, or they cannot be served, those that were trained here. */
export async function firstModels(
  prepared: Prepared,
  declarations: Declarations,
  note: (text: string) => void,
): Promise<FirstModels> {
  const kept = await readKeptModels(swappedFolder(prepared), (path) => note(`${path} is damaged`));
  if (kept !== undefined) {
    try {
      return { models: await loadSwapped(kept.folder, prepared, declarations), kept };
    } catch (error) {
      note(
        `the models swapped in last are refused, those trained here are served: ${(error as Error).message}`,
      );
    }
  }
  return { models: await withDeclaredScorers(prepared.models, declarations.scorers), kept };
}

/** Every pipeline that a request may be ranked by. */
export function declaredPipelines({ surfaces, experiments }: Declarations): RehearsedPipeline[] {
  const own = surfaces.map(({ name, slots, pipeline }) => ({
    name: `${name}/default`,
    surface: name,
    slots,
    stages: pipeline,
  }));
  const tested = experiments.flatMap(({ key, surface: name, variants }) =>
    variants.flatMap(({ key: variant, pipeline }) => {
      const surface = surfaces.find((one) => one.name === name);
      if (pipeline === undefined || surface === undefined) return [];
      return [{ name: `${key}/${variant}`, surface: surface.name, slots: surface.slots, stages: pipeline }];
    }),
  );
  return [...own, ...tested];
}
