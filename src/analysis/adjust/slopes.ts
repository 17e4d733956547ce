/** Fewer residual degrees of freedom than this per covariate and its slope is noise that the variance does not show. */
const UNITS_PER_SLOPE = 20;

/** Share of a covariate's variance that the ones before it must leave unexplained. */
const INDEPENDENT = 1e-9;

export interface Slopes {
  /** Indices of the covariates kept, ascending, and their slopes. */
  readonly kept: readonly number[];
  readonly theta: readonly number[];
  readonly dropped: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * Least-squares slopes of a value on covariates: theta = S^-1 c, where S holds the covariates' pooled sums of squares
 * and products and c those with the value. Covariates are taken in their order, by a Cholesky factor of S scaled to
 * unit diagonal; one that does not vary, or that the kept ones before it explain to within 1e-9 of its variance, is
 * dropped and named. `freedom`: degrees of freedom of the pooled sums, of which each slope needs 20.
 */
export function slopes(
  squares: readonly (readonly number[])[],
  withValue: readonly number[],
  freedom: number,
  names: readonly string[],
): Slopes {
  const kept: number[] = [];
  const dropped: { index: number; reason: string }[] = [];
  const factor: number[][] = [];
  const forward: number[] = [];
  const scale = squares.map((row, i) => Math.sqrt(row[i] ?? 0));
  const at = (i: number, j: number) => (squares[i]?.[j] ?? 0) / (scale[i] ?? 1) / (scale[j] ?? 1);
  for (const i of squares.keys()) {
    const drop = (reason: string) => dropped.push({ index: i, reason });
    const own = scale[i] ?? 0;
    const value = withValue[i] ?? 0;
    if (![own, value, ...kept.map((j) => squares[i]?.[j] ?? 0)].every(Number.isFinite)) {
      drop('its sums are not finite');
      continue;
    }
    if (own === 0) {
      drop('it does not vary within any arm');
      continue;
    }
    if (freedom < UNITS_PER_SLOPE * (kept.length + 1)) {
      drop(`too few units: ${UNITS_PER_SLOPE} degrees of freedom are needed for each covariate`);
      continue;
    }
    const row: number[] = [];
    for (const [r, j] of kept.entries()) {
      const before = factor[r] ?? [];
      let rest = at(i, j);
      for (let s = 0; s < r; s++) rest -= (row[s] ?? 0) * (before[s] ?? 0);
      row.push(rest / (before[r] ?? 1));
    }
    const left = row.reduce((sum, entry) => sum - entry * entry, 1);
    if (!(left > INDEPENDENT)) {
      const others = kept.map((j) => names[j]).join(', ');
      drop(`it is a linear combination of ${others}`);
      continue;
    }
    row.push(Math.sqrt(left));
    let rest = value / own;
    for (const [s, entry] of row.slice(0, -1).entries()) rest -= entry * (forward[s] ?? 0);
    forward.push(rest / Math.sqrt(left));
    factor.push(row);
    kept.push(i);
  }
  const theta = new Array<number>(kept.length).fill(0);
  for (let r = kept.length - 1; r >= 0; r--) {
    let rest = forward[r] ?? 0;
    for (let s = r + 1; s < kept.length; s++) rest -= (factor[s]?.[r] ?? 0) * (theta[s] ?? 0);
    theta[r] = rest / (factor[r]?.[r] ?? 1);
  }
  return { kept, theta: theta.map((slope, r) => slope / (scale[kept[r] ?? 0] ?? 1)), dropped };
}
