import * as Plot from '@observablehq/plot';
import { useCallback, useState } from 'preact/hooks';
import { formatCount, formatLift, formatLiftInterval } from '../../src/analysis/report/format.ts';
import { DataTable } from './DataTable.tsx';
import { formatDay, formatTick } from './model/format.ts';
import { type LiftPoint, type LiftSeries, liftDomain } from './model/lift.ts';
import { PlotFigure } from './PlotFigure.tsx';

const HEIGHT = 170;

/** One line with its band. Arrow keys choose a day, whose figures stand below. */
export function LiftChart(props: {
  readonly series: LiftSeries;
  readonly several: boolean;
  /** Last day of any series: all charts share their horizontal scale. */
  readonly days: number;
}) {
  const { series, several, days } = props;
  const { points, missing } = series;
  const [chosen, setChosen] = useState(points.length - 1);
  const point = points[Math.max(0, Math.min(chosen, points.length - 1))];
  const draw = useCallback(
    (width: number) => liftPlot(points, point, days, width),
    [days, points.length, point?.day],
  );
  const title = several ? `${series.name}, ${series.variant}` : series.name;
  if (point === undefined)
    return (
      <div class="chart">
        <h3>{title}</h3>
        <p class="empty">No estimate on any day{missing[0] === undefined ? '.' : `: ${missing[0].reason}`}</p>
      </div>
    );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosen((now) => Math.max(0, Math.min(points.length - 1, now + step)));
  };
  const first = points[0] ?? point;
  const last = points.at(-1) ?? point;
  const summary = `${title}: ${readout(last)}, after ${formatLift(first.estimate)} on day ${first.day}.`;
  return (
    <div class="chart">
      <h3>{title}</h3>
      <div
        class="stepper"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: day`}
        aria-valuemin={first.day}
        aria-valuemax={last.day}
        aria-valuenow={point.day}
        aria-valuetext={readout(point)}
        onKeyDown={onKeyDown}
      >
        <PlotFigure draw={draw} height={HEIGHT} label={summary} />
      </div>
      <p class="readout">{readout(point)}</p>
      {missing.length > 0 && (
        <p class="line-detail">
          {missing.length} {missing.length === 1 ? 'day' : 'days'} without an estimate: {missing[0]?.reason}
        </p>
      )}
      <DataTable
        caption={`${title}, cumulative lift by day`}
        head={['Day', 'Date', 'n', 'Lift', 'Interval', 'Maturity']}
        rows={[
          ...points.map((row) => [
            row.day,
            formatDay(row.date),
            formatCount(row.n),
            formatLift(row.estimate),
            formatLiftInterval([row.low, row.high]),
            row.mature ? 'mature' : 'immature',
          ]),
          ...missing.map((row) => [row.day, formatDay(row.date), '', 'n/a', row.reason, 'immature']),
        ]}
      />
    </div>
  );
}

function readout(point: LiftPoint): string {
  return `Day ${point.day}: ${formatLift(point.estimate)} ${formatLiftInterval([point.low, point.high])}, n ${formatCount(point.n)}${point.mature ? '' : ', immature'}`;
}

function liftPlot(points: readonly LiftPoint[], chosen: LiftPoint | undefined, days: number, width: number) {
  const [low, high] = liftDomain(points);
  const mature = points.filter((point) => point.mature);
  // The dashed part runs on to the first mature point so that the line has no gap.
  const firstMature = points.findIndex((point) => point.mature);
  const immature = firstMature === -1 ? points : points.slice(0, firstMature + 1);
  const band = {
    x: 'day',
    y1: (point: LiftPoint) => point.low ?? low,
    y2: (point: LiftPoint) => point.high ?? high,
    clip: true,
  } as const;
  const line = { x: 'day', y: 'estimate', stroke: 'var(--ink)', strokeWidth: 1.8 } as const;
  return Plot.plot({
    className: 'plot',
    width,
    height: HEIGHT,
    marginTop: 8,
    marginRight: 10,
    marginBottom: 24,
    marginLeft: 48,
    x: { domain: [1, days] },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 4,
        tickFormat: formatTick,
        tickSize: 0,
        fontSize: 11,
        color: 'var(--muted)',
        label: null,
      }),
      Plot.axisX({
        ticks: Math.min(days, Math.floor(width / 80)),
        tickFormat: (day: number) => (Number.isInteger(day) ? `day ${day}` : ''),
        tickSize: 3,
        fontSize: 11,
        color: 'var(--muted)',
        label: null,
      }),
      Plot.areaY(immature, { ...band, fill: 'var(--band)', fillOpacity: 0.5 }),
      Plot.areaY(mature, { ...band, fill: 'var(--band)' }),
      Plot.ruleY([0], { stroke: 'var(--zero)' }),
      Plot.line(immature, { ...line, strokeDasharray: '3,3' }),
      Plot.line(mature, line),
      chosen === undefined
        ? null
        : [
            Plot.ruleX([chosen.day], { stroke: 'var(--muted)', strokeDasharray: '1,2' }),
            Plot.ruleX([chosen], { x: 'day', y1: band.y1, y2: band.y2, stroke: 'var(--ink)', clip: true }),
            Plot.dot([chosen], { x: 'day', y: 'estimate', r: 4, fill: 'var(--ink)', stroke: 'var(--paper)' }),
          ],
    ],
  });
}
