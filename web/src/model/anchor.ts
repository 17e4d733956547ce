import type { Report } from '../../../src/analysis/report.ts';

export const metricAnchor = (key: string) => `metric-${key}`;
export const healthAnchor = (key: string) => `health-${key}`;

/** Where on the page the thing that a reason speaks of stands, if it does. */
export function anchorOf(report: Pick<Report, 'health' | 'metrics'>, ref: string): string | null {
  if (report.health.some((card) => card.key === ref)) return healthAnchor(ref);
  if (report.metrics.some((metric) => metric.key === ref)) return metricAnchor(ref);
  return null;
}
