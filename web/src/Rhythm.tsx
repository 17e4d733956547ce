import * as Plot from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import { formatCount, formatDifference, formatDifferenceInterval } from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { dayName, type RhythmSeries, rhythmSeries } from './model/rhythm.ts';
import { PlotFigure } from './PlotFigure.tsx';

const HEIGHT = 150;
const TITLES = { 'since-exposure': 'days since first exposure', weekday: 'weekday' } as const;

/** Whether the effect fades (novelty) or comes and goes with the week. */
export function Rhythm({ report }: { readonly report: Report }) {
  const series = rhythmSeries(report);
  const several = report.experiment.variants.length > 2;
  if (series.length === 0) return null;
  return (
    <section aria-labelledby="rhythm-title">
      <h2 id="rhythm-title">Effect by day</h2>
      <p class="lede">
        The effect on one day's value, by days since first exposure (an effect of novelty fades) and by
        weekday. Bars are marginal fixed-horizon intervals, each for its own day.
      </p>
      <div class="charts">
        {series.map((one) => (
          <RhythmChart key={`${one.metric}|${one.arm}|${one.by}`} series={one} several={several} />
        ))}
      </div>
    </section>
  );
}

function RhythmChart({ series, several }: { readonly series: RhythmSeries; readonly several: boolean }) {
  const { points, by, unit } = series;
  const draw = useCallback((width: number) => rhythmPlot(series, width), [series]);
  const title = `${series.name}${several ? `, ${series.arm}` : ''}, by ${TITLES[by]}`;
  const [first, last] = [points[0], points.at(-1)];
  const at = (point: typeof first) =>
    point === undefined ? '' : `${formatDifference(point.estimate, unit)} on ${dayName(by, point.day)}`;
  return (
    <div class="chart">
      <h3>{title}</h3>
      <PlotFigure draw={draw} height={HEIGHT} label={`${title}: ${at(first)}, ${at(last)}.`} />
      <DataTable
        caption={title}
        head={['Day', 'n', 'Difference', 'Interval']}
        rows={points.map((point) => [
          dayName(by, point.day),
          formatCount(point.n),
          formatDifference(point.estimate, unit),
          formatDifferenceInterval([point.low, point.high], unit),
        ])}
      />
    </div>
  );
}

function rhythmPlot({ points, by, unit }: RhythmSeries, width: number) {
  const step = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor(width / 60))));
  return Plot.plot({
    className: 'plot',
    width,
    height: HEIGHT,
    marginTop: 8,
    marginRight: 10,
    marginBottom: 24,
    marginLeft: 68,
    x: { type: 'point', domain: points.map(({ day }) => day) },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 4,
        tickFormat: (value: number) => formatDifference(value, unit).replace(` ${unit}`, ''),
        tickSize: 0,
        fontSize: 11,
        color: 'var(--muted)',
        label: null,
      }),
      Plot.axisX({
        tickFormat: (day: number, index: number) => (index % step === 0 ? dayName(by, day) : ''),
        tickSize: 3,
        fontSize: 11,
        color: 'var(--muted)',
        label: null,
      }),
      Plot.ruleY([0], { stroke: 'var(--zero)' }),
      Plot.ruleX(points, { x: 'day', y1: 'low', y2: 'high', stroke: 'var(--ink)', strokeWidth: 1.2 }),
      Plot.dot(points, { x: 'day', y: 'estimate', r: 3, fill: 'var(--ink)' }),
    ],
  });
}
