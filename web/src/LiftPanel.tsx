import type { Report } from '../../src/analysis/report/report.ts';
import { LiftChart } from './LiftChart.tsx';
import { liftSeries } from './model/lift.ts';

/** How the lift settled: one chart per metric and variant. */
export function LiftPanel({ report }: { readonly report: Report }) {
  const series = liftSeries(report);
  const success = series.filter((one) => one.role === 'success');
  const others = series.filter((one) => one.role !== 'success');
  const several = report.experiment.variants.length > 2;
  const days = Math.max(2, ...report.daily.map((row) => row.day));
  const charts = (list: typeof series) => (
    <div class="charts">
      {list.map((one) => (
        <LiftChart key={`${one.metric}|${one.variant}`} series={one} several={several} days={days} />
      ))}
    </div>
  );
  return (
    <section aria-labelledby="daily-title">
      <h2 id="daily-title">Cumulative lift by day</h2>
      <p class="lede">
        Everything up to the end of each day, with its interval as a band; dashed while immature. Arrow keys
        move from day to day. A band of fixed horizon is not a licence to stop at the first day it clears
        zero.
      </p>
      {charts(success)}
      {others.length > 0 && (
        <details class="more">
          <summary>Guardrails by day ({others.length})</summary>
          {charts(others)}
        </details>
      )}
    </section>
  );
}
