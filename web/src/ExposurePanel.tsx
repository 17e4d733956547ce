import * as Plot from '@observablehq/plot';
import { useCallback, useMemo } from 'preact/hooks';
import { formatCount, formatValue } from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { type ExposureDay, exposureDays } from './model/exposures.ts';
import { formatDay } from './model/format.ts';
import { PlotFigure } from './PlotFigure.tsx';

const HEIGHT = 210;
const SHARE_HEIGHT = 90;
const percent = (share: number) => formatValue(share, '%');

/** Units enrolled so far, stacked by arm, and below it each arm's share against the share it should have. */
export function ExposurePanel({ report }: { readonly report: Report }) {
  const rows = useMemo(() => exposureDays(report), [report]);
  const arms = report.experiment.variants.map((variant) => variant.key);
  const last = rows.slice(-arms.length);
  const stack = useCallback((width: number) => stackPlot(rows, arms, width), [rows]);
  const shares = useCallback((width: number) => sharePlot(rows, arms, width), [rows]);
  const total = last.reduce((sum, row) => sum + row.cumulative, 0);
  const summary = `${formatCount(total)} units enrolled: ${last
    .map(
      (row) =>
        `${row.variant} ${formatCount(row.cumulative)}${row.share === null ? '' : ` (${percent(row.share)}, expected ${percent(row.expected)})`}`,
    )
    .join(', ')}.`;
  return (
    <section aria-labelledby="exposures-title">
      <h2 id="exposures-title">Exposures by day</h2>
      {rows.length === 0 ? (
        <p class="empty">No unit has been exposed up to the cut-off.</p>
      ) : (
        <>
          <p class="lede">{summary}</p>
          <div class="chart">
            <ul class="legend" aria-hidden="true">
              {arms.map((arm, index) => (
                <li key={arm}>
                  <span class={`swatch arm-${index % 6}`} /> {arm}
                </li>
              ))}
            </ul>
            <PlotFigure draw={stack} height={HEIGHT} label={`Cumulative units by arm. ${summary}`} />
            <h3 class="sub">
              Share of each arm so far: {arms[0]} solid, the others dashed; dotted grey: as declared
            </h3>
            <PlotFigure
              draw={shares}
              height={SHARE_HEIGHT}
              label="Share of each arm by day against the declared share."
            />
          </div>
          <DataTable
            caption="Exposures by day and arm"
            head={['Date', 'Arm', 'New units', 'Cumulative', 'Share so far', 'Expected share']}
            rows={rows.map((row) => [
              formatDay(row.date),
              row.variant,
              formatCount(row.units),
              formatCount(row.cumulative),
              row.share === null ? 'no data' : percent(row.share),
              percent(row.expected),
            ])}
          />
        </>
      )}
    </section>
  );
}

const armColour = (arms: readonly string[], variant: string) => `var(--arm-${arms.indexOf(variant) % 6})`;
const DAY = 86_400_000;
/** A day's count is complete at its end; the stack begins with nothing at the start of the first day. */
const endOf = (row: ExposureDay) => new Date(Date.parse(row.date) + DAY);
const beginning = (rows: readonly ExposureDay[]): ExposureDay[] =>
  rows
    .filter((row) => row.date === rows[0]?.date)
    .map((row) => ({
      ...row,
      date: new Date(Date.parse(row.date) - DAY).toISOString(),
      cumulative: 0,
      from: 0,
      to: 0,
    }));
const frame = { className: 'plot', marginLeft: 54, marginRight: 12 } as const;
const axis = { fontSize: 11, color: 'var(--muted)', label: null, tickSize: 3 } as const;

function stackPlot(rows: readonly ExposureDay[], arms: readonly string[], width: number) {
  const lastDate = rows.at(-1)?.date;
  return Plot.plot({
    ...frame,
    width,
    height: HEIGHT,
    marginTop: 8,
    marginBottom: 36,
    x: { type: 'utc' },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
      Plot.axisY({ ...axis, ticks: 4, tickSize: 0, tickFormat: formatCount }),
      Plot.axisX({ ...axis, ticks: Math.floor(width / 90) }),
      Plot.areaY([...beginning(rows), ...rows], {
        x: endOf,
        y1: 'from',
        y2: 'to',
        z: 'variant',
        fill: (row: ExposureDay) => armColour(arms, row.variant),
        fillOpacity: 0.8,
        stroke: 'var(--paper)',
        strokeWidth: 2,
      }),
      Plot.text(
        rows.filter((row) => row.date === lastDate && row.cumulative > 0),
        {
          x: endOf,
          y: (row: ExposureDay) => (row.from + row.to) / 2,
          text: (row: ExposureDay) => `${row.variant} ${formatCount(row.cumulative)}`,
          textAnchor: 'end',
          dx: -8,
          fontSize: 12,
          fontWeight: 600,
          fill: 'var(--ink)',
          stroke: 'var(--paper)',
          strokeWidth: 4,
        },
      ),
    ],
  });
}

/** @param rows at least one */
function sharePlot(rows: readonly ExposureDay[], arms: readonly string[], width: number) {
  const first = rows[0]!;
  const last = rows.at(-1)!;
  const shares = rows.flatMap((row) => [row.expected, ...(row.share === null ? [] : [row.share])]);
  const pad = Math.max(0.01, 0.15 * (Math.max(...shares) - Math.min(...shares)));
  return Plot.plot({
    ...frame,
    width,
    height: SHARE_HEIGHT,
    marginTop: 6,
    marginBottom: 6,
    x: {
      type: 'utc',
      axis: null,
      domain: [new Date(first.date), endOf(last)],
    },
    y: { domain: [Math.min(...shares) - pad, Math.max(...shares) + pad] },
    marks: [
      Plot.axisY({
        ...axis,
        ticks: 3,
        tickSize: 0,
        tickFormat: (share: number) => `${Number((100 * share).toFixed(1))} %`,
      }),
      Plot.ruleY(new Set(rows.map((row) => row.expected)), { stroke: 'var(--zero)', strokeDasharray: '1,3' }),
      // A dash pattern of its own tells each arm apart where colour does not.
      ...arms.map((arm, index) =>
        Plot.line(
          rows.filter((row) => row.variant === arm && row.share !== null),
          {
            x: endOf,
            y: 'share',
            stroke: armColour(arms, arm),
            strokeWidth: 2,
            ...(index === 0 ? {} : { strokeDasharray: `${2 + 3 * index},3` }),
          },
        ),
      ),
    ],
  });
}
