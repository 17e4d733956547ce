import { Type } from 'typebox';
import { AGE_GROUPS } from '../ranking/catalogue.ts';
import { ApiError, ErrorBody, unavailable } from './errors.ts';
import type { ServerParts } from './parts.ts';
import { BAD_REQUEST, Country, OneOf, UNAVAILABLE, UserParams } from './schemas.ts';
import type { TypedFastify } from './typed.ts';
import { checkUserId } from './user-id.ts';

const ProfileBody = Type.Object(
  {
    country: Type.Optional(Country),
    age_group: Type.Optional(OneOf(AGE_GROUPS)),
    picks: Type.Optional(
      Type.Array(Type.String({ maxLength: 256 }), {
        maxItems: 100,
        uniqueItems: true,
        description: 'ids of titles picked at onboarding',
      }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

/** PUT /v1/users/:userId. */
export function userRoutes(parts: ServerParts) {
  return async function users(app: TypedFastify): Promise<void> {
    app.put(
      '/v1/users/:userId',
      {
        schema: {
          summary: 'Say who a user is',
          description: 'What is left out keeps its value.',
          tags: ['serving'],
          params: UserParams,
          body: ProfileBody,
          response: {
            200: Type.Object({
              user_id: Type.String(),
              country: Type.String({ description: "'' for unknown" }),
              age_group: OneOf(AGE_GROUPS),
              picks: Type.Array(Type.String()),
            }),
            ...BAD_REQUEST,
            413: ErrorBody,
            ...UNAVAILABLE,
          },
        },
      },
      async (request) => {
        const { userId } = request.params;
        checkUserId(userId);
        const missing = parts.ready();
        if (missing.length > 0) throw unavailable('not-ready', `waiting for ${missing.join(', ')}`);
        const { country, age_group: ageGroup, picks } = request.body;
        const { catalogue } = parts.models();
        const profile = {
          ...(country === undefined ? {} : { country }),
          ...(ageGroup === undefined ? {} : { ageGroup }),
          ...(picks === undefined
            ? {}
            : { picks: picks.map((title, i) => rowOf(catalogue.rowOf, title, i)) }),
        };
        try {
          await parts.profiles.save(userId, profile);
        } catch (error) {
          request.log.warn({ err: error }, 'a profile cannot be made durable');
          throw unavailable('profiles-unavailable', 'the profile cannot be made durable now');
        }
        parts.viewers.profile(userId, profile);
        const viewer = parts.viewers.get(userId);
        return {
          user_id: userId,
          country: viewer.country,
          age_group: viewer.ageGroup,
          picks: viewer.picks.map((row) => catalogue.ids[row]!),
        };
      },
    );
  };
}

function rowOf(rows: ReadonlyMap<string, number>, title: string, pick: number): number {
  const row = rows.get(title);
  if (row !== undefined) return row;
  throw new ApiError(400, 'unknown-title', `title ${title.slice(0, 100)} is not in the catalogue`, {
    place: `body.picks.${pick}`,
    mend: "use the id of a slate's title",
  });
}
