import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

/** The one shape of every answer that is not a success. */
export const ErrorBody = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'stable, for programs' }),
      message: Type.String({ description: 'what is wrong' }),
      place: Type.Optional(Type.String({ description: 'the part of the request it speaks of' })),
      mend: Type.Optional(Type.String({ description: 'what would be right' })),
    }),
  },
  { description: 'Error' },
);

export interface ErrorDetails {
  readonly place?: string;
  readonly mend?: string;
  /** Seconds after which to try again, for 429 and 503. */
  readonly retryAfter?: number;
}

/** An answer of 400 and above, thrown by a handler. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(status: number, code: string, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Why a handler cannot work now; the caller may send the same again. */
export function unavailable(code: string, message: string, retryAfter = 2): ApiError {
  return new ApiError(503, code, message, { mend: 'send the same request again', retryAfter });
}

/** The answer to an error that Fastify raised before or in a handler; undefined for one of our own making. */
function fromFastify(error: FastifyError): ApiError | undefined {
  switch (error.code) {
    case 'FST_ERR_VALIDATION':
      return invalid(error);
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(413, 'body-too-large', 'the body exceeds 256 KiB', {
        mend: 'send smaller batches',
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError(415, 'unknown-media-type', 'the body is not application/json', {
        place: 'headers.content-type',
        mend: 'send JSON with content-type: application/json',
      });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new ApiError(400, 'malformed-json', error.message, {
        place: 'body',
        mend: 'send one JSON document',
      });
    case 'FST_ERR_BAD_URL':
      return new ApiError(400, 'malformed-url', 'the path is not percent-encoded UTF-8', {
        place: 'url',
        mend: 'encode each part of the path with encodeURIComponent',
      });
  }
  if (error instanceof SyntaxError) {
    return new ApiError(400, 'malformed-json', error.message, {
      place: 'body',
      mend: 'send one JSON document',
    });
  }
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? new ApiError(status, 'bad-request', error.message) : undefined;
}

function invalid(error: FastifyError): ApiError {
  const [first] = error.validation ?? [];
  const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'request');
  const place = `${part}${(first?.instancePath ?? '').replaceAll('/', '.')}`;
  const { additionalProperty, allowedValues } = (first?.params ?? {}) as {
    additionalProperty?: string;
    allowedValues?: readonly string[];
  };
  if (additionalProperty !== undefined) {
    return new ApiError(400, 'invalid-request', `${place}.${additionalProperty} is not known`, {
      place: `${place}.${additionalProperty}`,
      mend: 'GET /docs lists what is',
    });
  }
  const mend = allowedValues === undefined ? {} : { mend: `use one of ${allowedValues.join(', ')}` };
  return new ApiError(400, 'invalid-request', `${place} ${first?.message ?? error.message}`, {
    place,
    ...mend,
  });
}

function send(reply: FastifyReply, { status, code, message, details }: ApiError): FastifyReply {
  const { place, mend, retryAfter } = details;
  if (retryAfter !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfter)));
  return reply.code(status).send({
    error: {
      code,
      message,
      ...(place === undefined ? {} : { place }),
      ...(mend === undefined ? {} : { mend }),
    },
  });
}

/** Answers whatever goes wrong, in any route or before one is found. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = error instanceof ApiError ? error : fromFastify(error);
  if (answer !== undefined) return send(reply, answer);
  request.log.error({ err: error }, 'request failed');
  return send(reply, new ApiError(500, 'internal', 'the server failed; its log says why'));
}

export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    return send(
      reply,
      new ApiError(404, 'unknown-route', `${request.method} ${path.slice(0, 200)} is no route`, {
        place: 'url',
        mend: 'GET /docs lists the routes',
      }),
    );
  });
}
