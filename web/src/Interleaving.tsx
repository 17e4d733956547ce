import * as Plot from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatP,
} from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { IntervalAxis } from './IntervalAxis.tsx';
import { IntervalPlot } from './IntervalPlot.tsx';
import { shapeOf } from './model/forest.ts';
import { preferenceSummary, preferenceTone } from './model/preference.ts';
import { PlotFigure } from './PlotFigure.tsx';

const HEIGHT = 46;
const points = (fraction: number) => formatDifference(fraction, '%');

/** Whose titles were clicked in the mixed list: a bar from first to second with the ties between, and the preference. */
export function Interleaving(props: {
  readonly result: NonNullable<Report['interleaving']>;
  readonly alpha: number;
}) {
  const { result } = props;
  const [first, second] = result.variants;
  const draw = useCallback((width: number) => preferenceBar(result, width), [result]);
  const shape = result.preference.ok ? shapeOf(result.preference) : null;
  const reach =
    shape === null ? 0.05 : Math.max(...[shape.estimate, shape.low, shape.high].map((x) => Math.abs(x ?? 0)));
  const domain: [number, number] = [-1.2 * reach, 1.2 * reach];
  const summary = preferenceSummary(result);
  return (
    <section aria-labelledby="interleaving-title">
      <h2 id="interleaving-title">Interleaving</h2>
      <p class="lede">{summary}</p>
      <p class="bar-ends">
        <span>
          {first} <strong>{formatCount(result.firstWins)}</strong>
        </span>
        <span>
          ties <strong>{formatCount(result.ties)}</strong>
        </span>
        <span>
          <strong>{formatCount(result.secondWins)}</strong> {second}
        </span>
      </p>
      <PlotFigure draw={draw} height={HEIGHT} label={summary} />
      <div class="forest">
        <div class="line">
          <div class="line-name">
            <h3>Preference for {second}</h3>
            <p class="line-arms">share of deciding users, less one half</p>
          </div>
          <IntervalPlot shape={shape} tone={preferenceTone(result)} domain={domain} />
          <div class="line-figures">
            {result.preference.ok ? (
              <p class="lift">
                <strong>{points(result.preference.estimate)}</strong>{' '}
                <span class="interval">{formatDifferenceInterval(result.preference.interval, '%')}</span>
              </p>
            ) : (
              <p class="line-detail">{result.preference.reason}</p>
            )}
            <p class="line-detail">p {formatP(result.p)}</p>
            {result.creditDifference?.ok && (
              <p class="line-detail">
                credited clicks a user: {result.creditDifference.estimate.toFixed(3)} more [
                {result.creditDifference.interval.map((end) => end?.toFixed(3) ?? '∞').join(', ')}]
              </p>
            )}
          </div>
        </div>
        <IntervalAxis
          domain={domain}
          format={(value) => (value === 0 ? '0' : points(value).replace(/\.?0+ /, ' '))}
          ends={[`← ${first}`, `${second} →`]}
        />
      </div>
      <DataTable
        caption="Interleaving, all figures"
        head={['Preferred', 'Users']}
        rows={[
          [first, formatCount(result.firstWins)],
          ['neither', formatCount(result.ties)],
          [second, formatCount(result.secondWins)],
          ['all users', formatCount(result.units)],
          ['interleaved impressions', formatCount(result.impressions)],
        ]}
      />
    </section>
  );
}

function preferenceBar(result: NonNullable<Report['interleaving']>, width: number) {
  const parts = [
    { count: result.firstWins, fill: 'var(--arm-0)' },
    { count: result.ties, fill: 'var(--rule)' },
    { count: result.secondWins, fill: 'var(--arm-1)' },
  ];
  return Plot.plot({
    className: 'plot',
    width,
    height: HEIGHT,
    margin: 0,
    x: { domain: [0, Math.max(1, result.firstWins + result.ties + result.secondWins)], axis: null },
    marks: [
      Plot.barX(
        parts,
        Plot.stackX({ x: 'count', fill: 'fill', insetTop: 10, insetBottom: 10, insetLeft: 1, insetRight: 1 }),
      ),
      Plot.ruleX([(result.firstWins + result.ties + result.secondWins) / 2], {
        stroke: 'var(--ink)',
        strokeDasharray: '3,3',
      }),
    ],
  });
}
