import Type, { type Static } from 'typebox';
import type { Surface } from '../declarations.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { pipelineSchema, toPipeline } from './pipeline.ts';

const closed = { additionalProperties: false } as const;

/** Schema of surfaces.yaml. */
export function surfacesFileSchema(stages: readonly StageDefinition[]) {
  return Type.Object(
    {
      apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
      surfaces: Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
        Type.Object(
          {
            description: Type.Optional(Type.String({ description: 'Where viewers see it.' })),
            slots: Type.Integer({ minimum: 1, maximum: 200, description: 'Titles in a slate.' }),
            pipeline: pipelineSchema(
              stages,
              'For users in a holdout, outside every slice, or in no experiment.',
            ),
          },
          closed,
        ),
        { additionalProperties: false, minProperties: 1, description: 'By name.' },
      ),
    },
    {
      ...closed,
      title: 'Screentest surfaces',
      description: 'The places that show a slate, and what each shows outside experiments.',
    },
  );
}

export type SurfacesFile = Static<ReturnType<typeof surfacesFileSchema>>;

/** Normalises a valid file. */
export function toSurfaces(file: SurfacesFile): Surface[] {
  return Object.entries(file.surfaces).map(([name, { slots, pipeline }]) => ({
    name,
    slots,
    pipeline: toPipeline(pipeline),
  }));
}
