import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Type } from 'typebox';
import type { StageTiming } from '../variants/stage.ts';

/** Figures of one server, of low cardinality: routes, experiments and variants, never users or titles. */
export interface ServerMetrics {
  readonly registry: Registry;
  exposure(experiment: string, variant: string): void;
  /** A request served outside its experiments because no exposure could be made durable. */
  exposureUnavailable(experiment: string, variant: string): void;
  fallback(surface: string, step: string): void;
  /** What one stage did for a batch. */
  stage(timing: StageTiming): void;
  /** A request whose pipeline went on without a stage. */
  skipped(stage: string, reason: string): void;
  /** A slate whose genre cap had to give way. */
  relaxed(surface: string): void;
  outcome(result: string, count: number): void;
  close(): void;
}

const LABELS = ['environment'] as const;
const MEMORY = [
  ['rss', 'resident_memory', 'Resident memory of the process'],
  ['heapUsed', 'heap_used', 'JavaScript objects of the process'],
  ['external', 'external_memory', 'Buffers of the process outside the heap'],
] as const;

export function createMetrics(environment: string, queueDepth?: () => number): ServerMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ [LABELS[0]]: environment });
  const registers = [registry];
  const exposures = new Counter({
    name: 'screentest_exposures_total',
    help: 'Exposures made durable, repeated ones included',
    labelNames: ['experiment', 'variant'],
    registers,
  });
  const unexposed = new Counter({
    name: 'screentest_exposures_unavailable_total',
    help: 'Requests served outside an experiment because no exposure could be made durable, by the arm they would have had',
    labelNames: ['experiment', 'variant'],
    registers,
  });
  const fallbacks = new Counter({
    name: 'screentest_fallbacks_total',
    help: 'Slates that came from a lower step of the fallback ladder',
    labelNames: ['surface', 'step'],
    registers,
  });
  const skips = new Counter({
    name: 'screentest_stages_skipped_total',
    help: 'Requests whose pipeline went on without a stage that failed or was late',
    labelNames: ['stage', 'reason'],
    registers,
  });
  const relaxations = new Counter({
    name: 'screentest_caps_relaxed_total',
    help: 'Slates with more titles of a genre than the cap allows, as no others were left',
    labelNames: ['surface'],
    registers,
  });
  const stageSeconds = new Histogram({
    name: 'screentest_stage_duration_seconds',
    help: 'Time of a stage over the requests ranked together',
    labelNames: ['stage'],
    buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
    registers,
  });
  const stageTitles = new Counter({
    name: 'screentest_stage_titles_total',
    help: 'Candidates a stage was given',
    labelNames: ['stage'],
    registers,
  });
  const outcomes = new Counter({
    name: 'screentest_outcomes_total',
    help: 'Posted events by what became of them',
    labelNames: ['result'],
    registers,
  });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  new Gauge({
    name: 'screentest_event_loop_lag_seconds',
    help: '99th percentile of the event loop delay since the last scrape',
    aggregator: 'max',
    registers,
    collect() {
      this.set(delay.count === 0 ? 0 : delay.percentile(99) / 1e9);
      delay.reset();
    },
  });
  for (const [kind, name, help] of MEMORY)
    new Gauge({
      name: `screentest_${name}_bytes`,
      help,
      registers,
      collect() {
        this.set(process.memoryUsage()[kind]);
      },
    });
  if (queueDepth !== undefined) {
    new Gauge({
      name: 'screentest_queue_depth',
      help: 'Records that wait to become durable',
      registers,
      collect() {
        this.set(queueDepth());
      },
    });
  }
  const exposed = remembered(exposures);
  const missed = remembered(unexposed);
  const fell = remembered(fallbacks);
  const came = remembered(outcomes);
  const skipped = remembered(skips);
  const relaxed = remembered(relaxations);
  const titlesSeen = remembered(stageTitles);
  return {
    registry,
    exposure: (experiment, variant) => exposed(experiment, variant).inc(),
    exposureUnavailable: (experiment, variant) => missed(experiment, variant).inc(),
    fallback: (surface, step) => fell(surface, step).inc(),
    stage: ({ stage, micros, titles }) => {
      stageSeconds.observe({ stage }, micros / 1e6);
      titlesSeen(stage).inc(titles);
    },
    skipped: (stage, reason) => skipped(stage, reason).inc(),
    relaxed: (surface) => relaxed(surface).inc(),
    outcome: (result, count) => came(result).inc(count),
    close: () => delay.disable(),
  };
}

/** The child of a counter by its labels, looked up without hashing them anew. */
function remembered(counter: Counter): (first: string, second?: string) => Counter.Internal {
  const children = new Map<string, Map<string, Counter.Internal>>();
  return (first, second) => {
    let row = children.get(first);
    if (row === undefined) {
      row = new Map();
      children.set(first, row);
    }
    let child = row.get(second ?? '');
    if (child === undefined) {
      child = second === undefined ? counter.labels(first) : counter.labels(first, second);
      row.set(second ?? '', child);
    }
    return child;
  };
}

/** Times every route and serves /metrics. To be registered before the routes. */
export function registerMetrics(
  app: FastifyInstance,
  metrics: ServerMetrics,
  text: () => Promise<string> = () => metrics.registry.metrics(),
): void {
  const durations = new Histogram({
    name: 'screentest_http_request_duration_seconds',
    help: 'Time from the request to the last byte of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5],
    registers: [metrics.registry],
  });
  app.addHook('onRoute', (route) => {
    const method = String(route.method);
    const byStatus = new Map<number, Histogram.Internal<string>>();
    const observe = (status: number, milliseconds: number): void => {
      let child = byStatus.get(status);
      if (child === undefined) {
        child = durations.labels({ method, route: route.url, status: String(status) });
        byStatus.set(status, child);
      }
      child.observe(milliseconds / 1000);
    };
    const own = route.onResponse === undefined ? [] : [route.onResponse].flat();
    route.onResponse = [
      ...own,
      (_request, reply, done) => {
        observe(reply.statusCode, reply.elapsedTime);
        done();
      },
    ];
  });
  app.addHook('onClose', async () => metrics.close());
  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Figures for Prometheus',
        tags: ['operations'],
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      return reply.type(metrics.registry.contentType).send(await text());
    },
  );
}
