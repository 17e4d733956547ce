import type { onRequestHookHandler } from 'fastify';
import { Type } from 'typebox';
import { DEVICES } from '../ranking/catalogue.ts';
import type { RecommendationInput } from '../recommend.ts';
import { createBatcher } from './batcher.ts';
import { ApiError, ErrorBody, unavailable } from './errors.ts';
import { checkSurface, createLookups, forcedVariants } from './lookups.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServerParts } from './parts.ts';
import type { RecentRequests } from './recent-requests.ts';
import { BAD_REQUEST, Country, OneOf, UserParams } from './schemas.ts';
import { createServe } from './serve.ts';
import { SlateBody, slateJson } from './slate-json.ts';
import type { TypedFastify } from './typed.ts';
import { checkUserId } from './user-id.ts';

/** Most slots of one slate. */
const MAX_SLOTS = 100;
const UUID_V7 = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

const Query = Type.Object(
  {
    surface: Type.Optional(
      Type.String({ description: 'a declared surface; default: the first declared one' }),
    ),
    device: Type.Optional(OneOf(DEVICES, 'default: other')),
    country: Type.Optional(Country),
    k: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_SLOTS, description: "slots; default: the surface's" }),
    ),
    request_id: Type.Optional(
      Type.String({
        pattern: UUID_V7,
        description: 'a UUIDv7 in lower case, used once; default: one of ours',
      }),
    ),
    force: Type.Optional(
      Type.Array(Type.String({ examples: ['homepage-hybrid:hybrid'] }), {
        maxItems: 10,
        description: 'EXPERIMENT:VARIANT for QA; such exposures are logged and never analysed',
      }),
    ),
  },
  { additionalProperties: false },
);

/** GET /v1/recommendations/:userId. Requests of one turn of the event loop share one ranking and one append. */
export function recommendationRoutes(
  parts: ServerParts,
  metrics: ServerMetrics,
  served: RecentRequests,
  admit: onRequestHookHandler,
) {
  return async function recommendations(app: TypedFastify): Promise<void> {
    const lookups = createLookups(parts.declarations);
    const { recommender, eventLog } = parts;
    const isStrict = (surface: string): boolean => lookups().strict.has(surface);
    const batcher = createBatcher(createServe({ recommender, eventLog, isStrict, metrics, log: app.log }));

    app.get(
      '/v1/recommendations/:userId',
      {
        onRequest: admit,
        schema: {
          summary: 'A slate for a user',
          description: 'The exposure is durable before the answer leaves.',
          tags: ['serving'],
          params: UserParams,
          querystring: Query,
          response: { 200: SlateBody, ...BAD_REQUEST, 503: ErrorBody },
        },
      },
      async (request, reply) => {
        const { userId } = request.params;
        checkUserId(userId);
        const missing = parts.ready();
        if (missing.length > 0) throw unavailable('not-ready', `waiting for ${missing.join(', ')}`);
        const { query } = request;
        const known = lookups();
        const surface = query.surface ?? parts.declarations().surfaces[0]!.name;
        checkSurface(known, surface);
        const forced = forcedVariants(known, query.force);
        const input: RecommendationInput = {
          requestId: query.request_id ?? parts.newId(),
          userId,
          surface,
          device: query.device ?? 'other',
          at: parts.clock(),
          ...(parts.micros === undefined ? {} : { arrivedMicros: parts.micros() }),
          ...(query.country === undefined ? {} : { country: query.country }),
          ...(query.k === undefined ? {} : { k: query.k }),
          ...(forced === undefined ? {} : { forced }),
        };
        const models = parts.models();
        const recommendation = await batcher.submit(input);
        if (recommendation instanceof ApiError) throw recommendation;
        const catalogue =
          recommendation.request.models === models.version ? models.catalogue : parts.models().catalogue;
        served.add(recommendation.request.id, recommendation.request.surface);
        reply.header('content-type', 'application/json; charset=utf-8');
        // Already JSON: `never` says that the serialiser made from the schema is not asked.
        return reply.send(slateJson(recommendation, catalogue) as never);
      },
    );
  };
}
