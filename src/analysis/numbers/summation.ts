import type { Centred } from '../centred.ts';

/** Sum of term(0) .. term(n - 1), keeping apart what each addition rounds off. */
function compensated(n: number, term: (index: number) => number): number {
  let total = 0;
  let lost = 0;
  for (let index = 0; index < n; index++) {
    const value = term(index);
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return Number.isFinite(lost) ? total + lost : total;
}

/**
 * Compensated sum of finite numbers, in any order: off by at most about 2^-53 of the sum plus n^2 2^-106 of the sum of
 * the absolute values. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
 */
export function sum(values: ArrayLike<number>): number {
  return compensated(values.length, (index) => values[index] as number);
}

/** Columns that vary by no more than the rounding of their mean do not vary; what overflowed has not settled. */
function settled({ n, mean, products }: Centred): Centred {
  const constant = mean.map((value, i) => {
    const squares = products[i]?.[i] as number;
    return Number.isFinite(squares) && squares <= n * (value * 2 ** -52) ** 2;
  });
  if (n === 0 || !constant.includes(true)) return { n, mean, products };
  return {
    n,
    mean,
    products: products.map((row, i) => row.map((value, j) => (constant[i] || constant[j] ? 0 : value))),
  };
}

/**
 * Means and centred second moments from the units themselves. Columns as in `Centred`: y, x (ones for means), then the
 * covariates; all equally long, all finite. Two passes, the second corrected for the rounding of the means: sum d e -
 * (sum d)(sum e) / n with d, e the deviations, all sums compensated (Chan, Golub and LeVeque, "Algorithms for computing
 * the sample variance", American Statistician 1983: the corrected two-pass algorithm). No digits are lost to large means,
 * as they are when sums about zero are centred afterwards.
 */
export function centredOf(columns: readonly ArrayLike<number>[]): Centred {
  const n = columns[0]?.length ?? 0;
  if (columns.some(({ length }) => length !== n)) throw new RangeError('columns of different lengths');
  const mean = columns.map((column) => sum(column) / n);
  const deviation = (column: number, unit: number) =>
    (columns[column]?.[unit] as number) - (mean[column] as number);
  const rest = columns.map((_, i) => compensated(n, (unit) => deviation(i, unit)));
  const product = (i: number, j: number) =>
    compensated(n, (unit) => deviation(i, unit) * deviation(j, unit)) -
    (n > 0 ? ((rest[i] as number) * (rest[j] as number)) / n : 0);
  const lower = columns.map((_, i) => columns.slice(0, i + 1).map((__, j) => product(i, j)));
  return settled({
    n,
    mean,
    products: columns.map((_, i) =>
      columns.map((__, j) => lower[Math.max(i, j)]?.[Math.min(i, j)] as number),
    ),
  });
}

/**
 * Moments of the units of both, which share none: mean_a + (n_b / n) d and P_a + P_b + (n_a n_b / n) d d' with d =
 * mean_b - mean_a (Chan, Golub and LeVeque 1983: the pairwise update). Relative error about 2^-52 mean / standard deviation,
 * against its square when sums about zero are added up.
 */
export function mergeCentred(a: Centred, b: Centred): Centred {
  if (a.mean.length !== b.mean.length) throw new RangeError('different numbers of columns');
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const apart = a.mean.map((value, i) => (b.mean[i] as number) - value);
  const weight = (a.n / n) * b.n;
  return settled({
    n,
    mean: a.mean.map((value, i) => value + (apart[i] as number) * (b.n / n)),
    products: a.products.map((row, i) =>
      row.map(
        (value, j) =>
          value + (b.products[i]?.[j] as number) + (apart[i] as number) * (apart[j] as number) * weight,
      ),
    ),
  });
}
