import { clicks, hours, share } from '../populations.js';
import { CORRECTIONS, families } from '../studies/families.js';
import { guardrail, latencyGuardrail } from '../studies/guardrails.js';
import { verdicts } from '../studies/verdict.js';
import { about, claim, collect } from './claims.js';

const { scenarios, scenario } = collect();

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

export const decisions = scenarios;
