import type { WorkerPlace } from '../fleet/forks.ts';
import type { WorkerFacts } from '../fleet.ts';
import { openPlatform, type PlatformSettings } from '../platform.ts';
import type { ProgressReporter } from './progress.ts';

/** Its phases are those of all workers: told by the one that starts them. */
const quiet: ProgressReporter = {
  phase: (_name, _unit, run) => run(() => {}),
  note: (text) => void process.stderr.write(`[${process.pid}] ${text}\n`),
};

/** Serves until the process is asked to stop. */
export async function startWorker(
  place: WorkerPlace<WorkerFacts>,
  settings: Omit<PlatformSettings, 'report' | 'signal'>,
): Promise<void> {
  const { databaseUrl, clockOffsetMs } = place.facts;
  const platform = await openPlatform({
    ...settings,
    worker: { databaseUrl },
    clockOffsetMs,
    bus: place.bus,
    report: quiet,
    signal: place.stop,
  }).catch((error: unknown) => {
    if (place.stop.aborted) process.exit(0);
    throw error;
  });
  try {
    await platform.restoreWatches();
    platform.followTrends();
    place.ready();
    if (!place.stop.aborted) await new Promise((resolve) => place.stop.addEventListener('abort', resolve));
  } finally {
    await platform.close();
  }
  process.exit(0);
}
