import { hours, withBefore } from '../populations.js';
import { adjustedSegments } from '../studies/adjusted-segments.js';
import { betaPrior, normalPrior } from '../studies/bayes.js';
import { novelty, segments, shrinkage } from '../studies/segments.js';
import { about, claim, collect, LIFT } from './claims.js';

const { scenarios, scenario } = collect();

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
const before = { population: withBefore(0.7), sizes: [1000, 800, 600, 400], scales: [1, 1.5, 2.5, 4] };
const four = `${before.population.name}; four segments of 1,000, 800, 600 and 400 units an arm, up to 4 times as active`;
scenario(
  'segments-adjusted',
  four,
  adjustedSegments,
  before,
  [
    claim(CUT, 'CUPED within the segment of 400', 'reject', 'nominal', 0.05),
    claim(CUT, 'interaction of adjusted effects', 'interaction reject', 'nominal', 0.05),
    claim(CUT, "Cochran's Q over adjusted effects", 'omnibus', 'nominal', 0.05),
  ],
  400,
);
scenario('segments-adjusted-cover', `${four}; +10 %`, adjustedSegments, { ...before, lift: LIFT }, [
  claim('coverage', 'CUPED within the segment of 400', 'covers', 'nominal', 0.95, 'covers'),
  claim('coverage', 'interaction of adjusted effects', 'interaction covers', 'nominal', 0.95, 'covers'),
]);
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
const ALL = { calibrated: 'chance to win, all', measured: 'chance to win, all (added after a first run)' };
const credible = (all = 'calibrated') => [
  claim(BAYES, '95 % interval', 'covers', 'nominal', 0.95, 'covers'),
  claim(BAYES, ALL[all], 'chance', all, null, 'treatment better'),
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
  'bayes-relative-10000',
  `${about(hours(), [10_000, 10_000])}; relative effects drawn from the prior, deviation 3 %`,
  normalPrior,
  { population: hours(), units: 10_000, deviation: 0.03, scale: 'relative' },
  credible(),
);
// All chances together were added after a first run, in which the delta method's standard error made them too low: the
// report has taken that of the difference since. So nothing is claimed of them here.
scenario(
  'bayes-relative',
  `${about(hours(), [1000, 1000])}; relative effects drawn from the prior, deviation 10 %`,
  normalPrior,
  { population: hours(), units: 1000, deviation: 0.1, scale: 'relative' },
  credible('measured'),
);
scenario(
  'bayes-beta',
  'shares drawn from the uniform prior; 40 + 60 units',
  betaPrior,
  { units: [40, 60] },
  credible(),
);

export const reading = scenarios;
