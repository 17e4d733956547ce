import type {
  CoverageAggregates,
  HealthAggregates,
  MetricAggregates,
  PreferenceAggregates,
  QuantileAggregates,
} from '../analysis/aggregates.ts';
import type { Report } from '../analysis/report/report.ts';
import { coverageAggregates } from '../db/aggregates/coverage.ts';
import { healthAggregates } from '../db/aggregates/health.ts';
import { metricAggregates } from '../db/aggregates/metrics.ts';
import { preferenceAggregates } from '../db/aggregates/preference.ts';
import { quantileAggregates } from '../db/aggregates/quantiles.ts';
import type { Scope } from '../db/aggregates/scope.ts';
import { rebuildUnitDays } from '../db/aggregates/unit-days.ts';
import type { Database } from '../db/connect.ts';
import { saveReport } from '../db/reports.ts';

/** What the jobs of one analysis call: each may run again, so each must leave the same state when it does. */
export interface AnalysisSteps {
  rollUp(scope: Scope): Promise<unknown>;
  health(scope: Scope): Promise<HealthAggregates>;
  metrics(scope: Scope): Promise<readonly MetricAggregates[]>;
  quantiles(scope: Scope): Promise<readonly QuantileAggregates[]>;
  coverage(scope: Scope): Promise<readonly CoverageAggregates[]>;
  preference(scope: Scope): Promise<PreferenceAggregates | undefined>;
  save(report: Report): Promise<unknown>;
}

/** The steps on a database. */
export function databaseSteps(db: Database, catalogueSize: () => number): AnalysisSteps {
  return {
    rollUp: (scope) => rebuildUnitDays(db, scope),
    health: (scope) => healthAggregates(db, scope),
    metrics: (scope) => metricAggregates(db, scope),
    quantiles: (scope) => quantileAggregates(db, scope),
    coverage: (scope) => coverageAggregates(db, scope, catalogueSize()),
    preference: (scope) => preferenceAggregates(db, scope),
    save: (report) => saveReport(db, report),
  };
}
