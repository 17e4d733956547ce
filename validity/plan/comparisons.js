import { clicks, exponential, hours, logNormal, normal, sessionLength, share } from '../populations.js';
import { compare } from '../studies/compare.js';
import { nearZero } from '../studies/shape.js';
import { about, claim, collect, LIFT } from './claims.js';

const { scenarios, scenario } = collect();

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

export const comparisons = scenarios;
