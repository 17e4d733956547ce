import { Gauge, Registry } from 'prom-client';
import type { Reload } from './control/live-configuration.ts';
import { primaryBus } from './fleet/bus.ts';
import { startForks } from './fleet/forks.ts';
import { sharedMetrics } from './fleet/shared-metrics.ts';
import { type FoundationSettings, openFoundation } from './foundation.ts';
import { openJobs } from './platform.ts';

export interface FleetSettings extends FoundationSettings {
  /** Processes that serve. */
  readonly workers: number;
  /** How far their clock is ahead of the system's, ms. */
  readonly clockOffsetMs: number;
}

/** What the first process of a server tells its workers. */
export interface WorkerFacts {
  readonly databaseUrl: string;
  /** How far the clock is ahead of the system's, ms. */
  readonly clockOffsetMs: number;
}

/** One server of several processes on one port. */
export interface Fleet {
  readonly exampleUser: string;
  /** Reads the declarations anew: the workers follow. */
  reload(): Promise<Reload>;
  close(): Promise<void>;
}

/**
 * Composition root of the first process of a server with workers: it has the database, the trained models and the analysis jobs, and
 * starts workers, which serve. Resolves when all of them do.
 */
export async function openFleet(settings: FleetSettings): Promise<Fleet> {
  const { report, workers } = settings;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const foundation = await openFoundation(settings);
    closers.push(() => foundation.close());
    const jobs = openJobs(foundation, settings);
    closers.push(() => jobs.close());
    const bus = primaryBus();
    const facts: WorkerFacts = {
      databaseUrl: foundation.stores.databaseUrl,
      clockOffsetMs: settings.clockOffsetMs,
    };
    const forks = startForks(workers, facts, bus, (pid, how) =>
      report.note(`worker ${pid} ended (${how}) and is started again`),
    );
    closers.push(() => forks.close());
    const registry = new Registry();
    registry.setDefaultLabels({ environment: foundation.environment });
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name: `screentest_${name}`,
        help,
        registers: [registry],
        collect() {
          this.set(value());
        },
      });
    gauge('workers', 'Processes of this server that serve', forks.serving);
    gauge('worker_restarts', 'Workers that ended by themselves and were started again', forks.restarts);
    gauge('primary_resident_memory_bytes', 'Resident memory of the process beside the workers', () =>
      process.memoryUsage.rss(),
    );
    sharedMetrics(registry, bus);
    await report.phase('start the workers', '', () => forks.ready);
    return {
      exampleUser: foundation.prepared.ids[0]!,
      reload: foundation.configuration.reload,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
