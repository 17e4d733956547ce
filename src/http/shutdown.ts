import type { FastifyInstance } from 'fastify';

/** How often connections that fell idle during a shutdown are closed, ms. */
const SWEEP_MS = 50;

/**
 * Lets `close()` end as soon as the last request under way is answered: its connection then falls idle, and nobody would
 * close it before its keep-alive timeout.
 */
export function registerShutdown(app: FastifyInstance): void {
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  });
  app.addHook('onClose', async () => clearInterval(sweep));
}
