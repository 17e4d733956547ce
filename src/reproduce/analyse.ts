import type { Report } from '../analysis/report/report.ts';
import type { Declarations } from '../declarations.ts';
import { type AnalysisJobs, createAnalysisJobs } from '../jobs/analysis.ts';
import { databaseSteps } from '../jobs/steps.ts';
import type { Stores } from '../stores.ts';
import { observationEnd, type Plan, testEnd } from './plan.ts';

/** A roll-up of a month of 800,000 viewers is read for longer than most analyses take, ms. */
const WAIT_MS = 2 * 3_600_000;
const RETENTION = 'retention_30d';

export interface AnalysisParts {
  readonly plan: Plan;
  readonly stores: Pick<Stores, 'db' | 'databaseUrl' | 'redisUrl'>;
  readonly declarations: Declarations;
  readonly experiment: string;
  readonly catalogueSize: number;
}

/** The report of the day on which the test ended: kept as the experiment's. */
export function analyseTest(parts: AnalysisParts): Promise<Report> {
  const jobs = jobsOf(parts, parts.declarations, parts.plan.environment);
  return reportOf(jobs, parts.experiment, testEnd(parts.plan));
}

/**
 * 30-day retention once every window is complete. Sessions after the test were only seen to start, so no other metric can
 * be read then, and the report is not kept as the experiment's.
 */
export function analyseWindows(parts: AnalysisParts): Promise<Report> {
  const experiments = parts.declarations.experiments.map((experiment) => ({
    ...experiment,
    metrics: { success: [{ metric: RETENTION }], guardrails: [], secondary: [] },
  }));
  const declarations = { ...parts.declarations, experiments };
  const steps = { ...databaseSteps(parts.stores.db, () => parts.catalogueSize), save: async () => undefined };
  const jobs = jobsOf(parts, declarations, `${parts.plan.environment}-windows`, steps);
  return reportOf(jobs, parts.experiment, observationEnd(parts.plan));
}

function jobsOf(
  { plan, stores, catalogueSize }: AnalysisParts,
  declarations: Declarations,
  prefix: string,
  steps?: ReturnType<typeof databaseSteps>,
): AnalysisJobs {
  return createAnalysisJobs({
    databaseUrl: stores.databaseUrl,
    redisUrl: stores.redisUrl,
    prefix: `screentest-${prefix}`,
    db: stores.db,
    declarations: () => declarations,
    environment: plan.environment,
    catalogueSize,
    ...(steps && { steps }),
  });
}

async function reportOf(jobs: AnalysisJobs, experiment: string, cutoff: number): Promise<Report> {
  try {
    return await jobs.wait(await jobs.request(experiment, cutoff, { again: true }), WAIT_MS);
  } finally {
    await jobs.close();
  }
}
