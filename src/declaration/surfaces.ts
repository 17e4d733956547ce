import Type, { type Static } from 'typebox';
import { type SlateCacheDeclaration, type Surface, USUAL_CACHE } from '../declarations.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { pipelineSchema, toPipeline } from './pipeline.ts';
import { lifetime, lifetimeMs } from './quantities.ts';

const closed = { additionalProperties: false } as const;

function cacheSchema() {
  return Type.Object(
    {
      for: Type.Optional(
        lifetime(
          'So long a user gets the same slate again, until a watch or another profile changes them. Each answer is logged as a ' +
            'request and exposure of its own, with the propensities the slate was drawn with. Absent: every slate is made anew.',
        ),
      ),
      fallback: Type.Optional(
        lifetime(
          'So long a slate may stand in where the same pipeline fails for the same user. 0s: never. Default 1h.',
          0,
        ),
      ),
      slates: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 10_000_000,
          description:
            'Most slates kept by one process, about 1.5 kB each; the oldest goes first. Default 10000.',
        }),
      ),
    },
    { ...closed, description: 'What is kept of slates, by user, device, country, pipeline and versions.' },
  );
}

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
            deadline: Type.Optional(
              lifetime(
                'Time from the arrival of a request. Past it no stage is begun that can be left out, and one that waits for a model is ' +
                  'given up; a pipeline that cannot go on, or was not begun, gives way to the next step of the fallback ladder. ' +
                  'Absent: none.',
              ),
            ),
            durability: Type.Optional(
              Type.Union([Type.Literal('default'), Type.Literal('strict')], {
                description:
                  "When no exposure can be made durable: default answers with this surface's pipeline outside all experiments, " +
                  'strict with 503. Default default.',
              }),
            ),
            cache: Type.Optional(cacheSchema()),
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
  return Object.entries(file.surfaces).map(([name, { slots, pipeline, deadline, durability, cache }]) => ({
    name,
    slots,
    pipeline: toPipeline(pipeline),
    ...(deadline === undefined ? {} : { deadlineMs: lifetimeMs(deadline) }),
    ...(durability === undefined ? {} : { durability }),
    ...(cache === undefined ? {} : { cache: toCache(cache) }),
  }));
}

type CacheFile = NonNullable<SurfacesFile['surfaces'][string]['cache']>;

function toCache({ for: repeat, fallback, slates }: CacheFile): SlateCacheDeclaration {
  return {
    repeatMs: repeat === undefined ? USUAL_CACHE.repeatMs : lifetimeMs(repeat),
    fallbackMs: fallback === undefined ? USUAL_CACHE.fallbackMs : lifetimeMs(fallback),
    slates: slates ?? USUAL_CACHE.slates,
  };
}
