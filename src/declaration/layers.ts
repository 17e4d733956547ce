import Type, { type Static } from 'typebox';
import type { Layer } from '../declarations.ts';
import { share, toNumber } from './quantities.ts';

const closed = { additionalProperties: false } as const;

/** Schema of layers.yaml. */
export const layersFileSchema = Type.Object(
  {
    apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
    layers: Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
      Type.Object(
        {
          description: Type.Optional(Type.String({ description: 'What the layer is for.' })),
          salt: Type.String({
            minLength: 1,
            description: 'Places units in slices. Immutable, and different for every layer.',
          }),
          holdout: Type.Optional(
            Type.Object(
              {
                name: Type.String({
                  minLength: 1,
                  description: 'Salts who they are: layers that name the same holdout spare the same units.',
                }),
                share: share('Share of units that no experiment of this layer touches.'),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
      { additionalProperties: false, description: 'By name.' },
    ),
  },
  {
    ...closed,
    title: 'Screentest layers',
    description:
      'Experiments in disjoint slices of one layer exclude each other; different layers are independent.',
  },
);

export type LayersFile = Static<typeof layersFileSchema>;

/** Normalises a valid file. */
export function toLayers(file: LayersFile): Layer[] {
  return Object.entries(file.layers).map(([name, layer]) => ({
    name,
    salt: layer.salt,
    ...(layer.holdout !== undefined && {
      holdout: { name: layer.holdout.name, share: toNumber(layer.holdout.share) },
    }),
  }));
}
