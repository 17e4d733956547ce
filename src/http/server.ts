import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { admissionHook } from './admit.ts';
import { analysisRoutes } from './analyses.ts';
import { assignmentRoutes } from './assignments.ts';
import { configurationRoutes } from './configuration.ts';
import { registerControlMetrics } from './control-metrics.ts';
import { answerError, registerErrors } from './errors.ts';
import { eventRoutes } from './events.ts';
import { experimentStateRoutes } from './experiment-states.ts';
import { experimentRoutes } from './experiments.ts';
import { healthRoutes } from './health.ts';
import { createMetrics, registerMetrics } from './metrics.ts';
import { modelRoutes } from './models.ts';
import { registerOpenApi } from './openapi.ts';
import { pageRoutes } from './pages.ts';
import type { ServerParts } from './parts.ts';
import { createRecentRequests } from './recent-requests.ts';
import { recommendationRoutes } from './recommendations.ts';
import { reproductionRoutes } from './reproductions.ts';
import { registerShutdown } from './shutdown.ts';
import { registerSlateCacheMetrics } from './slate-cache-metrics.ts';
import { registerSpoolMetrics } from './spool-metrics.ts';
import { userRoutes } from './users.ts';
import { registerValidation } from './validation.ts';

/** Largest body taken, bytes. */
export const BODY_LIMIT = 256 * 1024;
/** Slates whose outcomes are known as ours without a look into the database. */
export const RECENT_REQUESTS = 100_000;
/** Recommendation requests under way at once. */
const PLACES = { least: 32, most: 256 };
/** Longest wait of one for its place, ms: who waits longer than this has mostly been given up. */
const WAIT_MS = 400;
/** Requests that may wait for a place, a few kB each. */
const MOST_WAITING = 10_000;

/**
 * The API and the pages over the given parts; nothing listens yet. `close()` lets requests under way finish and refuses new
 * ones, and must come before the event log is closed.
 */
export function createServer(parts: ServerParts): FastifyInstance {
  const app = Fastify({
    ...(parts.logger === undefined ? { logger: false } : { loggerInstance: parts.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 16 * 1024 },
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const metrics = createMetrics(parts.environment, parts.queueDepth);
  if (parts.spool !== undefined) registerSpoolMetrics(metrics.registry, parts.spool);
  if (parts.control !== undefined) registerControlMetrics(metrics.registry, parts.control);
  registerSlateCacheMetrics(metrics.registry, () => parts.recommender.slateCaches());
  const served = parts.served ?? createRecentRequests(RECENT_REQUESTS);
  const { places = PLACES, waitMs = WAIT_MS } = parts.admission ?? {};
  const admit = admissionHook(metrics.registry, { places, waitMs, queue: MOST_WAITING });

  // What is not JSON is refused rather than read.
  app.removeContentTypeParser('text/plain');
  registerErrors(app);
  registerShutdown(app);
  registerValidation(app);
  app.register(async (root) => {
    const routes = root.withTypeProvider<TypeBoxTypeProvider>();
    await registerOpenApi(routes);
    registerMetrics(root, metrics, parts.metricsText?.(metrics.registry));
    await routes.register(recommendationRoutes(parts, metrics, served, admit));
    await routes.register(eventRoutes(parts, metrics, served));
    await routes.register(userRoutes(parts));
    await routes.register(assignmentRoutes(parts));
    await routes.register(experimentRoutes(parts));
    if (parts.decide !== undefined) await routes.register(experimentStateRoutes(parts, parts.decide));
    if (parts.reload !== undefined) await routes.register(configurationRoutes(parts.reload));
    if (parts.swap !== undefined) await routes.register(modelRoutes(parts.swap));
    await routes.register(analysisRoutes(parts));
    await routes.register(reproductionRoutes(parts));
    await routes.register(healthRoutes(parts));
    if (parts.assets !== undefined) await routes.register(pageRoutes(parts.assets));
  });
  return app;
}
