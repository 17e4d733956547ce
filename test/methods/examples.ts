const first = [0.7, 3.3, 4.0, 1.4, 1.5, 2.2];
const second = [0.6, 0.4, 0.4, 0.4, 2.5, 0.9, 1.1];

/** An input that can be computed, for methods whose vectors stand elsewhere. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  relative: { treatment: { n: 100, mean: 2.1, variance: 1 }, control: { n: 120, mean: 2, variance: 1.2 } },
  ratio: {
    treatment: {
      n: 100,
      numerator: 50,
      denominator: 200,
      numeratorSquares: 60,
      denominatorSquares: 500,
      products: 120,
    },
    control: {
      n: 90,
      numerator: 50,
      denominator: 190,
      numeratorSquares: 60,
      denominatorSquares: 480,
      products: 125,
    },
    relative: 'fieller',
  },
  cuped: {
    strata: [
      {
        treatment: {
          y: first,
          covariates: [
            [1, 3, 3, 2, 1, 2],
            [0, 1, 0, 1, 0, 1],
          ],
        },
        control: {
          y: second,
          covariates: [
            [1, 0, 1, 0, 2, 1, 1],
            [1, 0, 1, 0, 1, 0, 0],
          ],
        },
      },
    ],
    covariates: ['a', 'b'],
  },
  proportions: { treatment: { successes: 30, trials: 100 }, control: { successes: 25, trials: 110 } },
  quantile: { q: 0.5, treatment: { values: first }, control: { values: second } },
  winsorise: { q: 0.9, treatment: first, control: second },
  'always-valid': { estimate: 0.1, standardError: 0.05, n: 1000, plannedUnits: 5000 },
  msprt: {
    looks: [
      { n: 100, estimate: 0.1, standardError: 0.1 },
      { n: 200, estimate: 0.2, standardError: 0.07 },
    ],
    mixing: 0.1,
  },
  'group-sequential': { information: [0.25, 0.5, 1], spending: 'pocock' },
  'classical-boundaries': { shape: 'pocock', looks: 4 },
  'beta-binomial': {
    treatment: { successes: 30, trials: 100 },
    control: { successes: 25, trials: 110 },
    prior: { a: 2, b: 3 },
    direction: 'lower-is-better',
    level: 0.9,
  },
  'sequential-sample-ratio': {
    batches: [
      [50, 52],
      [40, 60],
    ],
    weights: [0.5, 0.5],
  },
  interaction: {
    segment: { estimate: 0.1, standardError: 0.05 },
    rest: { estimate: -0.1, standardError: 0.03 },
  },
  heterogeneity: {
    effects: [
      { estimate: 0.1, standardError: 0.05 },
      { estimate: 0.3, standardError: 0.04 },
      { estimate: 0, standardError: 0.1 },
    ],
  },
  shrinkage: {
    effects: [
      { estimate: 0.1, standardError: 0.05 },
      { estimate: 0.3, standardError: 0.04 },
      { estimate: 0, standardError: 0.1 },
    ],
  },
  'non-inferiority': { interval: [-0.01, 0.02], margin: 0.03, direction: 'lower-is-better' },
  power: {
    metric: { kind: 'proportion', control: 0.05 },
    effect: { relative: 0.02 },
    units: { treatment: 10000, control: 10000 },
  },
  'sample-size': { metric: { kind: 'proportion', control: 0.05 }, effect: { relative: 0.02 } },
  'minimum-detectable-effect': {
    metric: { kind: 'proportion', control: 0.05 },
    units: { treatment: 10000, control: 10000 },
  },
  duration: { units: 5000, cumulative: [100, 200, 300], perDay: 100 },
  'preference-t': { n: 50, sum: 4, sumOfSquares: 30 },
  'preference-bootstrap': {
    histogram: [
      { difference: -1, units: 10 },
      { difference: 0, units: 30 },
      { difference: 2, units: 14 },
    ],
    seed: 3,
    resamples: 50,
  },
  novelty: {
    treatment: { later: first, earlier: [1, 2, 3, 1, 2, 3] },
    control: { later: second, earlier: [1, 2, 1, 2, 1, 2, 1] },
  },
};
