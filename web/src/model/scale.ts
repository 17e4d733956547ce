import type { IntervalShape } from './forest.ts';

/** How many times wider than the middle row a row may be before it is cut off. */
const OUTLYING = 12;

/**
 * One scale for a set of intervals, with zero inside. A row that lies far beyond its neighbours is cut off (and drawn
 * with an arrow), so that one outlier does not flatten the rest; its figures stand beside it in any case.
 */
export function sharedDomain(shapes: readonly IntervalShape[]): [number, number] {
  const widest = shapes.map((shape) =>
    Math.max(...[shape.estimate, shape.low, shape.high].map((end) => Math.abs(end ?? 0))),
  );
  const cut = OUTLYING * median(widest);
  const ends = shapes
    .flatMap((shape) => [shape.estimate, shape.low, shape.high])
    .filter((end) => end !== null)
    .map((end) => Math.max(-cut, Math.min(cut, end)));
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const span = high - low;
  if (span === 0) return [-0.01, 0.01];
  // Zero never sits on the edge, so that the side without results is visible too.
  return [Math.min(low - 0.06 * span, -0.12 * span), Math.max(high + 0.06 * span, 0.12 * span)];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** The interval as it fits the scale, and which ends go on beyond it. */
export function clip(shape: IntervalShape, [low, high]: readonly [number, number]) {
  return {
    from: shape.low === null ? low : Math.min(high, Math.max(low, shape.low)),
    to: shape.high === null ? high : Math.max(low, Math.min(high, shape.high)),
    at: Math.max(low, Math.min(high, shape.estimate)),
    beyondLow: shape.low === null || shape.low < low,
    beyondHigh: shape.high === null || shape.high > high,
  };
}
