import { Type } from 'typebox';
import { ApiError, unavailable } from './errors.ts';
import { ReportBody } from './experiments.ts';
import { createLookups, experimentOr404 } from './lookups.ts';
import type { ServerParts } from './parts.ts';
import { BAD_REQUEST, ExperimentParams, NOT_FOUND, OneOf, UNAVAILABLE } from './schemas.ts';
import type { TypedFastify } from './typed.ts';

const AnalysisBody = Type.Union([
  Type.Object(
    {
      cutoff: Type.Optional(
        Type.Union(
          [Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 }), Type.String({ maxLength: 40 })],
          {
            description:
              'outcomes later than this are not read: epoch milliseconds or ISO 8601; default: now',
          },
        ),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
]);

/** POST /v1/experiments/:key/analyses, GET .../analyses/:job and GET /v1/experiments/:key/report. */
export function analysisRoutes(parts: ServerParts) {
  return async function analyses(app: TypedFastify): Promise<void> {
    const lookups = createLookups(parts.declarations);

    app.post(
      '/v1/experiments/:key/analyses',
      {
        // A body may be left out.
        preValidation: async (request) => {
          request.body ??= null;
        },
        schema: {
          summary: 'Ask for an analysis',
          tags: ['experiments'],
          params: ExperimentParams,
          body: AnalysisBody,
          response: {
            202: Type.Object({
              job: Type.String(),
              experiment: Type.String(),
              cutoff: Type.String(),
              status: Type.String({ description: 'where to ask how far it is' }),
              report: Type.String({ description: 'where the report will be' }),
            }),
            ...BAD_REQUEST,
            ...NOT_FOUND,
            ...UNAVAILABLE,
          },
        },
      },
      async (request, reply) => {
        const { key } = experimentOr404(lookups(), request.params.key);
        const cutoff = cutoffOf(request.body?.cutoff, parts.clock());
        let job: string;
        try {
          job = await parts.analyses.request(key, cutoff);
        } catch (error) {
          request.log.warn({ err: error, experiment: key }, 'an analysis cannot be queued');
          throw unavailable('analyses-unavailable', 'the analysis cannot be queued now');
        }
        const path = `/v1/experiments/${encodeURIComponent(key)}`;
        return reply.code(202).send({
          job,
          experiment: key,
          cutoff: new Date(cutoff).toISOString(),
          status: `${path}/analyses/${encodeURIComponent(job)}`,
          report: `${path}/report`,
        });
      },
    );

    app.get(
      '/v1/experiments/:key/analyses/:job',
      {
        schema: {
          summary: 'How far an analysis is',
          tags: ['experiments'],
          params: Type.Object({ key: Type.String(), job: Type.String() }),
          response: {
            200: Type.Object({
              job: Type.String(),
              state: OneOf(['waiting', 'running', 'done', 'failed']),
              progress: Type.Number({ minimum: 0, maximum: 1 }),
              failure: Type.Optional(Type.String()),
            }),
            ...NOT_FOUND,
          },
        },
      },
      async (request) => {
        experimentOr404(lookups(), request.params.key);
        const { job } = request.params;
        const status = await parts.analyses.status(job);
        if (status !== undefined) return { job, ...status };
        throw new ApiError(404, 'unknown-job', `no analysis is called ${job.slice(0, 100)}`, {
          place: 'params.job',
          mend: 'use the job of the answer to POST .../analyses',
        });
      },
    );

    app.get(
      '/v1/experiments/:key/report',
      {
        schema: {
          summary: 'The latest report, as JSON, Markdown or CSV',
          description:
            'Markdown with ?format=markdown or Accept: text/markdown; the estimates as a long table with ?format=csv or Accept: text/csv.',
          tags: ['experiments'],
          params: ExperimentParams,
          querystring: Type.Object(
            { format: Type.Optional(OneOf(['json', 'markdown', 'csv'])) },
            { additionalProperties: false },
          ),
          response: { 200: ReportBody, ...BAD_REQUEST, ...NOT_FOUND },
        },
      },
      async (request, reply) => {
        const { key } = experimentOr404(lookups(), request.params.key);
        const report = await parts.reports.latest(key);
        if (report === undefined) {
          throw new ApiError(404, 'no-report', `${key} has no report yet`, {
            place: 'params.key',
            mend: `POST /v1/experiments/${encodeURIComponent(key)}/analyses makes one`,
          });
        }
        const accept = request.headers.accept ?? '';
        const asked = (['markdown', 'csv'] as const).find((format) => accept.includes(`text/${format}`));
        const format = request.query.format ?? asked ?? 'json';
        reply.header('vary', 'accept');
        if (format === 'json')
          return reply.type('application/json; charset=utf-8').send(JSON.stringify(report) as never);
        if (format === 'csv') reply.header('content-disposition', `attachment; filename="${key}.csv"`);
        return reply.type(`text/${format}; charset=utf-8`).send(parts.reports[format](report) as never);
      },
    );
  };
}

/** @throws ApiError 400 */
function cutoffOf(given: number | string | undefined, now: number): number {
  if (given === undefined) return now;
  const time = typeof given === 'number' ? given : Date.parse(given);
  if (!Number.isNaN(time)) return time;
  throw new ApiError(400, 'invalid-request', `body.cutoff is ${JSON.stringify(given)}`, {
    place: 'body.cutoff',
    mend: 'use epoch milliseconds or ISO 8601, as 2026-10-29T00:00:00Z',
  });
}
