import { Type } from 'typebox';
import { ApiError, ErrorBody } from './errors.ts';
import type { ServerParts } from './parts.ts';
import type { TypedFastify } from './typed.ts';

/** Mistakes named in an answer; the log has all. */
const NAMED = 10;

/** POST /v1/configuration/reload: the declarations are read anew, and taken as a whole or not at all. */
export function configurationRoutes(reload: NonNullable<ServerParts['reload']>) {
  return async function configuration(app: TypedFastify): Promise<void> {
    app.post(
      '/v1/configuration/reload',
      {
        schema: {
          summary: 'Read the declarations anew',
          description:
            'What is broken, or would move users of a running iteration, is refused; what was served stays.',
          tags: ['operations'],
          response: {
            200: Type.Object({
              configuration: Type.String({ description: 'version of the declarations now served' }),
              changed: Type.Boolean(),
            }),
            409: ErrorBody,
          },
        },
      },
      async () => {
        const read = await reload();
        if (read.ok) return { configuration: read.version, changed: read.changed };
        const { mistakes } = read;
        const more = mistakes.length > NAMED ? `, and ${mistakes.length - NAMED} more` : '';
        throw new ApiError(409, 'configuration-refused', `${mistakes.slice(0, NAMED).join('\n')}${more}`, {
          mend: 'mend the files and ask again; what was served before stays',
        });
      },
    );
  };
}
