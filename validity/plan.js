import * as people from './populations.js';
import { betaPrior, normalPrior } from './studies/bayes.js';
import { compare, compareAdjusted, phases } from './studies/compare.js';
import { CORRECTIONS, families } from './studies/families.js';
import { guardrail, latencyGuardrail } from './studies/guardrails.js';
import { interleaving } from './studies/interleaving.js';
import { peeking } from './studies/peeking.js';
import { planned, power } from './studies/power.js';
import { once, watched } from './studies/ratio-of-units.js';
import { novelty, segments, shrinkage } from './studies/segments.js';
import { bootstrapped, nearZero, quantiles, winsorised } from './studies/shape.js';
import { verdicts } from './studies/verdict.js';

/**
 * Everything that is measured, with its sizes and what is claimed of it, fixed before any of it was run.
 *
 * Kinds of claim: `nominal`, the rate is `expected`, both ways; `at-most`, it is not above; `above`, it is certainly above
 * (the test can fail: what must not be done does harm); `never`; `calibrated`, events happen as
 * often as they were predicted to; `measured`, nothing is claimed because the method is outside its conditions (few units,
 * extreme skew) or promises no rate, and the table says by how much it misses `expected`.
 */

export const SEED = 20_241;
export const TESTS = 10_000;

const scenarios = [];

function scenario(id, data, study, settings, claims, short = 0) {
  scenarios.push({ id, data, study, settings, claims, short });
}

const claim = (section, method, key, kind, expected, quantity = 'rejects') => ({
  ...{ section, method, key, kind, expected, quantity },
});

const sizes = ([t, c]) => `${t.toLocaleString('en')} + ${c.toLocaleString('en')}`;
const about = (population, units) => `${population.name}; ${sizes(units)} units`;

const LIFT = 0.1;
const PLAIN = {
  mean: 'Welch t',
  proportion: 'unpooled z',
  ratio: 'delta method',
};

/** A/A tests of the plain comparison. */
function aa(
  id,
  population,
  units,
  kind,
  {
    more = [],
    short = 0,
    method = PLAIN[population.kind],
    data = about(population, units),
    ...settings
  } = {},
) {
  const claims = [
    claim('false-positives', method, 'reject', kind, 0.05),
    claim('agreement', method, 'disagrees', 'never', 0, 'p and interval disagree'),
    ...more.map(([name, key, how, expected]) => claim('false-positives', name, key, how, expected)),
  ];
  scenario(id, data, compare, { population, units, ...settings }, claims, short);
}

const { hours, logNormal, normal, exponential, share, clicks, sessionLength } = people;
const ONE = ['Welch t at 1 %', 'reject at 1 %', 'nominal', 0.01];

aa('welch-hours-1000', hours(), [1000, 1000], 'nominal', { more: [ONE], short: 1000 });
aa('welch-hours-2000', hours(), [2000, 2000], 'nominal', { more: [ONE] });
aa('welch-exponential', exponential(), [200, 200], 'nominal');
aa('welch-normal', normal(10, 3), [20, 20], 'nominal');
aa('welch-normal-unequal', normal(10, 6), [15, 60], 'nominal', {
  treatmentPopulation: normal(10, 2),
  data: 'normal, mean 10, deviations 2 and 6; 15 + 60 units',
});
aa('welch-hours-10-90', hours(), [2000, 18_000], 'nominal');
aa('welch-hours-100', hours(), [100, 100], 'measured');
aa('welch-hours-20', hours(), [20, 20], 'measured');
aa('welch-hours-small-arm', hours(), [100, 900], 'measured');
for (const n of [20, 100, 1000, 10_000]) aa(`welch-heavy-${n}`, logNormal(2), [n, n], 'measured');
aa('welch-heavy-small-arm', logNormal(2), [200, 1800], 'measured');

const pooled = ['pooled z', 'pooled reject', 'nominal', 0.05];
aa('share-50', share(0.5), [1000, 1000], 'nominal', { more: [pooled], short: 2000 });
aa('share-5', share(0.05), [2000, 2000], 'nominal', { more: [pooled] });
aa('share-half', share(0.005), [10_000, 10_000], 'nominal', { more: [pooled] });
aa('share-5-10-90', share(0.05), [1000, 9000], 'nominal', { more: [pooled] });
aa('share-few', share(0.005), [1000, 1000], 'at-most', { method: 'Newcombe score' });
aa('share-few-20', share(0.2), [20, 20], 'at-most', { method: 'Newcombe score' });

const byEvent = ['z over events, as if they were units', 'by event reject', 'above', 0.05];
aa('ratio-clicks', clicks(), [1000, 1000], 'nominal', { more: [byEvent], short: 400 });
aa('ratio-clicks-200', clicks(), [200, 200], 'nominal');
aa('ratio-sessions', sessionLength(), [1000, 1000], 'nominal');
aa('ratio-clicks-10-90', clicks(), [200, 1800], 'nominal');
aa('ratio-clicks-20', clicks(), [20, 20], 'measured');
aa('ratio-sessions-20', sessionLength(), [20, 20], 'measured');
aa('ratio-sessions-small-arm', sessionLength(), [20, 180], 'measured');

/** +10 %: absolute and relative intervals of the same samples. */
function coverage(id, population, units, kind = 'nominal', relativeKind = kind, short = 0) {
  const covers = (name, key, how) => claim('coverage', name, key, how, 0.95, 'covers');
  const method = PLAIN[population.kind];
  scenario(
    id,
    `${about(population, units)}; +10 %`,
    compare,
    { population, units, lift: LIFT },
    [
      covers(`${method}, absolute`, 'covers', kind),
      covers('relative, Fieller', 'fieller', relativeKind),
      covers('relative, delta', 'delta', relativeKind),
      covers('relative, log ratio', 'log', relativeKind),
    ],
    short,
  );
}

coverage('cover-hours', hours(), [1000, 1000], 'nominal', 'nominal', 1000);
coverage('cover-hours-2000', hours(), [2000, 2000]);
coverage('cover-share', share(0.05), [2000, 2000]);
coverage('cover-share-50', share(0.5), [1000, 1000]);
coverage('cover-clicks', clicks(), [1000, 1000], 'nominal', 'nominal', 400);
coverage('cover-sessions', sessionLength(), [1000, 1000]);
coverage('cover-hours-20', hours(), [20, 20], 'measured');
coverage('cover-heavy', logNormal(2), [1000, 1000], 'measured');
scenario(
  'cover-share-few',
  `${about(share(0.005), [1000, 1000])}; +10 %`,
  compare,
  { population: share(0.005), units: [1000, 1000], lift: LIFT },
  [
    claim('coverage', 'Newcombe score, absolute', 'covers', 'at-least', 0.95, 'covers'),
    claim('coverage', 'its own limits, relative', 'fieller', 'at-least', 0.95, 'covers'),
  ],
);
const faint = normal(1, 4);
scenario(
  'cover-near-zero',
  `${about(faint, [400, 400])} (control 5 standard errors from 0); +10 %`,
  nearZero,
  { population: faint, units: [400, 400], lift: LIFT },
  [
    claim('coverage', 'relative, Fieller', 'fieller', 'nominal', 0.95, 'covers'),
    claim('coverage', 'relative, delta', 'delta', 'measured', 0.95, 'covers'),
    claim('coverage', 'relative, log ratio', 'log', 'measured', 0.95, 'covers'),
  ],
);
const fainter = normal(1, 10);
scenario(
  'cover-at-zero',
  `${about(fainter, [400, 400])} (control 2 standard errors from 0); +10 %`,
  nearZero,
  { population: fainter, units: [400, 400], lift: LIFT },
  [claim('coverage', 'relative, Fieller, no bound counts as held', 'fieller', 'at-least', 0.95, 'covers')],
);

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

const PEEK = 'looking-early';
const rejectsEver = (method, key, kind, expected = 0.05) =>
  claim(PEEK, method, key, kind, expected, 'ever rejects');
const everyBatch = (population, [t, c], looks) =>
  `${population.name}; ${looks} batches of ${t} + ${c} units, a look after each`;
const always = (mean = true) => [
  rejectsEver('fixed test, peeked at', 'fixed', 'above', 0.2),
  rejectsEver('always-valid, asymptotic', 'always-valid', 'at-most'),
  ...(mean ? [rejectsEver('always-valid, t form', 't form', 'at-most')] : []),
];
scenario(
  'peek-hours',
  everyBatch(hours(), [50, 50], 40),
  peeking,
  { population: hours(), batch: [50, 50], looks: 40, mixing: 0.1, designed: true },
  [
    ...always(),
    rejectsEver('mSPRT, mixing 10 % of the control', 'msprt', 'at-most'),
    rejectsEver('Pocock, 5 looks', 'pocock', 'nominal'),
    rejectsEver("O'Brien-Fleming, 5 looks", 'obrien-fleming', 'nominal'),
    rejectsEver('Lan-DeMets, Pocock-like, 5 even looks', 'spending pocock', 'nominal'),
    rejectsEver("Lan-DeMets, O'Brien-Fleming-like, 5 even looks", 'spending obrien-fleming', 'nominal'),
    rejectsEver(
      'Lan-DeMets, Pocock-like, looks at 10, 30, 35, 80, 100 %',
      'spending uneven pocock',
      'nominal',
    ),
    rejectsEver(
      "Lan-DeMets, O'Brien-Fleming-like, looks at 10, 30, 35, 80, 100 %",
      'spending uneven obrien-fleming',
      'nominal',
    ),
  ],
  500,
);
scenario(
  'peek-clicks',
  everyBatch(clicks(), [50, 50], 20),
  peeking,
  { population: clicks(), batch: [50, 50], looks: 20 },
  always(),
);
scenario(
  'peek-share',
  everyBatch(share(0.05), [100, 100], 40),
  peeking,
  { population: share(0.05), batch: [100, 100], looks: 40 },
  always(false),
);
const before = people.withBefore(0.7);
scenario(
  'peek-cuped',
  `${everyBatch(before, [50, 50], 20)}, adjusted by CUPED`,
  peeking,
  { population: before, batch: [50, 50], looks: 20, cuped: true },
  always(),
);
scenario(
  'peek-lift',
  `${everyBatch(hours(), [50, 50], 40)}; +10 %`,
  peeking,
  { population: hours(), batch: [50, 50], looks: 40, lift: LIFT },
  [claim(PEEK, 'always-valid, t form', 'misses', 'at-most', 0.05, 'ever misses the truth')],
);
scenario(
  'peek-10-90',
  everyBatch(hours(), [50, 450], 40),
  peeking,
  { population: hours(), batch: [50, 450], looks: 40 },
  [
    rejectsEver('always-valid, asymptotic', 'always-valid', 'measured'),
    rejectsEver('always-valid, t form', 't form', 'at-most'),
  ],
);
scenario(
  'peek-pairs',
  `${normal(10, 3).name}; 25 pairs, a look after each from the second on, 50 units planned`,
  peeking,
  { population: normal(10, 3), batch: [1, 1], looks: 25, first: 2 },
  [
    rejectsEver('always-valid, asymptotic, from 4 units on', 'always-valid', 'measured'),
    rejectsEver('always-valid, t form, from 4 units on', 't form', 'at-most'),
  ],
);
scenario(
  'peek-heavy',
  everyBatch(logNormal(2), [50, 50], 40),
  peeking,
  { population: logNormal(2), batch: [50, 50], looks: 40 },
  [rejectsEver('always-valid, t form', 't form', 'measured')],
);

const MANY = 'many';
const FAMILY = { units: 300, lift: 0.12 };
const NAMES = {
  none: 'no correction',
  bonferroni: 'Bonferroni',
  holm: 'Holm',
  hochberg: 'Hochberg',
  bh: 'Benjamini-Hochberg',
  by: 'Benjamini-Yekutieli',
};
const FAMILYWISE = ['bonferroni', 'holm', 'hochberg'];
for (const [correlation, word] of [
  [0, 'independent'],
  [0.5, 'positively correlated'],
]) {
  scenario(
    `family-null-${correlation}`,
    `6 ${word} metrics, none differs; 300 + 300 units`,
    families,
    { ...FAMILY, metrics: 6, raised: 0, correlation },
    [
      claim(MANY, NAMES.none, 'none any', 'above', 0.05, 'any false rejection'),
      ...CORRECTIONS.slice(1).map((key) =>
        claim(MANY, NAMES[key], `${key} any`, 'at-most', 0.05, 'any false rejection'),
      ),
    ],
    correlation > 0 ? 300 : 0,
  );
  scenario(
    `family-mixed-${correlation}`,
    `6 ${word} metrics, 3 differ by 12 %; 300 + 300 units`,
    families,
    { ...FAMILY, metrics: 6, raised: 3, correlation },
    [
      ...FAMILYWISE.map((key) =>
        claim(MANY, NAMES[key], `${key} any`, 'at-most', 0.05, 'any false rejection'),
      ),
    ],
  );
  scenario(
    `discovery-${correlation}`,
    `10 ${word} metrics, 5 differ by 12 %; 300 + 300 units`,
    families,
    { ...FAMILY, metrics: 10, raised: 5, correlation },
    [
      claim(
        MANY,
        NAMES.bh,
        'bh share',
        correlation === 0 ? 'nominal' : 'at-most',
        0.025,
        'false share of discoveries',
      ),
      claim(MANY, NAMES.by, 'by share', 'at-most', 0.025, 'false share of discoveries'),
      claim(MANY, NAMES.bh, 'bh missed', 'at-most', 0.05, 'share of discoveries whose interval misses'),
      claim(MANY, NAMES.by, 'by missed', 'at-most', 0.05, 'share of discoveries whose interval misses'),
    ],
  );
}

const GUARD = 'guardrails';
const HOURS_MARGIN = { relative: 0.1 };
function guarded(id, population, units, margin, kind = 'relative', short = 0) {
  const settings = { population, units, margin: { [kind]: margin } };
  const name = `${kind} margin ${100 * margin} %`;
  scenario(
    `${id}-margin`,
    `${about(population, units)}; true harm equal to the ${name}`,
    guardrail,
    { ...settings, harm: margin },
    [
      claim(GUARD, 'non-inferiority', 'safe', 'at-most', 0.025, 'says safe'),
      claim(GUARD, 'non-inferiority', 'breach', 'at-most', 0.025, 'says breach'),
    ],
    short,
  );
  scenario(
    `${id}-none`,
    `${about(population, units)}; no harm, ${name}`,
    guardrail,
    { ...settings, harm: 0 },
    [claim(GUARD, 'non-inferiority', 'harm', 'at-most', 0.025, 'says harm or breach')],
  );
}
guarded('guard-hours', hours(), [2000, 2000], HOURS_MARGIN.relative, 'relative', 500);
guarded('guard-hours-absolute', hours(), [2000, 2000], 0.1, 'absolute');
guarded('guard-clicks', clicks(), [1000, 1000], 0.05);
guarded('guard-share', share(0.05), [2000, 2000], 0.1, 'absolute');
const LATENCY = { units: [2000, 2000], margin: { relative: 0.05 }, q: 0.95 };
scenario(
  'guard-latency-margin',
  'p95 of latency; 2,000 + 2,000 units; true harm equal to the relative margin 5 %',
  latencyGuardrail,
  { ...LATENCY, harm: 0.05 },
  [
    claim(GUARD, 'non-inferiority', 'safe', 'at-most', 0.025, 'says safe'),
    claim(GUARD, 'non-inferiority', 'breach', 'at-most', 0.025, 'says breach'),
  ],
);

const WHOLE = 'verdicts';
const REPORT = '3 success metrics (Holm), 2 guardrails with a margin of 5 %; 4,000 units split at random';
scenario(
  'verdict-aa',
  `${REPORT}; no effect`,
  verdicts,
  { units: 4000 },
  [
    claim(WHOLE, 'whole report', 'ship', 'at-most', 0.025, 'ship'),
    claim(WHOLE, 'whole report', 'worse', 'at-most', 0.075, 'do not ship, or roll back'),
    claim(WHOLE, 'whole report', 'invalid', 'at-most', 0.001, 'invalid, by the sample ratio'),
  ],
  200,
);
scenario(
  'verdict-harm',
  `${REPORT}; success +30 %, a guardrail worse by its margin`,
  verdicts,
  { units: 4000, gain: 0.3, harm: 0.05 },
  [claim(WHOLE, 'whole report', 'ship', 'at-most', 0.025, 'ship')],
);

scenario(
  'verdict-win',
  `${REPORT}; success +30 %, guardrails unharmed`,
  verdicts,
  { units: 4000, gain: 0.3 },
  [claim(WHOLE, 'whole report', 'ship', 'above', 0.5, 'ship')],
);

const SPLIT = 'sample-ratio';
const alarms = (kind, levels = [0.05, 0.01, 0.001]) =>
  levels.map((level) =>
    claim(SPLIT, `chi-square, alarm at ${100 * level} %`, `alarm ${level}`, kind, level, 'alarms'),
  );
scenario(
  'split-even',
  '10,000 units, 50:50',
  once,
  { units: 10_000, weights: [0.5, 0.5] },
  alarms('nominal'),
  1000,
);
scenario(
  'split-10-90',
  '10,000 units, 10:90',
  once,
  { units: 10_000, weights: [0.1, 0.9] },
  alarms('nominal'),
);
scenario(
  'split-three',
  '5,000 units, 25:25:50',
  once,
  { units: 5_000, weights: [0.25, 0.25, 0.5] },
  alarms('nominal'),
);
scenario(
  'split-few',
  '8 units, 50:50: the exact test',
  once,
  { units: 8, weights: [0.5, 0.5] },
  alarms('at-most'),
);
for (const weights of [
  [0.5, 0.5],
  [0.1, 0.9],
]) {
  const name = weights.map((w) => 100 * w).join(':');
  scenario(
    `split-watched-${name}`,
    `100 batches of 200 units, ${name}, a look after each`,
    watched,
    { batches: 100, batch: 200, weights },
    [
      claim(SPLIT, 'sequential test at 5 %', 'sequential 0.05', 'at-most', 0.05, 'ever alarms'),
      claim(SPLIT, 'sequential test at 0.1 %', 'sequential 0.001', 'at-most', 0.001, 'ever alarms'),
      claim(SPLIT, 'chi-square at 5 %, peeked at', 'chi-square 0.05', 'above', 0.2, 'ever alarms'),
    ],
    weights[0] === 0.5 ? 300 : 0,
  );
}

const PREFER = 'interleaving';
scenario(
  'prefer-500',
  'equal rankers, tastes of their own; 500 units',
  interleaving,
  { users: 500, resamples: 500 },
  [
    claim(PREFER, 'sign test, exact', 'exact', 'at-most', 0.05),
    claim(PREFER, 'sign test, normal', 'normal', 'nominal', 0.05),
    claim(PREFER, 't of the credit difference', 't', 'nominal', 0.05),
    claim(PREFER, 'bootstrap of the credit difference', 'bootstrap credit', 'nominal', 0.95, 'covers'),
    claim(PREFER, 'bootstrap of the preference', 'bootstrap preference', 'nominal', 0.95, 'covers'),
  ],
);
scenario(
  'prefer-30',
  'equal rankers, tastes of their own; 30 units',
  interleaving,
  { users: 30, resamples: 500 },
  [
    claim(PREFER, 'sign test, exact', 'exact', 'at-most', 0.05),
    claim(PREFER, 'sign test, normal', 'normal', 'measured', 0.05),
    claim(PREFER, 't of the credit difference', 't', 'measured', 0.05),
    claim(PREFER, 'bootstrap of the credit difference', 'bootstrap credit', 'measured', 0.95, 'covers'),
    claim(PREFER, 'bootstrap of the preference', 'bootstrap preference', 'measured', 0.95, 'covers'),
  ],
);

const CUT = 'segments';
scenario(
  'segments',
  'hours in four segments of 1,000, 800, 600 and 400 units an arm, up to 4 times as active',
  segments,
  { population: hours(), sizes: [1000, 800, 600, 400], scales: [1, 1.5, 2.5, 4] },
  [
    claim(CUT, 'interaction: segment against the rest', 'reject', 'nominal', 0.05),
    claim(CUT, "Cochran's Q over the segments", 'omnibus', 'nominal', 0.05),
  ],
);
scenario('novelty', 'weeks of a user alike and skewed; 1,000 + 1,000 units', novelty, { units: 1000 }, [
  claim(CUT, "Welch t on each unit's change", 'reject', 'nominal', 0.05),
]);
for (const k of [2, 4, 12]) {
  for (const spread of [0, 1, 3]) {
    scenario(
      `shrink-${k}-${spread}`,
      `${k} segments, true effects spread by ${spread} standard errors`,
      shrinkage,
      { segments: k, spread },
      [claim(CUT, 'shrunken estimates', 'covers', 'measured', 0.95, 'covers, mean over segments')],
    );
  }
}

const BAYES = 'bayes';
const credible = (kind = 'nominal') => [
  claim(BAYES, '95 % interval', 'covers', kind, 0.95, 'covers'),
  ...['0 to 20', '20 to 40', '40 to 60', '60 to 80', '80 to 100'].map((band, i) =>
    claim(BAYES, `chance to win of ${band} %`, `chance ${i}`, 'calibrated', null, 'treatment better'),
  ),
];
scenario(
  'bayes-absolute',
  `${about(hours(), [1000, 1000])}; absolute effects drawn from the prior, deviation 10 % of the control`,
  normalPrior,
  { population: hours(), units: 1000, deviation: 0.1, scale: 'absolute' },
  credible(),
);
scenario(
  'bayes-relative',
  `${about(hours(), [1000, 1000])}; relative effects drawn from the prior, deviation 10 %`,
  normalPrior,
  { population: hours(), units: 1000, deviation: 0.1, scale: 'relative' },
  credible(),
);
scenario(
  'bayes-beta',
  'shares drawn from the uniform prior; 40 + 60 units',
  betaPrior,
  { units: [40, 60] },
  credible(),
);

const normalUnits = { ...normal(10, 4), scales: false };
const evenly = (count) => Array.from({ length: count }, (_, i) => (i + 1) / count);
const HARMLESS = { kind: 'non-inferiority', margin: { relative: 0.1 }, direction: 'higher-is-better' };
const POWERS = [
  [
    'power-normal',
    'mean, normal',
    { population: normalUnits, units: [200, 200] },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-hours',
    'mean, skewed',
    { population: hours(), units: [2000, 2000] },
    [0.08, 0.14, 0.2, 0.26, 0.32],
  ],
  [
    'power-share',
    'proportion',
    { population: share(0.05), units: [4000, 4000] },
    [0.1, 0.17, 0.24, 0.31, 0.38],
  ],
  ['power-ratio', 'ratio', { population: clicks(), units: [1000, 1000] }, [0.02, 0.04, 0.06, 0.08, 0.1]],
  [
    'power-margin',
    'non-inferiority, margin 10 %',
    { population: normalUnits, units: [300, 300], aim: HARMLESS },
    [-0.08, -0.05, -0.02, 0, 0.02],
  ],
  [
    'power-sequential',
    "group-sequential, O'Brien-Fleming-like, 5 looks",
    {
      population: normalUnits,
      units: [200, 200],
      looks: { kind: 'group-sequential', information: evenly(5), spending: 'obrien-fleming' },
    },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-pocock',
    'group-sequential, Pocock-like, 5 looks',
    {
      population: normalUnits,
      units: [200, 200],
      looks: { kind: 'group-sequential', information: evenly(5), spending: 'pocock' },
    },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-always',
    'always-valid, 20 looks',
    {
      population: normalUnits,
      units: [1000, 1000],
      looks: { kind: 'always-valid', information: evenly(20) },
    },
    [0.03, 0.045, 0.06, 0.075, 0.09],
  ],
];
for (const [id, name, settings, lifts] of POWERS) {
  for (const [i, lift] of lifts.entries()) {
    const whole = { ...settings, lift };
    scenario(
      `${id}-${i + 1}`,
      `${about(settings.population, settings.units)}; ${lift > 0 ? '+' : ''}${Math.round(1000 * lift) / 10} %`,
      power,
      whole,
      [{ ...claim('power', name, 'reject', 'nominal', planned(whole)), effect: lift }],
      i === 2 && ['power-share', 'power-normal'].includes(id) ? 1000 : 0,
    );
  }
}

export const plan = scenarios;
