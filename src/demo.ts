import type { Report } from './analysis/report/report.ts';
import type { ProgressReporter } from './cli/progress.ts';
import { latestReport } from './db/reports.ts';
import type { Experiment } from './declarations.ts';
import type { Platform } from './platform.ts';
import { PUBLISHED_EXPERIMENT, publishedTable } from './simulation/published.ts';
import { simulateTest } from './simulation/simulate-test.ts';

const DAY = 86_400_000;
/** Candidates are made anew for everyone who watched, this often. */
const REFRESH_DAYS = 7;

export interface DemoOptions {
  readonly report: ProgressReporter;
  readonly signal: AbortSignal;
}

/**
 * Runs the declared experiments on the platform's simulated viewers through the path that serves: assignment, pipelines,
 * the event log, outcomes, the analysis jobs. Writes nothing twice: ids derive from the seed, so a run that was cut off
 * continues over what it had written, and a finished one is only read.
 *
 * @returns the published test's table beside ours; undefined when it is not declared or the run was aborted
 */
export async function runDemo(platform: Platform, options: DemoOptions): Promise<string | undefined> {
  const { report } = options;
  const { experiments } = platform.declarations;
  if (experiments.length === 0) {
    report.note('No experiment is declared: nothing to simulate.');
    return undefined;
  }
  const startMs = Math.min(...experiments.map((experiment) => experiment.startMs));
  const days = Math.round(Math.max(...experiments.map(({ durationMs }) => durationMs)) / DAY);
  const cutoff = startMs + days * DAY;

  const missing: Experiment[] = [];
  for (const experiment of experiments) {
    const known = await latestReport(platform.stores.db, platform.environment, experiment.key);
    if (known === undefined || Date.parse(known.cutoff) < cutoff) missing.push(experiment);
  }
  if (missing.length > 0) {
    await simulate(platform, startMs, days, options);
    if (options.signal.aborted) return undefined;
  } else {
    await report.phase('read what viewers watched', '', () => platform.restoreWatches());
  }
  platform.clock.set(cutoff);
  if (missing.length > 0) {
    await report.phase('analyse', 'experiments', async (progress) => {
      let done = 0;
      for (const experiment of missing) {
        await platform.jobs.wait(await platform.jobs.request(experiment.key, cutoff, { again: true }));
        progress(++done, missing.length);
      }
    });
  }

  const published = await latestReport(platform.stores.db, platform.environment, PUBLISHED_EXPERIMENT);
  return published === undefined ? undefined : summary(published);
}

async function simulate(
  platform: Platform,
  startMs: number,
  days: number,
  { report, signal }: DemoOptions,
): Promise<void> {
  const { world, history } = platform.prepared;
  const watchedSince = new Set<string>();
  const run = (progress: (done: number, total: number) => void) =>
    simulateTest({
      world,
      recommender: platform.recommender,
      days,
      startMs,
      seed: world.seed,
      environment: platform.environment,
      history,
      signal,
      async onBatch(recommendations, outcomes) {
        // Exposures are durable before what followed from them.
        await platform.eventLog.append({
          requests: recommendations.map(({ request }) => request),
          exposures: recommendations.flatMap(({ exposures }) => exposures),
        });
        await platform.eventLog.appendOutcomes(outcomes);
      },
      recordWatch(user, title, weight, at) {
        platform.viewers.watched(user, title, weight, at);
        watchedSince.add(user);
      },
      async onDay(day, at) {
        platform.clock.set(at);
        if (day % REFRESH_DAYS !== 0 || watchedSince.size === 0) return;
        await platform.precompute(() => {}, [...watchedSince]);
        watchedSince.clear();
      },
      progress: ({ day, days: all }) => progress(day, all),
    });

  try {
    const done = await report.phase(
      `simulate ${world.viewerCount.toLocaleString('en')} viewers`,
      'days',
      run,
    );
    report.note(
      `  ${done.sessions.toLocaleString('en')} sessions, ${done.requests.toLocaleString('en')} slates, ${done.clicks.toLocaleString('en')} clicks, ${Math.round(done.watchSeconds / 3600).toLocaleString('en')} hours watched`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    report.note('  stopped: what was simulated is kept, and the next start continues over it');
  }
}

function summary(report: Report): string {
  const { verdict } = report;
  return [
    '',
    `The published four-week test, and ours on ${report.metrics[0]?.maturity.exposed.toLocaleString('en')} viewers (treatment minus control):`,
    '',
    publishedTable(report),
    '',
    'Session duration is watch minutes per session: our reading of the published figure. The 30-day retention cannot',
    'be complete after 28 days; only viewers whose window is complete are counted. Changes are adjusted for what viewers',
    'had watched before, by country and device; the figures of the arms are as measured.',
    '',
    `Verdict: ${verdict.decision}${verdict.variant === null ? '' : ` (${verdict.variant})`}. ${verdict.summary}`,
  ].join('\n');
}
