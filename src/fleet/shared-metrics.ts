import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  type Registry,
} from 'prom-client';
import type { Bus } from './bus.ts';

const METRICS = 'metrics';
/** Longest wait for the figures of the others, ms: those of one that hangs are left out. */
const ANSWER_MS = 1_000;

type Figures = MetricObjectWithValues<MetricValue<string>>[];

/** Gives the figures of this process to the others. @returns the text of all of them, each figure added up as it declares */
export function sharedMetrics(registry: Registry, bus: Bus): () => Promise<string> {
  bus.onAsked(METRICS, () => registry.getMetricsAsJSON());
  return async () => {
    const [own, others] = await Promise.all([
      registry.getMetricsAsJSON() as Promise<unknown>,
      bus.ask(METRICS, ANSWER_MS),
    ]);
    if (others.length === 0) return registry.metrics();
    // Its types speak of what it was written for; what it reads is what `getMetricsAsJSON` gives.
    return AggregatorRegistry.aggregate([own, ...others] as Figures[] as never).metrics();
  };
}
