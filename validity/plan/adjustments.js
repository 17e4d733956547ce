import * as people from '../populations.js';
import { compareAdjusted, phases } from '../studies/compare.js';
import { bootstrapped, quantiles, winsorised } from '../studies/shape.js';
import { about, claim, collect, LIFT, sizes } from './claims.js';

const { exponential, logNormal } = people;

const { scenarios, scenario } = collect();

/** Adjusted: an A/A test and +10 %. */
function adjustedPair(id, method, population, units, kind = 'nominal', short = 0) {
  const settings = { population, units, relative: true };
  scenario(
    `${id}-aa`,
    about(population, units),
    compareAdjusted,
    settings,
    [
      claim('false-positives', method, 'reject', kind, 0.05),
      claim('agreement', method, 'disagrees', 'never', 0, 'p and interval disagree'),
    ],
    short,
  );
  scenario(
    `${id}-cover`,
    `${about(population, units)}; +10 %`,
    compareAdjusted,
    { ...settings, lift: LIFT },
    [
      claim('coverage', `${method}, absolute`, 'covers', kind, 0.95, 'covers'),
      claim('coverage', `${method}, relative, Fieller`, 'fieller', kind, 0.95, 'covers'),
    ],
  );
}

adjustedPair('cuped-30', 'CUPED', people.withBefore(0.3), [1000, 1000]);
adjustedPair('cuped-70', 'CUPED', people.withBefore(0.7), [1000, 1000], 'nominal', 1000);
adjustedPair('cuped-three', 'CUPED, 3 covariates', people.threeCovariates(), [1000, 1000]);
adjustedPair(
  'cuped-ratio',
  'CUPED, ratio, 2 covariates',
  people.clicksBefore(),
  [1000, 1000],
  'nominal',
  300,
);
adjustedPair('cuped-share', 'CUPED, proportion', people.shareBefore(), [1000, 1000]);
adjustedPair('strata', 'post-stratified', people.stratified(), [1000, 1000]);
adjustedPair('cuped-strata', 'CUPED, post-stratified', people.stratifiedBefore(), [1000, 1000]);
for (const [n, df] of [
  [11, 20],
  [21, 40],
  [101, 200],
]) {
  const population = people.normalBefore(0.7);
  scenario(
    `cuped-small-${df}`,
    `${about(population, [n, n])} (${df} degrees of freedom for the slope)`,
    compareAdjusted,
    { population, units: [n, n] },
    [claim('false-positives', 'CUPED, few units', 'reject', df < 200 ? 'measured' : 'nominal', 0.05)],
  );
}
scenario(
  'phases',
  'hours in two phases of other allocation and activity; 200 + 1,800, then 1,500 + 1,500 units',
  phases,
  {
    population: logNormal(1),
    sizes: [
      [200, 1800],
      [1500, 1500],
    ],
  },
  [
    claim('false-positives', 'post-stratified by phase', 'reject', 'nominal', 0.05),
    claim('false-positives', "phases thrown together (Simpson's paradox)", 'as one reject', 'above', 0.05),
  ],
  400,
);

const POINTS = [
  { q: 0.5, z: 0 },
  { q: 0.95, z: 1.6448536269514722 },
  { q: 0.99, z: 2.3263478740408408 },
];
for (const [id, units, requests, name] of [
  ['users', [500, 500], 8, 'latency, about 8 requests a user'],
  ['single', [2000, 2000], 1, 'latency, one request a user'],
]) {
  const data = `${name}; ${sizes(units)} units`;
  const of = (q) => `quantile p${100 * q}`;
  scenario(
    `quantile-${id}-aa`,
    data,
    quantiles,
    { units, requests, points: POINTS },
    POINTS.map(({ q }) => claim('false-positives', of(q), `p${100 * q} reject`, 'nominal', 0.05)),
  );
  scenario(
    `quantile-${id}-cover`,
    `${data}; +10 %`,
    quantiles,
    { units, requests, lift: LIFT, points: POINTS },
    POINTS.flatMap(({ q }) => [
      claim('coverage', `${of(q)}, absolute`, `p${100 * q} covers`, 'nominal', 0.95, 'covers'),
      claim('coverage', `${of(q)}, relative, Fieller`, `p${100 * q} fieller`, 'nominal', 0.95, 'covers'),
    ]),
  );
}
scenario(
  'quantile-few',
  'latency, one request a user; 100 + 100 units',
  quantiles,
  { units: [100, 100], requests: 1, points: POINTS.slice(0, 2) },
  [
    claim('false-positives', 'quantile p50, few units', 'p50 reject', 'measured', 0.05),
    claim('false-positives', 'quantile p95, few units', 'p95 reject', 'measured', 0.05),
  ],
);
for (const q of [0.99, 0.999]) {
  const units = [1000, 1000];
  scenario(
    `winsorised-${q}`,
    `${about(logNormal(2), units)}; capped at the pooled ${100 * q} % quantile`,
    winsorised,
    { population: logNormal(2), units, q },
    [
      claim(
        'false-positives',
        `Welch t, winsorised at ${100 * q} %`,
        'reject',
        q === 0.99 ? 'nominal' : 'measured',
        0.05,
      ),
    ],
  );
}

for (const n of [200, 20]) {
  const kind = n === 200 ? 'nominal' : 'measured';
  scenario(
    `bootstrap-${n}`,
    `${about(exponential(), [n, n])}; +10 %`,
    bootstrapped,
    { population: exponential(), units: [n, n], resamples: 1000, lift: LIFT },
    [
      claim('coverage', 'bootstrap over users, percentile', 'percentile', kind, 0.95, 'covers'),
      claim('coverage', 'bootstrap over users, BCa', 'bca', kind, 0.95, 'covers'),
    ],
  );
}

export const adjustments = scenarios;
