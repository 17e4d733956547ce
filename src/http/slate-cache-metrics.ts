import { Counter, Gauge, type Registry } from 'prom-client';
import type { SlateCacheStats } from '../variants/slate-cache.ts';

/** What is kept of slates and how often it helped, read when asked. The hit rate of a use is its hits over both its results. */
export function registerSlateCacheMetrics(
  registry: Registry,
  caches: () => ReadonlyMap<string, SlateCacheStats>,
): void {
  const registers = [registry];
  new Counter({
    name: 'screentest_slate_cache_requests_total',
    help: 'Looks for a kept slate: instead of running the pipeline (repeat), or because it made none (fallback)',
    labelNames: ['surface', 'use', 'result'],
    registers,
    collect() {
      this.reset();
      for (const [surface, { repeats, fallbacks }] of caches())
        for (const [use, { hits, misses }] of Object.entries({ repeat: repeats, fallback: fallbacks })) {
          this.inc({ surface, use, result: 'hit' }, hits);
          this.inc({ surface, use, result: 'miss' }, misses);
        }
    },
  });
  new Counter({
    name: 'screentest_slate_cache_evicted_total',
    help: 'Kept slates that gave way to others before their lifetime was over',
    labelNames: ['surface'],
    registers,
    collect() {
      this.reset();
      for (const [surface, { evicted }] of caches()) this.inc({ surface }, evicted);
    },
  });
  new Gauge({
    name: 'screentest_slate_cache_slates',
    help: 'Slates kept',
    labelNames: ['surface'],
    registers,
    collect() {
      for (const [surface, { slates }] of caches()) this.set({ surface }, slates);
    },
  });
}
