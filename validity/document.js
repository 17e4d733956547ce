import { mkdirSync, writeFileSync } from 'node:fs';
import { PLOTS } from './plots.js';

const percent = (rate, digits = 2) => `${(100 * rate).toFixed(digits)} %`;

function expectedText({ kind, expected }) {
  if (kind === 'at-most') return `at most ${short(expected)}`;
  if (kind === 'at-least') return `at least ${short(expected)}`;
  if (kind === 'above') return `above ${short(expected)}`;
  if (kind === 'never') return 'never';
  return short(expected);
}

const short = (rate) => `${Number((100 * rate).toFixed(2))} %`;

function bandText({ kind, band }) {
  if (kind === 'never') return '';
  if (kind === 'at-most') return `up to ${percent(band[1])}`;
  if (kind === 'at-least' || kind === 'above') return `from ${percent(band[0])}`;
  return `${percent(band[0])} to ${percent(band[1])}`;
}

const VERDICTS = {
  holds: () => 'holds',
  fails: () => '**FAILS**',
  inside: () => 'no claim; in the band',
  outside: ({ rate, expected }) => {
    const off = 100 * (rate - expected);
    return `no claim; off by ${off > 0 ? '+' : '-'}${Math.abs(off).toFixed(2)} pp`;
  },
  refused: () => 'no claim; refused always',
};

const SECTIONS = [
  [
    'false-positives',
    'False positive rates',
    'A/A tests: both arms are drawn from one population, the two-sided test is at 5 % where nothing else is said.',
  ],
  [
    'coverage',
    'Coverage',
    'The treatment is truly 10 % above the control; a 95 % interval should hold the true difference, or the true relative change, in 95 % of the tests.',
  ],
  [
    'looking-early',
    'Looking early',
    'Samples without an effect that grow and are looked at on the way: how many are ever called significant at 5 %.',
  ],
  ['many', 'Many comparisons', 'Skewed metrics of the same users, corrected at 5 %.'],
  ['guardrails', 'Guardrails', 'States by 95 % intervals: each false statement is one-sided at 2.5 %.'],
  [
    'verdicts',
    'Verdicts',
    'Whole reports, from sums to the verdict. Without an effect a success metric is superior in at most 2.5 % (Holm, one side of 5 %), and worse, or one of two guardrails harmed, in at most 7.5 %; a guardrail at its margin is called safe in at most 2.5 %.',
  ],
  ['sample-ratio', 'Sample ratio', 'Units that truly are split as declared.'],
  ['interleaving', 'Interleaving preference', 'Two equal rankers.'],
  [
    'segments',
    'Segments and novelty',
    'Tests at 5 % where segments, or weeks, do not differ; of shrunken estimates, a reading aid, no rate is promised, and their coverage is shown.',
  ],
  [
    'bayes',
    'Posteriors',
    'Truths are drawn from the prior; then a 95 % interval holds 95 % of them, and events given a chance of 30 % happen in 30 %.',
  ],
  [
    'power',
    'Power',
    "Rejections of the product's own tests against the rate that `screentest plan` computes.",
  ],
];

function table(rows) {
  const head = ['what', 'method', 'figure', 'expected', 'found', 'Monte Carlo error', 'band', 'verdict'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i >= 3 && i <= 6 ? '---:' : '---'))), ...rows.map(line)].join(
    '\n',
  );
}

function rowOf(data, claim) {
  const { method, quantity, n, refused } = claim;
  if (n === 0)
    return [
      data,
      method,
      quantity,
      expectedText(claim),
      'nothing computed',
      '',
      '',
      VERDICTS[claim.verdict](claim),
    ];
  const left = refused > 0 ? ` (${refused.toLocaleString('en')} refused)` : '';
  const digits = claim.expected < 0.01 ? 3 : 2;
  const expected =
    claim.kind === 'calibrated' || claim.section === 'power' ? percent(claim.expected) : expectedText(claim);
  return [
    data,
    method,
    quantity,
    expected,
    `${percent(claim.rate, digits)}${left}`,
    `${(100 * claim.monteCarlo).toFixed(digits)} pp`,
    bandText(claim),
    VERDICTS[claim.verdict](claim),
  ];
}

/** The disagreements of p and interval, one line for all scenarios. */
function agreement(results) {
  const claims = results.flatMap(({ judged }) => judged.filter(({ section }) => section === 'agreement'));
  const tests = claims.reduce((sum, { n }) => sum + n, 0);
  const wrong = claims.filter(({ verdict }) => verdict === 'fails');
  const count = claims.reduce((sum, { n, rate }) => sum + Math.round(n * (rate ?? 0)), 0);
  return `In ${tests.toLocaleString('en')} A/A tests p was at most 5 % exactly when the 95 % interval excluded 0, but for ${count}${wrong.length > 0 ? ' (**FAILS**)' : ''}.`;
}

/** docs/validity.md: how it was measured, what failed, plots and all tables. */
export function writeDocument({ results, seed, tests, count, error, seconds, threads }) {
  const all = results.flatMap(({ data, judged }) => judged.map((claim) => ({ data, ...claim })));
  const failed = all.filter(({ verdict }) => verdict === 'fails');
  const outside = all.filter(({ verdict }) => verdict === 'outside');
  const held = all.filter(({ verdict }) => verdict === 'holds');
  const rows = (claims) => table(claims.map((claim) => rowOf(claim.data, claim)));
  const text = [
    '# Validity',
    `Error rates of the product's own statistics on simulated experiments. Made wholly by \`npm run validity\` on ${new Date().toISOString().slice(0, 10)} (seed ${seed}, ${seconds} s on ${threads} ${threads === 1 ? 'thread' : 'threads'}; the seed alone fixes every number, whatever the machine has of cores); run it again to check or to update. The scenarios, their sizes and what is claimed of each stand in \`validity/plan.js\` and \`validity/plan/\`. They were fixed before the first full run, but for what that run led to: the rows "chance to win, all" and the relative effects at 10,000 units. Pilots changed two kinds of claim before it: Fieller's interval 2 standard errors from 0 holds at least 95 %, since a bound that is not set counts as held (it was declared nominal), and shrinkage claims no rate (the 90.7 to 98.6 % that its source quotes were exceeded at 12 equal segments).`,
    `Every row is ${tests.toLocaleString('en')} simulated experiments. The Monte Carlo error is one standard deviation of the rate found. The band is where the rate falls if the claim is true: all ${count} bands together are missed by chance in one run of a hundred (Bonferroni: each in ${(100 * error).toFixed(4)} %; exact binomial limits where tests are counted). **Holds** means inside the band. "No claim" marks, declared beforehand, cases outside a method's conditions (few units, extreme skew, a small arm, numbers close to 0), and says by how much they miss.`,
    `**${held.length} claims hold, ${failed.length} ${failed.length === 1 ? 'fails' : 'fail'};** ${outside.length} cases declared outside the conditions miss their nominal rate.`,
    ...(failed.length > 0 ? ['## What fails', rows(failed)] : []),
    '## Plots',
    ...PLOTS.map(({ file, title, says }) => `![${title}](validity/${file}.svg)\n\n${says}`),
    '## Where the methods break down',
    'Cases declared outside the conditions of a method, whose rate is not the nominal one: few units, extreme skew, a small arm beside a large one, numbers close to 0, a first-order likelihood. A report warns of the skew in its diagnostics ("units needed").',
    outside.length > 0 ? rows(outside) : 'None did.',
    ...SECTIONS.flatMap(([section, title, intro]) => [
      `## ${title}`,
      intro,
      rows(all.filter((claim) => claim.section === section)),
      ...(section === 'false-positives' ? [agreement(results)] : []),
    ]),
  ].join('\n\n');
  mkdirSync(new URL('../docs/validity', import.meta.url), { recursive: true });
  writeFileSync(new URL('../docs/validity.md', import.meta.url), `${text}\n`);
}
