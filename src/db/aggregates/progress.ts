import type { MetricDeclaration } from '../../declarations.ts';

/**
 * How a metric's value of a unit comes about over the days of the experiment:
 * `open` changes with every day of activity; `weeks` with every completed 7 x 24 h block; a number of milliseconds is
 * a window that completes once, that long after the opening.
 */
export type Progress = 'open' | 'weeks' | number;

/** Where one of a metric's windows ends, the other ends with it. */
export function progressOf(metric: MetricDeclaration): Progress {
  if (metric.perWeek) return 'weeks';
  const ends = [metric.numerator, metric.denominator].map((m) =>
    m && m.event !== 'unit' ? m.window.toMs : undefined,
  );
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? 'open' : Math.max(...known);
}
