import { clicks, hours, logNormal, normal, share, withBefore } from '../populations.js';
import { peeking } from '../studies/peeking.js';
import { claim, collect, LIFT } from './claims.js';

const { scenarios, scenario } = collect();

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
const before = withBefore(0.7);
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

export const lookingEarly = scenarios;
