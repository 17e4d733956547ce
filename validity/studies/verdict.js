import { analyze } from '../product.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const SUCCESS = ['hours', 'titles', 'sessions'];
const GUARDRAILS = ['return', 'length'];
const ALL = [...SUCCESS, ...GUARDRAILS];
const MARGIN = 0.05;

const pipeline = (source) => [{ stage: 'candidates', parameters: { sources: [source] } }];

/** Three success metrics under Holm, two guardrails, shipped if one wins, none is worse and both guardrails hold. */
const EXPERIMENT = {
  ...{ key: 'simulated', owner: 'nobody', hypothesis: 'none', design: 'ab', unit: 'user_id', iteration: 1 },
  ...{ layer: { name: 'all', from: 0, to: 1 }, surface: 'homepage', targeting: { all: [] }, stratify: [] },
  ...{ startMs: START, durationMs: 28 * DAY, observeForMs: 7 * DAY, control: 'c', ramp: [{ share: 1 }] },
  variants: [
    { key: 'c', weight: 0.5, pipeline: pipeline('trending') },
    { key: 't', weight: 0.5, pipeline: pipeline('ials') },
  ],
  metrics: {
    success: SUCCESS.map((metric) => ({ metric })),
    guardrails: GUARDRAILS.map((metric) => ({ metric, margin: { relative: MARGIN } })),
    secondary: [],
  },
  analysis: {
    ...{ alpha: 0.05, interval: 'fixed', segments: [], covariates: [] },
    correction: { success: 'holm', segments: 'bh' },
    maturity: { days: 14, unitsPerArm: 1000 },
  },
  decision: {
    ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
    rollBack: { guardrails: 'any-breach' },
    otherwise: 'undecided',
  },
  source: { file: 'simulated.yaml', yaml: 'key: simulated\n' },
};

const METRICS = ALL.map((key) => ({
  ...{ key, name: key, description: key, kind: 'mean', perWeek: false, direction: 'higher-is-better' },
  ...{ scale: 1, unit: '', numerator: { event: key, aggregate: 'sum', where: {}, window: { fromMs: 0 } } },
}));

/** The spread of logarithms: the guardrails are less noisy, so that a margin of 5 % can be shown. */
const SIGMA = { hours: 1, titles: 0.7, sessions: 0.7, return: 0.4, length: 0.4 };

function arm(random, n, factors) {
  const totals = ALL.map(() => ({ n, y: 0, yy: 0, x: n, xx: n, xy: 0 }));
  for (let i = 0; i < n; i++) {
    const common = random.normal();
    for (const [j, total] of totals.entries()) {
      const value = factors[j] * Math.exp(SIGMA[ALL[j]] * (0.6 * common + 0.8 * random.normal()));
      total.y += value;
      total.yy += value * value;
    }
  }
  return totals.map((total) => ({ ...total, xy: total.y }));
}

/**
 * Whole reports with their verdict at the planned end, of `units` users split at random. `gain` is the true relative
 * effect on the success metrics, `harm` the loss on the first guardrail.
 */
export function verdicts({ units, gain = 0, harm = 0 }) {
  const factors = [...SUCCESS.map(() => 1 + gain), 1 - harm, 1];
  const unchanged = ALL.map(() => 1);
  return (random, tally) => {
    const nt = random.binomial(units, 0.5);
    const sizes = { c: units - nt, t: nt };
    const sums = { c: arm(random, sizes.c, unchanged), t: arm(random, sizes.t, factors) };
    const counts = Object.entries(sizes).map(([variant, n]) => ({ variant, units: n, forced: 0 }));
    const report = analyze(
      EXPERIMENT,
      METRICS,
      {
        ...{ experiment: 'simulated', iteration: 1, environment: 'simulated', quantiles: [], coverage: [] },
        cutoff: START + 35 * DAY,
        health: {
          ...{ arms: counts, crossed: 0, lateOutcomes: 0, outcomes: 100_000, deadLetters: 0 },
          exposuresByDay: counts.map(({ variant, units: n }) => ({ date: '2026-10-01', variant, units: n })),
          requests: counts.map(({ variant }) => ({ variant, requests: 100_000, errors: 0, fallbacks: 0 })),
        },
        metrics: ALL.map((metric, j) => ({
          ...{ metric, mature: units, exposed: units, completeAt: START + 35 * DAY, segments: [], daily: [] },
          arms: ['c', 't'].map((variant) => ({ variant, moments: sums[variant][j] })),
        })),
      },
      'simulated',
    );
    const { decision } = report.verdict;
    tally.hit('ship', decision === 'ship');
    tally.hit('worse', decision === 'do-not-ship' || decision === 'roll-back');
    tally.hit('invalid', decision === 'invalid');
  };
}
