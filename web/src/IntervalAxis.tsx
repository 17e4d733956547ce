import * as Plot from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import { INTERVAL_INSET } from './IntervalPlot.tsx';
import { PlotFigure } from './PlotFigure.tsx';

const HEIGHT = 22;

/** The scale below a column of intervals. */
export function IntervalAxis(props: {
  readonly domain: readonly [number, number];
  readonly format: (value: number) => string;
  /** Where the marks stand; absent: as the width allows. */
  readonly ticks?: readonly number[];
  /** What each end of the scale means. */
  readonly ends: readonly [string, string];
}) {
  const { domain, format, ticks } = props;
  const draw = useCallback(
    (width: number) =>
      Plot.plot({
        className: 'plot',
        width,
        height: HEIGHT,
        marginTop: 0,
        marginBottom: 20,
        marginLeft: INTERVAL_INSET,
        marginRight: INTERVAL_INSET,
        x: { domain: [...domain] },
        marks: [
          Plot.axisX({
            ticks: ticks ?? Math.max(2, Math.min(6, Math.floor(width / 75))),
            tickFormat: format,
            tickSize: 4,
            fontSize: 11,
            color: 'var(--muted)',
            label: null,
          }),
        ],
      }),
    [domain[0], domain[1], format, ticks],
  );
  return (
    <div class="axis" aria-hidden="true">
      <PlotFigure draw={draw} height={HEIGHT} />
      <div class="axis-ends">
        <span>{props.ends[0]}</span>
        <span>{props.ends[1]}</span>
      </div>
    </div>
  );
}
