import type { TSchema } from 'typebox';
import { experimentSchema } from '../experiment.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { layersFileSchema } from './layers.ts';
import { metricsFileSchema } from './metrics.ts';
import { modelsFileSchema } from './models.ts';
import { surfacesFileSchema } from './surfaces.ts';

/** The schema of each kind of declaration file, by the name that the files' modelines use. */
export function declarationSchemas(stages: readonly StageDefinition[]): Readonly<Record<string, TSchema>> {
  return {
    experiment: experimentSchema(stages),
    metrics: metricsFileSchema,
    layers: layersFileSchema,
    surfaces: surfacesFileSchema(stages),
    models: modelsFileSchema,
  };
}

/** The same as JSON Schema files for editors: path under the repository -> text. */
export function editorSchemas(stages: readonly StageDefinition[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(declarationSchemas(stages)).map(([name, schema]) => [
      `schema/${name}.v1.json`,
      schemaFile(schema),
    ]),
  );
}

/** A schema as the text of a JSON Schema file. */
export function schemaFile(schema: TSchema): string {
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...withoutWords(schema) }, null, 2)}\n`;
}

/** Leaves out what only this program's errors use. */
function withoutWords(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema), (_, node) => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return node;
    const { expects, keysAre, ...rest } = node;
    return typeof expects === 'object' || typeof keysAre === 'object' ? node : rest;
  });
}
