import type { Comparison, MetricReport } from '../../src/analysis/report/report.ts';
import { comparisonFacts } from './model/comparison.ts';

/** How one comparison came about: both intervals, what they promise, adjustment, posterior and diagnostics. */
export function ComparisonFacts(props: { readonly metric: MetricReport; readonly comparison: Comparison }) {
  const { metric, comparison } = props;
  return (
    <details class="facts">
      <summary>
        How it was computed<span class="sr">: {metric.name}</span>
      </summary>
      <dl>
        {comparisonFacts(metric, comparison).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
