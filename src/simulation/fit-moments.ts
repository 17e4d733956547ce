/** A parameter on the scale on which it is turned. */
export interface Turned {
  readonly value: number;
  readonly least: number;
  readonly greatest: number;
  /** Of the finite difference. */
  readonly step: number;
  /** The most that one round may turn it. */
  readonly most: number;
}

/**
 * The next point of a damped Gauss-Newton search (Levenberg 1944): minimises |r + J d|^2 + damping |D d|^2 over d, with D the
 * inverse of the largest allowed turns, then cuts d to them and to the bounds.
 *
 * @param residuals (ours - published) / tolerance, m of them
 * @param jacobian  m x n, row-major: change of each residual per unit of each parameter
 */
export function nextPoint(
  parameters: readonly Turned[],
  residuals: readonly number[],
  jacobian: readonly (readonly number[])[],
  damping: number,
): number[] {
  const n = parameters.length;
  // In units of the largest turns, so that damping treats all alike.
  const scaled = jacobian.map((row) => row.map((slope, j) => slope * parameters[j]!.most));
  const left = Array.from({ length: n }, (_, i) =>
    Array.from(
      { length: n },
      (_, j) => scaled.reduce((sum, row) => sum + row[i]! * row[j]!, 0) + (i === j ? damping : 0),
    ),
  );
  const right = Array.from(
    { length: n },
    (_, i) => -scaled.reduce((sum, row, k) => sum + row[i]! * residuals[k]!, 0),
  );
  const turns = solve(left, right);
  const cut = Math.max(1, ...turns.map(Math.abs));
  return parameters.map(({ value, least, greatest, most }, j) =>
    Math.min(greatest, Math.max(least, value + (turns[j]! / cut) * most)),
  );
}

/** Gaussian elimination with pivoting; `left` and `right` are overwritten. */
function solve(left: number[][], right: number[]): number[] {
  const n = right.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(left[row]![column]!) > Math.abs(left[pivot]![column]!)) pivot = row;
    [left[column], left[pivot]] = [left[pivot]!, left[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    for (let row = column + 1; row < n; row++) {
      const factor = left[row]![column]! / left[column]![column]!;
      for (let j = column; j < n; j++) left[row]![j]! -= factor * left[column]![j]!;
      right[row]! -= factor * right[column]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let row = n - 1; row >= 0; row--) {
    let rest = right[row]!;
    for (let j = row + 1; j < n; j++) rest -= left[row]![j]! * x[j]!;
    x[row] = rest / left[row]![row]!;
  }
  return x;
}

/** Broyden's update (1965): the least change of the Jacobian that explains what the last turn did. */
export function learnJacobian(
  jacobian: readonly (readonly number[])[],
  turn: readonly number[],
  change: readonly number[],
): number[][] {
  const length = turn.reduce((sum, value) => sum + value * value, 0);
  if (length === 0) return jacobian.map((row) => row.slice());
  return jacobian.map((row, i) => {
    const expected = row.reduce((sum, slope, j) => sum + slope * turn[j]!, 0);
    return row.map((slope, j) => slope + ((change[i]! - expected) * turn[j]!) / length);
  });
}
