import * as Plot from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { IntervalShape } from './model/forest.ts';
import type { Tone } from './model/mark.ts';
import { clip } from './model/scale.ts';
import { PlotFigure } from './PlotFigure.tsx';

export const INTERVAL_INSET = 16;
const HEIGHT = 30;
/** Thickness of an interval's bar in pixels. */
const BAR = 9;

/** One interval on a scale shared with its neighbours: bar, estimate, the line of no effect, and what to hold it against. */
export function IntervalPlot(props: {
  readonly shape: IntervalShape | null;
  /** A second interval of the same effect, drawn as a thin line with end marks. */
  readonly whiskers?: IntervalShape | null;
  readonly tone: Tone;
  readonly domain: readonly [number, number];
  /** A dashed line, such as the smallest effect worth detecting. */
  readonly threshold?: number | undefined;
  /** Everything beyond this is shaded. */
  readonly shadeFrom?: number | undefined;
}) {
  const { shape, whiskers = null, tone, domain, threshold, shadeFrom } = props;
  const draw = useCallback(
    (width: number, height: number) =>
      Plot.plot({
        className: 'plot',
        width,
        height,
        marginTop: 0,
        marginBottom: 0,
        marginLeft: INTERVAL_INSET,
        marginRight: INTERVAL_INSET,
        x: { domain: [...domain], axis: null },
        y: { domain: [0, 1], axis: null },
        marks: [
          shadeFrom === undefined
            ? null
            : [
                Plot.rect([0], { x1: shadeFrom, x2: domain[1], y1: 0, y2: 1, fill: 'url(#hatch-margin)' }),
                Plot.ruleX([shadeFrom], { stroke: 'var(--ink)', strokeWidth: 1.2 }),
              ],
          Plot.ruleX([0], { stroke: 'var(--zero)', strokeWidth: 1 }),
          threshold === undefined || threshold < domain[0] || threshold > domain[1]
            ? null
            : Plot.ruleX([threshold], { stroke: 'var(--muted)', strokeDasharray: '2,3' }),
          whiskers === null ? null : whiskerMarks(whiskers, domain, height),
          shape === null ? null : intervalMarks(shape, tone, domain, height),
        ],
      }),
    [shape, whiskers, tone, domain[0], domain[1], threshold, shadeFrom],
  );
  return <PlotFigure draw={draw} height={HEIGHT} fill />;
}

const FILLS = { better: 'var(--better)', worse: 'url(#hatch-worse)', inconclusive: 'var(--paper)' };
const STROKES = { better: 'var(--better)', worse: 'var(--worse)', inconclusive: 'var(--inconclusive)' };

function whiskerMarks(shape: IntervalShape, domain: readonly [number, number], height: number) {
  const { from, to, beyondLow, beyondHigh } = clip(shape, domain);
  const ends = [beyondLow ? [] : [from], beyondHigh ? [] : [to]].flat();
  const reach = BAR / 2 / height;
  const line = { stroke: 'var(--muted)', strokeWidth: 1.2 };
  return [
    Plot.ruleY([0.5], { x1: from, x2: to, ...line }),
    Plot.ruleX(ends, { y1: 0.5 - reach, y2: 0.5 + reach, ...line }),
  ];
}

function intervalMarks(shape: IntervalShape, tone: Tone, domain: readonly [number, number], height: number) {
  const inset = (height - BAR) / 2;
  const { from, to, at, beyondLow, beyondHigh } = clip(shape, domain);
  const arrow = (x: number, text: string, dx: number) =>
    Plot.text([text], { x, y: 0.5, dx, fontSize: 18, fontWeight: 700, fill: STROKES[tone] });
  return [
    Plot.rect([0], {
      x1: from,
      x2: to,
      y1: 0,
      y2: 1,
      insetTop: inset,
      insetBottom: inset,
      rx: 2,
      fill: FILLS[tone],
      stroke: STROKES[tone],
      strokeWidth: 1.3,
    }),
    beyondLow ? arrow(from, '‹', -11) : null,
    beyondHigh ? arrow(to, '›', 11) : null,
    Plot.dot([0], {
      x: at,
      y: 0.5,
      r: 6.5,
      symbol: tone === 'inconclusive' ? 'diamond' : 'triangle',
      rotate: tone === 'worse' ? 180 : 0,
      fill: tone === 'inconclusive' ? 'var(--paper)' : STROKES[tone],
      stroke: tone === 'inconclusive' ? 'var(--inconclusive)' : 'var(--paper)',
      strokeWidth: 1.5,
    }),
  ];
}
