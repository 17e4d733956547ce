import { probabilityOf, upperGamma } from './incomplete.ts';

/**
 * P(Z > z) of a standard normal Z, as the density times Mills's ratio R(z) = P(Z > z) / phi(z). Planning and sequential
 * boundaries need it hundreds of thousands of times, so R is tabulated and continued between the nodes by its Taylor
 * series, whose derivatives follow from R' = z R - 1: R^(n+1) = z R^(n) + n R^(n-1).
 */
const STEPS = 16;
/** P(Z > 38.6) is under the smallest positive double. */
const MOST = 39;
const TERMS = 14;
const DENSITY_AT_0 = 0.3989422804014327;

interface Table {
  readonly density: Float64Array;
  /** Taylor coefficients R^(n) / n! of every node, one node after the other. */
  readonly mills: Float64Array;
}

/** Laplace's continued fraction 1 / (z + 1 / (z + 2 / (z + ...))) from its far end; for z >= 2. */
function millsRatio(z: number): number {
  let rest = z;
  for (let k = 400; k > 0; k--) rest = z + k / rest;
  return 1 / rest;
}

function tabulate(): Table {
  const nodes = MOST * STEPS + 1;
  const density = new Float64Array(nodes);
  const mills = new Float64Array(nodes * TERMS);
  for (let node = 0; node < nodes; node++) {
    const z = node / STEPS;
    density[node] = DENSITY_AT_0 * Math.exp((-z * z) / 2);
    const ratio = z < 2 ? probabilityOf(upperGamma(0.5, (z * z) / 2)) / 2 / density[node]! : millsRatio(z);
    let [before, now, factorial] = [ratio, z * ratio - 1, 1];
    mills[node * TERMS] = before;
    for (let n = 1; n < TERMS; n++) {
      factorial *= n;
      mills[node * TERMS + n] = now / factorial;
      [before, now] = [now, z * now + n * before];
    }
  }
  return { density, mills };
}

let table: Table | undefined;

/** P(Z > z), right to 2e-14 of itself down to the smallest normal double. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (!(z < MOST)) return Number.isNaN(z) ? Number.NaN : 0;
  table ??= tabulate();
  const node = Math.round(z * STEPS);
  const from = node / STEPS;
  const apart = z - from;
  let ratio = 0;
  for (let n = TERMS - 1; n >= 0; n--) ratio = ratio * apart + (table.mills[node * TERMS + n] as number);
  // The node's own square is exact, so that the exponent keeps its digits.
  return (table.density[node] as number) * Math.exp((-apart * (from + z)) / 2) * ratio;
}
