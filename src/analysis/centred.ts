import type { Moments } from './aggregates.ts';

/**
 * Means and centred second moments of the columns of one arm: column 0 is y, column 1 is x (1 for means and
 * proportions), columns 2 .. k + 1 are the covariates. Every statistic of means, proportions and ratios reads these, so
 * that none of them subtracts large sums from one another.
 */
export interface Centred {
  readonly n: number;
  readonly mean: readonly number[];
  /** products[i][j] = sum over units of (c_i - mean_i) (c_j - mean_j), symmetric. */
  readonly products: readonly (readonly number[])[];
}

/** Veltkamp's splitter, 2^27 + 1. */
const SPLIT = 134_217_729;

function halves(a: number): readonly [number, number] {
  const scaled = a * SPLIT;
  const high = scaled - (scaled - a);
  return [high, a - high];
}

/** What a x b loses in rounding (Dekker 1971, "A floating-point technique for extending the available precision"). */
function productError(a: number, b: number, product: number): number {
  const [aHigh, aLow] = halves(a);
  const [bHigh, bLow] = halves(b);
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * sum ab - (sum a)(sum b) / n without losing digits to the subtraction. What is left within rounding of the sums
 * themselves (2^-50 of the larger) counts as none, so that no variance is noise.
 */
function centredProduct(ab: number, a: number, b: number, n: number): number {
  const product = a * b;
  const error = productError(a, b, product);
  const quotient = product / n;
  const back = quotient * n;
  const low = (product - back - productError(quotient, n, back) + (Number.isFinite(error) ? error : 0)) / n;
  const rest = ab - quotient - low;
  // Sums whose product overflowed have no difference: neither none nor any.
  if (!Number.isFinite(rest)) return Number.NaN;
  return Math.abs(rest) <= Math.max(Math.abs(ab), Math.abs(quotient)) * 2 ** -50 ? 0 : rest;
}

/** Centres sums that were taken about zero, as SQL returns them. */
export function centre({ n, y, yy, x, xx, xy, z, centred }: Moments): Centred {
  if (centred) return { n, ...centred };
  const sums = [y, x, ...(z?.z ?? [])];
  const product = (i: number, j: number): number => {
    if (i > j) return product(j, i);
    if (i === 0) return j === 0 ? yy : j === 1 ? xy : (z?.zy[j - 2] ?? 0);
    if (i === 1) return j === 1 ? xx : (z?.zx[j - 2] ?? 0);
    return z?.zz[i - 2]?.[j - 2] ?? 0;
  };
  return {
    n,
    mean: sums.map((sum) => sum / n),
    products: sums.map((a, i) => sums.map((b, j) => centredProduct(product(i, j), a, b, n))),
  };
}
