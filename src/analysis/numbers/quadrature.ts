/** Below this logarithm of the largest term, nothing is added to the sum. */
const NEGLIGIBLE = -44;
/** Points a side; wide but slow integrands stop here, far into what is negligible. */
const MOST_POINTS = 200_000;

/**
 * Integral over the real line of exp(log(u)), log concave and smooth, by the trapezoidal rule with step `width` / 6: its
 * error falls geometrically with the step for functions that are analytic around the line (Trefethen and Weideman 2014).
 * `between`: two points with the mode between or near them. `width`: the finest scale on which the integrand changes.
 */
export function logConcaveIntegral(
  log: (u: number) => number,
  between: readonly [number, number],
  width: number,
): number {
  const top = mode(log, Math.min(...between) - 10 * width, Math.max(...between) + 10 * width);
  const peak = log(top);
  if (peak === -Infinity) return 0;
  const step = width / 6;
  let total = 0;
  for (const direction of [1, -1]) {
    for (let index = direction === 1 ? 0 : 1; index < MOST_POINTS; index++) {
      const term = log(top + direction * index * step) - peak;
      if (!(term > NEGLIGIBLE)) break;
      total += Math.exp(term);
    }
  }
  return total * step * Math.exp(peak);
}

/** Where a concave function is largest: golden section search, to what the sum's starting point needs. */
function mode(f: (u: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let step = 0; step < 40; step++) {
    if (atLeft < atRight) {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = f(right);
    } else {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = f(left);
    }
  }
  return (low + high) / 2;
}

const TANH_SINH: readonly (readonly [number, number])[] = Array.from({ length: 385 }, (_, index) => {
  const t = (index - 192) / 48;
  const s = (Math.PI / 2) * Math.sinh(t);
  return [Math.tanh(s), ((Math.PI / 2) * Math.cosh(t)) / (Math.cosh(s) ** 2 * 48)];
});

/** Integral over a finite interval, singular derivatives at its ends allowed (Takahasi and Mori 1974). */
export function tanhSinh(f: (x: number) => number, from: number, to: number): number {
  const half = (to - from) / 2;
  let total = 0;
  for (const [x, weight] of TANH_SINH) {
    if (weight > 1e-20) total += weight * f(from + half * (1 + x));
  }
  return total * half;
}
