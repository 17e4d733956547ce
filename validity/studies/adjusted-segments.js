import { columns, sums } from '../populations.js';
import { interaction, omnibus } from '../product.js';
import { ALPHA, adjusted, judge, together } from './compare.js';

/**
 * Segments of growing activity, each adjusted by covariates with slopes of its own, as the report does: the last segment's
 * effect, how it differs from that of the rest, whether any differ. Covariates are as much larger as the values are.
 */
export function adjustedSegments({ population, sizes, scales, lift = 0 }) {
  const data = columns(population, Math.max(...sizes));
  const arm = (random, s, own) => {
    population.draw(random, sizes[s], data, own);
    for (let i = 0; i < sizes[s]; i++) {
      data.y[i] *= scales[s];
      for (const column of data.z) column[i] *= scales[s];
    }
    return sums(data, 0, sizes[s]);
  };
  const last = sizes.length - 1;
  const mean = (segments) => {
    const units = segments.reduce((sum, s) => sum + sizes[s], 0);
    return segments.reduce((sum, s) => sum + scales[s] * sizes[s], 0) / units;
  };
  const others = Array.from({ length: last }, (_, s) => s);
  const truth = lift * population.value * scales[last];
  const beside = truth - lift * population.value * mean(others);
  const effectOf = (pair) => {
    const found = adjusted('mean', [pair]);
    return found.ok ? found.value.pair.absolute : found;
  };
  return (random, tally) => {
    const parts = sizes.map((_, s) => [arm(random, s, lift), arm(random, s, 0)]);
    const effects = parts.map(effectOf);
    const rest = [0, 1].map((of) => together(others.map((s) => parts[s][of])));
    judge(tally, '', effects[last], truth);
    judge(tally, 'interaction ', interaction(effects[last], effectOf(rest)), beside);
    if (lift !== 0) return;
    const any = omnibus(effects.map(({ value }) => value));
    tally.hit('omnibus', any.value.p <= ALPHA);
  };
}
