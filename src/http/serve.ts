import type { FastifyBaseLogger } from 'fastify';
import type { EventLog } from '../events/records.ts';
import type { Recommendation, RecommendationInput, Recommender } from '../recommend.ts';
import type { StageTiming } from '../variants/stage.ts';
import type { ServerMetrics } from './metrics.ts';

/**
 * Answers a batch once its records are durable. When they cannot be made so, the batch is served outside all experiments and
 * counted by the arms it would have had.
 */
export function createServe(
  recommender: Recommender,
  eventLog: Pick<EventLog, 'append'>,
  metrics: Pick<
    ServerMetrics,
    'exposure' | 'exposureUnavailable' | 'fallback' | 'stage' | 'skipped' | 'relaxed'
  >,
  log: FastifyBaseLogger,
): (inputs: readonly RecommendationInput[]) => Promise<readonly Recommendation[]> {
  return async (inputs) => {
    const recommendations = await recommender.recommend(inputs);
    const exposures = recommendations.flatMap((recommendation) => recommendation.exposures);
    let served = recommendations;
    try {
      await eventLog.append({ requests: recommendations.map(({ request }) => request), exposures });
      for (const { experiment, variant } of exposures) metrics.exposure(experiment, variant);
    } catch (error) {
      log.warn(
        { err: error, requests: inputs.length },
        'exposures cannot be made durable: served outside experiments',
      );
      for (const { experiment, variant } of exposures) metrics.exposureUnavailable(experiment, variant);
      served = await recommender.recommendOutside(inputs);
    }
    // Requests ranked together share what was run for them.
    const run = new Set<StageTiming>();
    for (const { request } of served) {
      for (const timing of request.stages) run.add(timing);
      for (const { stage, reason } of request.skipped) metrics.skipped(stage, reason);
      if (request.relaxed > 0) metrics.relaxed(request.surface);
      if (request.fallback !== 'none') metrics.fallback(request.surface, request.fallback);
    }
    for (const timing of run) metrics.stage(timing);
    return served;
  };
}
