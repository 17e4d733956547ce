import type { FastifyBaseLogger } from 'fastify';
import type { EventLog } from '../events/records.ts';
import type { Recommendation, RecommendationInput, Recommender } from '../recommend.ts';
import type { StageTiming } from '../variants/stage.ts';
import { ApiError, unavailable } from './errors.ts';
import type { ServerMetrics } from './metrics.ts';

export interface ServeParts {
  readonly recommender: Pick<Recommender, 'recommend' | 'recommendOutside'>;
  readonly eventLog: Pick<EventLog, 'append'>;
  /** Whether the surface would rather answer with 503 than with a slate that is no exposure. */
  readonly isStrict: (surface: string) => boolean;
  readonly metrics: Pick<
    ServerMetrics,
    'exposure' | 'exposureUnavailable' | 'fallback' | 'stage' | 'skipped' | 'relaxed'
  >;
  readonly log: FastifyBaseLogger;
}

/**
 * Answers a batch once its records are durable. When they cannot be made so, the batch is counted by the arms it would have had, and
 * served outside all experiments, or, on a strict surface, not at all.
 */
export function createServe({
  recommender,
  eventLog,
  isStrict,
  metrics,
  log,
}: ServeParts): (inputs: readonly RecommendationInput[]) => Promise<readonly (Recommendation | ApiError)[]> {
  return async (inputs) => {
    const recommendations = await recommender.recommend(inputs);
    const exposures = recommendations.flatMap((recommendation) => recommendation.exposures);
    let served: readonly (Recommendation | ApiError)[] = recommendations;
    try {
      await eventLog.append({ requests: recommendations.map(({ request }) => request), exposures });
      for (const { experiment, variant } of exposures) metrics.exposure(experiment, variant);
    } catch (error) {
      log.warn({ err: error, requests: inputs.length }, 'exposures cannot be made durable');
      for (const { experiment, variant } of exposures) metrics.exposureUnavailable(experiment, variant);
      const outside = await recommender.recommendOutside(inputs.filter(({ surface }) => !isStrict(surface)));
      let next = 0;
      served = inputs.map(({ surface }) => (isStrict(surface) ? notDurable(surface) : outside[next++]!));
    }
    // Requests ranked together share what was run for them.
    const run = new Set<StageTiming>();
    for (const answer of served) {
      if (answer instanceof ApiError) continue;
      const { request } = answer;
      for (const timing of request.stages) run.add(timing);
      for (const { stage, reason } of request.skipped) metrics.skipped(stage, reason);
      if (request.relaxed > 0) metrics.relaxed(request.surface);
      if (request.fallback !== 'none') metrics.fallback(request.surface, request.fallback);
    }
    for (const timing of run) metrics.stage(timing);
    return served;
  };
}

const notDurable = (surface: string): ApiError =>
  unavailable('exposure-unavailable', `no exposure can be made durable, and ${surface} serves none without`);
