import type { Report } from '../../../src/analysis/report/report.ts';
import { formatDay } from './format.ts';

/** What a reader must know about the report's state before any number; null when the numbers speak for themselves. */
export function stateNotice(report: Report): string | null {
  switch (report.state) {
    case 'not-started':
      return `Not started. Enrolment opens ${formatDay(report.start)}.`;
    case 'collecting':
      return 'Collecting: counts only. Estimates appear with the first complete windows.';
    case 'immature': {
      const unlock = unlockDate(report);
      return `Immature: the estimates are provisional and drawn grey${
        unlock === null ? '.' : `; the verdict unlocks about ${formatDay(unlock)}.`
      }`;
    }
    case 'invalid':
      return 'Invalid: a health check failed, so the verdict is withheld and the estimates are folded away.';
    case 'ready':
      return null;
  }
}

/** When the first success metric that is still open has all its windows complete. */
export function unlockDate(report: Report): string | null {
  const open = report.metrics.filter((metric) => metric.role === 'success' && !metric.maturity.ready);
  const dates = open.map((metric) => metric.maturity.completeAt).filter((date) => date !== null);
  return dates.sort()[0] ?? null;
}
