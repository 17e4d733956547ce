import { binomialTail, normalQuantile } from './product.js';

/** All claims together are called wrong by chance in one run of a hundred. */
export const FAMILY_ERROR = 0.01;

const JUDGED = new Set(['nominal', 'at-most', 'at-least', 'above', 'calibrated']);

/** Bonferroni's share of a claim; claims of `never` leave nothing to chance and `measured` claims nothing. */
export function errorOfEach(plan) {
  const count = plan.flatMap(({ claims }) => claims).filter(({ kind }) => JUDGED.has(kind)).length;
  return { count, error: FAMILY_ERROR / count };
}

/** Least count with P(X > count) <= error among n trials of chance p. */
function upper(n, p, error) {
  let [low, high] = [-1, n];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (binomialTail(middle + 1, n, p) <= error) high = middle;
    else low = middle;
  }
  return high;
}

const lower = (n, p, error) => n - upper(n, 1 - p, error);

/** Band of a mean of figures in [0, 1]: their own spread is known from the sample only. */
const reach = (error, deviation, n) => normalQuantile(error) * (deviation / Math.sqrt(n));

function measuredOf(claim, entry) {
  const { n } = entry;
  if (entry.squares > 0 || entry.sum > 0) {
    const rate = entry.sum / n;
    const deviation = Math.sqrt(Math.max(0, entry.squares / n - rate * rate));
    return { n, rate, deviation, counted: false };
  }
  const rate = entry.hits / n;
  const expected = entry.variance > 0 ? entry.expected / n : claim.expected;
  return { n, rate, deviation: Math.sqrt(rate * (1 - rate)), counted: true, expected };
}

/** Acceptable rates of a claim, [low, high]. */
function bandOf(claim, entry, measured, error) {
  const { n, counted, deviation } = measured;
  const { kind, expected } = claim;
  if (entry.variance > 0) {
    const middle = entry.expected / n;
    const half = normalQuantile(error / 2) * (Math.sqrt(entry.variance) / n);
    return [middle - half, middle + half];
  }
  const top = (p, e) => (counted ? upper(n, p, e) / n : p + reach(e, deviation, n));
  const bottom = (p, e) => (counted ? lower(n, p, e) / n : p - reach(e, deviation, n));
  if (kind === 'nominal' || kind === 'measured')
    return [bottom(expected, error / 2), top(expected, error / 2)];
  if (kind === 'at-most') return [0, top(expected, error)];
  if (kind === 'at-least') return [bottom(expected, error), 1];
  if (kind === 'above') return [top(expected, error), 1];
  return [0, 0];
}

/**
 * A claim against what was found: the rate, its Monte Carlo error (one standard deviation), the band of rates that chance
 * explains at the family-wise error, and a verdict: holds, fails, or, where nothing was claimed, inside or outside.
 */
export function judge(claim, entry, error) {
  if (!entry || entry.n === 0)
    return {
      ...claim,
      n: 0,
      refused: entry?.refused ?? 0,
      verdict: claim.kind === 'measured' ? 'refused' : 'fails',
    };
  const measured = measuredOf(claim, entry);
  const { n, rate, deviation, expected = claim.expected } = measured;
  const band = bandOf(claim, entry, measured, error);
  const inside = band[0] <= rate && rate <= band[1] && !(claim.kind === 'above' && rate === band[0]);
  return {
    ...claim,
    ...{ n, rate, expected, band, refused: entry.refused },
    monteCarlo: deviation / Math.sqrt(n),
    verdict: claim.kind === 'measured' ? (inside ? 'inside' : 'outside') : inside ? 'holds' : 'fails',
  };
}
