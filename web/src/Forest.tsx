import type { MetricReport, Report } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { ForestLine } from './ForestLine.tsx';
import { IntervalAxis } from './IntervalAxis.tsx';
import { forestGroups, forestSummary } from './model/forest.ts';
import { FOREST_HEAD, forestTable } from './model/forest-table.ts';
import { formatTick } from './model/format.ts';
import { sharedDomain } from './model/scale.ts';

/** Lift of each metric with its interval, on one scale. */
export function Forest(props: {
  readonly id: string;
  readonly title: string;
  readonly report: Report;
  readonly metrics: readonly MetricReport[];
}) {
  const groups = forestGroups(props.metrics);
  const rows = groups.flatMap((group) => group.rows);
  const domain = sharedDomain(
    rows.flatMap((row) => [row.shape, row.whiskers]).filter((shape) => shape !== null),
  );
  const several = props.report.experiment.variants.length > 2;
  const kinds = new Set(rows.map((row) => row.comparison.interval.kind));
  const whiskers = rows.some((row) => row.whiskers !== null);
  const firstDays = rows.some(
    ({ comparison: { alwaysValid } }) => alwaysValid.ok && alwaysValid.estimand !== undefined,
  );
  return (
    <section aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      <p class="lede">
        {forestSummary(rows)} Lift over {props.report.experiment.control}. Bars are fixed-horizon intervals,
        right when looked at once, at the end
        {whiskers &&
          `; thin lines are ${kinds.has('group-sequential') ? 'group-sequential ones, right at the declared looks' : 'always-valid ones, right at every look'}`}
        {firstDays && ', of the first days of each user alone where totals keep growing'}. The figures beside
        them are by the interval that the plan permits: {[...kinds].join(', ')}
        {rows.some((row) => row.metric.minimumEffect !== undefined) &&
          '; the dashed line is the smallest effect worth detecting'}
        .
      </p>
      {groups.map((group) => {
        const up = group.direction === 'higher-is-better';
        return (
          <div class="forest" key={group.direction}>
            {group.rows.map((row, index) => (
              <ForestLine
                key={`${row.metric.key}|${row.comparison.arm}`}
                row={row}
                domain={domain}
                several={several}
                first={group.rows[index - 1]?.metric !== row.metric}
              />
            ))}
            <IntervalAxis
              domain={domain}
              format={formatTick}
              ends={up ? ['← worse', 'better →'] : ['← better', 'worse →']}
            />
          </div>
        );
      })}
      <DataTable caption={`${props.title}, all figures`} head={FOREST_HEAD} rows={forestTable(rows)} />
    </section>
  );
}
