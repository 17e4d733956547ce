import { useState } from 'preact/hooks';
import {
  formatCount,
  formatLift,
  formatLiftInterval,
  formatP,
  formatReduction,
} from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { IntervalAxis } from './IntervalAxis.tsx';
import { IntervalPlot } from './IntervalPlot.tsx';
import { differenceText, liftText, promiseText } from './model/comparison.ts';
import { shapeOf } from './model/forest.ts';
import { formatTick } from './model/format.ts';
import { sharedDomain } from './model/scale.ts';
import { segmentGroups, segmentMetrics, segmentTone } from './model/segments.ts';

/** Small forests by segment for one metric at a time; the table below holds all of them. */
export function Segments({ report }: { readonly report: Report }) {
  const metrics = segmentMetrics(report);
  const [chosen, setChosen] = useState(metrics[0]?.key ?? '');
  const metric = report.metrics.find((candidate) => candidate.key === chosen);
  const groups = segmentGroups(report, chosen);
  const rows = groups.flatMap((group) => group.rows);
  const domain = sharedDomain(rows.flatMap(({ relative }) => (relative.ok ? [shapeOf(relative)] : [])));
  const several = report.experiment.variants.length > 2;
  const { alpha } = report.experiment;
  const direction = metric?.direction ?? 'higher-is-better';
  const unitOf = (key: string) => report.metrics.find((candidate) => candidate.key === key)?.unit ?? '';
  const tone = (row: (typeof rows)[number]) =>
    metric === undefined ? 'inconclusive' : segmentTone(row, alpha, metric);
  const clear = rows.filter((row) => tone(row) !== 'inconclusive').length;
  const unlike = rows.filter(({ interaction }) => (interaction.pAdjusted ?? 1) <= alpha).length;
  return (
    <section aria-labelledby="segments-title">
      <h2 id="segments-title">Segments</h2>
      <p class="lede">
        {clear} of {rows.length} segments of {metric?.name ?? chosen} differ from control after correction;{' '}
        {unlike} respond unlike the rest. Segments are by the value frozen at first exposure. Thin lines are
        the estimates drawn towards the common effect by as much as they are noisy.
      </p>
      <p class="control">
        <label>
          Metric{' '}
          <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            {metrics.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </p>
      <div class="forest compact">
        {groups.map((group) => (
          <div key={group.attribute}>
            <h3 class="sub">
              {group.attribute.replaceAll('_', ' ')}
              {group.rows.some(({ declared }) => !declared) && <span class="chip">exploratory</span>}
            </h3>
            {group.rows.map((row) => (
              <div class="line" key={`${row.value}|${row.arm}`}>
                <div class="line-name">
                  <p>
                    {row.value === '' ? '(unknown)' : row.value}{' '}
                    {several && <span class="muted">{row.arm} </span>}
                    <span class="muted">n {formatCount(row.n)}</span>
                  </p>
                </div>
                <IntervalPlot
                  shape={row.relative.ok ? shapeOf(row.relative) : null}
                  tone={tone(row)}
                  domain={domain}
                />
                <div class="line-figures">
                  <p class="line-detail">
                    {row.relative.ok ? (
                      <>
                        <strong>{formatLift(row.relative.estimate)}</strong>{' '}
                        {formatLiftInterval(row.relative.interval)} · p {formatP(row.pAdjusted)} · unlike the
                        rest p {formatP(row.interaction.pAdjusted)}
                      </>
                    ) : (
                      row.relative.reason
                    )}
                  </p>
                </div>
              </div>
            ))}
          </div>
        ))}
        <IntervalAxis
          domain={domain}
          format={formatTick}
          ends={direction === 'higher-is-better' ? ['← worse', 'better →'] : ['← better', 'worse →']}
        />
      </div>
      <DataTable
        caption="Segments of every metric"
        head={[
          'Metric',
          'Attribute',
          'Value',
          'Variant',
          'n',
          'Lift',
          'Interval',
          'p',
          'p adjusted',
          'Declared',
          'Less the rest',
          'p adjusted of that',
          'Shrunken',
          'Variance less by',
          'Interval is',
        ]}
        rows={report.segments.map((row) => [
          metrics.find(({ key }) => key === row.metric)?.name ?? row.metric,
          row.attribute,
          row.value,
          row.arm,
          formatCount(row.n),
          row.relative.ok ? formatLift(row.relative.estimate) : `n/a: ${row.relative.reason}`,
          row.relative.ok ? formatLiftInterval(row.relative.interval) : 'n/a',
          formatP(row.p),
          formatP(row.pAdjusted),
          row.declared ? 'declared' : 'exploratory',
          differenceText(row.interaction.difference, unitOf(row.metric)),
          formatP(row.interaction.pAdjusted),
          liftText(row.shrunken),
          formatReduction(row.adjustment),
          promiseText(row.interval),
        ])}
      />
    </section>
  );
}
