import type { IntervalShape } from './forest.ts';

/**
 * One symmetric-enough scale for a set of intervals: every estimate and zero lie inside; the ends of an interval far
 * wider than its neighbours are cut off (and drawn as arrows) so that one noisy row does not flatten the rest.
 */
export function sharedDomain(
  shapes: readonly IntervalShape[],
  also: readonly number[] = [],
): [number, number] {
  const inside = [0, ...also, ...shapes.map((shape) => shape.estimate)];
  const ends = shapes.flatMap((shape) => [shape.low, shape.high]).filter((end) => end !== null);
  const widest = shapes.map((shape) => Math.max(...[shape.low, shape.high].map((end) => Math.abs(end ?? 0))));
  const cut = Math.max(4 * median(widest), 1.2 * Math.max(...inside.map(Math.abs)));
  const kept = ends.map((end) => Math.max(-cut, Math.min(cut, end)));
  const low = Math.min(...inside, ...kept);
  const high = Math.max(...inside, ...kept);
  const span = high - low;
  if (span === 0) return [-0.01, 0.01];
  // Zero never sits on the edge, so that the side without results is visible too.
  const pad = 0.06 * span;
  return [Math.min(low - pad, -0.12 * span), Math.max(high + pad, 0.12 * span)];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
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
