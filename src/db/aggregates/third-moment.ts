/** Exact power sums over units with the same number of weeks: values above the cap are 0 in them. */
export interface PowerSums {
  readonly weeks: number;
  readonly n: number;
  readonly y: bigint;
  readonly yy: bigint;
  readonly yyy: bigint;
  readonly capped: number;
}

/**
 * sum (v - mean)^3 over all units, v = y / weeks or the cap, by sum v^3 - 3 mean sum v^2 + 2 n mean^3 in whole numbers:
 * floats would lose it to the subtraction where the mean is far from 0.
 */
export function thirdMoment(rows: readonly PowerSums[], cap: number | null): number {
  // All values as whole numbers of 1 / unit: caps are values, and so are they.
  const unit = rows.reduce((common, { weeks }) => leastCommonMultiple(common, BigInt(weeks)), 1n);
  const capped = cap === null ? 0n : BigInt(Math.round(cap * Number(unit)));
  let [n, y, yy, yyy] = [0n, 0n, 0n, 0n];
  for (const row of rows) {
    const factor = unit / BigInt(row.weeks);
    const over = BigInt(row.capped);
    n += BigInt(row.n);
    y += row.y * factor + over * capped;
    yy += row.yy * factor ** 2n + over * capped ** 2n;
    yyy += row.yyy * factor ** 3n + over * capped ** 3n;
  }
  if (n === 0n) return 0;
  return quotient(n * n * yyy - 3n * n * y * yy + 2n * y ** 3n, n * n * unit ** 3n);
}

/** a / b as the nearest double or its neighbour, also where they are beyond the range of doubles. */
function quotient(a: bigint, b: bigint): number {
  const excess = (value: bigint) => Math.max(0, value.toString(2).length - 128);
  const [ofA, ofB] = [excess(a), excess(b)];
  return (Number(a >> BigInt(ofA)) / Number(b >> BigInt(ofB))) * 2 ** (ofA - ofB);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [greatest, rest] = [a, b];
  while (rest > 0n) [greatest, rest] = [rest, greatest % rest];
  return (a / greatest) * b;
}
