import type { Report } from '../../src/analysis/report/report.ts';
import { Forest } from './Forest.tsx';
import { Guardrails } from './Guardrails.tsx';
import { Interleaving } from './Interleaving.tsx';
import { LiftPanel } from './LiftPanel.tsx';
import { Rhythm } from './Rhythm.tsx';
import { Segments } from './Segments.tsx';

/** Everything that compares the arms. */
export function Estimates({ report }: { readonly report: Report }) {
  // Two rankers that share one list have a preference and nothing else to compare.
  const metrics = (role: 'success' | 'secondary') =>
    report.metrics.filter((metric) => metric.role === role && metric.comparisons.length > 0);
  const guardrails = report.metrics.filter((metric) =>
    metric.comparisons.some((comparison) => comparison.guardrail !== undefined),
  );
  return (
    <>
      {report.interleaving !== undefined && (
        <Interleaving result={report.interleaving} alpha={report.experiment.alpha} />
      )}
      {metrics('success').length > 0 && (
        <Forest id="success" title="Success metrics" report={report} metrics={metrics('success')} />
      )}
      {guardrails.length > 0 && <Guardrails metrics={guardrails} />}
      {metrics('secondary').length > 0 && (
        <Forest id="secondary" title="Secondary metrics" report={report} metrics={metrics('secondary')} />
      )}
      {report.daily.length > 0 && <LiftPanel report={report} />}
      <Rhythm report={report} />
      {report.segments.length > 0 && <Segments report={report} />}
    </>
  );
}
