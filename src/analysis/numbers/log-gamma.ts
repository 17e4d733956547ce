/** log gamma and log beta by Stirling's series (DLMF 5.11.1). */
const HALF_LOG_TWO_PI = 0.9189385332046728;

function series(x: number): number {
  const s = 1 / (x * x);
  return (
    (1 / 12 -
      s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) /
    x
  );
}

/** log gamma(x), x > 0. */
export function logGamma(x: number): number {
  let product = 1;
  let shifted = x;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series(shifted) - Math.log(product)
  );
}

/** What Stirling's leading terms miss: log gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), x > 0. */
export function stirlingRest(x: number): number {
  return x < 10 ? logGamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI) : series(x);
}

/** log B(a, b), a, b > 0; the large arguments cancel analytically, so no digits are lost to them. */
export function logBeta(a: number, b: number): number {
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const growth =
    (large - 0.5) * Math.log1p(small / large) +
    small * Math.log(large + small) -
    small +
    series(large + small) -
    series(large);
  return logGamma(small) - growth;
}
