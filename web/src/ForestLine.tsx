import {
  formatCount,
  formatDifference,
  formatLift,
  formatLiftInterval,
  formatP,
  formatValue,
} from '../../src/analysis/report/format.ts';
import { ComparisonFacts } from './ComparisonFacts.tsx';
import { IntervalPlot } from './IntervalPlot.tsx';
import { MarkWord } from './MarkWord.tsx';
import { metricAnchor } from './model/anchor.ts';
import type { ForestRow } from './model/forest.ts';
import { formatDay } from './model/format.ts';

/** One comparison: name and values, interval, and the figures in words. */
export function ForestLine(props: {
  readonly row: ForestRow;
  readonly domain: readonly [number, number];
  /** More than one treatment: each line names its variant. */
  readonly several: boolean;
  /** First line of its metric: carries the name and the address. */
  readonly first: boolean;
}) {
  const { metric, comparison, mark, shape, whiskers, reason } = props.row;
  const value = (variant: string) =>
    formatValue(metric.arms.find((arm) => arm.arm === variant)?.value ?? null, metric.unit);
  const { absolute, relative } = comparison;
  return (
    <div class="line" id={props.first ? metricAnchor(metric.key) : undefined} data-metric={metric.key}>
      <div class="line-name">
        {props.first && (
          <h3>
            {metric.name}
            {metric.direction === 'lower-is-better' && <span class="chip">lower is better</span>}
          </h3>
        )}
        {props.several && <p class="line-variant">{comparison.arm}</p>}
        <p class="line-arms">
          {value(comparison.control)} <span aria-hidden="true">→</span>
          <span class="sr"> to </span> {value(comparison.arm)}
        </p>
        {!metric.maturity.ready && <p class="line-arms">{windowsText(metric.maturity)}</p>}
      </div>
      <IntervalPlot
        shape={shape}
        whiskers={whiskers}
        tone={mark.tone}
        domain={props.domain}
        threshold={threshold(props.row)}
      />
      <div class="line-figures">
        <p class="lift">
          <strong>{relative.ok ? formatLift(relative.estimate) : 'n/a'}</strong>{' '}
          {relative.ok && <span class="interval">{formatLiftInterval(relative.interval)}</span>}
        </p>
        <p class="line-detail">
          <MarkWord mark={mark} />
          {absolute.ok && <> · {formatDifference(absolute.estimate, metric.unit)}</>}
          {comparison.p !== null && (
            <>
              {' '}
              · <span class="whole">{pText(props.row)}</span>
            </>
          )}
        </p>
        {relative.ok && relative.note !== undefined && <p class="line-detail">{relative.note}</p>}
        {reason !== null && <p class="line-detail">{reason}</p>}
        {metric.diagnostics?.warnings.map((warning) => (
          <p class="line-detail" key={warning}>
            <span aria-hidden="true">!</span> {warning}
          </p>
        ))}
      </div>
      <ComparisonFacts metric={metric} comparison={comparison} />
    </div>
  );
}

/** The smallest effect worth detecting lies on the side of improvement. */
function threshold({ metric }: ForestRow): number | undefined {
  if (metric.minimumEffect === undefined) return undefined;
  return metric.direction === 'higher-is-better' ? metric.minimumEffect : -metric.minimumEffect;
}

function pText({ metric, comparison }: ForestRow): string {
  return comparison.pAdjusted === null || metric.correction === 'none'
    ? `p ${formatP(comparison.p)}`
    : `adjusted p ${formatP(comparison.pAdjusted)}`;
}

function windowsText({ mature, exposed, completeAt }: ForestRow['metric']['maturity']): string {
  if (mature === exposed) return `only ${formatCount(exposed)} users so far`;
  const all = completeAt === null ? '' : `, all by ${formatDay(completeAt)}`;
  return `${formatCount(mature)} of ${formatCount(exposed)} windows complete${all}`;
}
