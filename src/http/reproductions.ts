import { Type } from 'typebox';
import type { ServerParts } from './parts.ts';
import type { TypedFastify } from './typed.ts';

const Body = Type.Object({
  reproductions: Type.Array(
    Type.Unsafe<unknown>({
      type: 'object',
      additionalProperties: true,
      description: 'schema screentest/reproduction/v1',
    }),
  ),
});

/** GET /v1/reproductions. */
export function reproductionRoutes(parts: ServerParts) {
  return async function reproductions(app: TypedFastify): Promise<void> {
    app.get(
      '/v1/reproductions',
      {
        schema: {
          summary: 'Reproductions of the published test',
          description: 'What `screentest reproduce` found, of every run in this database that has ended.',
          tags: ['analysis'],
          response: { 200: Body },
        },
      },
      async () => ({ reproductions: [...((await parts.reproductions?.()) ?? [])] }),
    );
  };
}
