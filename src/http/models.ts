import { Type } from 'typebox';
import { ApiError, ErrorBody } from './errors.ts';
import type { ServerParts } from './parts.ts';
import type { TypedFastify } from './typed.ts';

const Body = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      maxLength: 4_096,
      description: "a folder of trained models on the server's machine, by its absolute path",
    }),
  },
  { additionalProperties: false },
);

/** POST /v1/models/swap: other models are tried and taken as a whole, or not at all. */
export function modelRoutes(swap: NonNullable<ServerParts['swap']>) {
  return async function models(app: TypedFastify): Promise<void> {
    app.post(
      '/v1/models/swap',
      {
        schema: {
          summary: 'Serve other models',
          description:
            'They are loaded beside those that are served and tried with every declared pipeline. Where anything fails, what was served stays.',
          tags: ['operations'],
          body: Body,
          response: {
            200: Type.Object({
              models: Type.String({ description: 'version of the models now served' }),
              changed: Type.Boolean(),
              behind: Type.Integer({
                description: 'processes of this server that answered and serve other models still',
              }),
            }),
            409: ErrorBody,
          },
        },
      },
      async ({ body }) => {
        const swapped = await swap(body.folder);
        if (swapped.ok) return { models: swapped.version, changed: swapped.changed, behind: swapped.behind };
        throw new ApiError(409, 'models-refused', swapped.reason, {
          mend: 'mend the models and ask again; those that were served before stay',
        });
      },
    );
  };
}
