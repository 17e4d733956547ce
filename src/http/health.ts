import { Type } from 'typebox';
import type { ServerParts } from './parts.ts';
import type { TypedFastify } from './typed.ts';

const NotReady = Type.Object({
  ready: Type.Boolean(),
  missing: Type.Array(Type.String(), { description: 'what is waited for' }),
  notes: Type.Array(Type.String(), {
    description: 'what is not as it should be, and does not keep it from serving',
  }),
});

/** /healthz: the process answers. /readyz: recommendations can be served, now and in the seconds to come. */
export function healthRoutes(parts: Pick<ServerParts, 'ready' | 'draining' | 'notes'>) {
  return async function health(app: TypedFastify): Promise<void> {
    app.get(
      '/healthz',
      {
        schema: {
          summary: 'Whether the process answers',
          tags: ['operations'],
          response: { 200: Type.Object({ status: Type.String() }) },
        },
      },
      async () => ({ status: 'ok' }),
    );
    app.get(
      '/readyz',
      {
        schema: {
          summary: 'Whether recommendations can be served',
          tags: ['operations'],
          response: { 200: NotReady, 503: NotReady },
        },
      },
      async (_request, reply) => {
        const missing = [
          ...parts.ready(),
          ...(parts.draining?.() ? ['a start: this process is stopping'] : []),
        ];
        if (missing.length > 0) reply.code(503).header('retry-after', 1);
        return { ready: missing.length === 0, missing, notes: [...(parts.notes?.() ?? [])] };
      },
    );
  };
}
