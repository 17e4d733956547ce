import { Type } from 'typebox';
import { DEVICES } from '../ranking/catalogue.ts';
import { unavailable } from './errors.ts';
import { checkSurface, createLookups } from './lookups.ts';
import type { ServerParts } from './parts.ts';
import { AssignmentBody, BAD_REQUEST, Country, OneOf, UNAVAILABLE, UserParams } from './schemas.ts';
import type { TypedFastify } from './typed.ts';
import { checkUserId } from './user-id.ts';

/** GET /v1/assignments/:userId: an evaluation. Nothing is recorded. */
export function assignmentRoutes(parts: ServerParts) {
  return async function assignments(app: TypedFastify): Promise<void> {
    const lookups = createLookups(parts.declarations);
    app.get(
      '/v1/assignments/:userId',
      {
        schema: {
          summary: "A user's variants",
          description: 'No exposure: whoever acts on a variant posts an `exposure` event.',
          tags: ['serving'],
          params: UserParams,
          querystring: Type.Object(
            {
              surface: Type.Optional(Type.String({ description: 'a declared surface, for targeting' })),
              device: Type.Optional(OneOf(DEVICES, 'default: other')),
              country: Type.Optional(Country),
            },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object({
              user_id: Type.String(),
              experiments: Type.Array(AssignmentBody),
              configuration: Type.String(),
            }),
            ...BAD_REQUEST,
            ...UNAVAILABLE,
          },
        },
      },
      async (request) => {
        const { userId } = request.params;
        checkUserId(userId);
        const missing = parts.ready();
        if (missing.length > 0) throw unavailable('not-ready', `waiting for ${missing.join(', ')}`);
        const { surface, device, country } = request.query;
        const known = lookups();
        if (surface !== undefined) checkSurface(known, surface);
        const { assignments: decided } = parts.recommender.evaluate({
          userId,
          surface: surface ?? '',
          device: device ?? 'other',
          at: parts.clock(),
          ...(country === undefined ? {} : { country }),
        });
        return { user_id: userId, experiments: [...decided], configuration: known.version };
      },
    );
  };
}
