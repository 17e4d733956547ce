import { describe, expect, it } from 'vitest';
import { fixedHorizon } from '../../../src/analysis/estimate/effect.ts';
import { alwaysValid, alwaysValidT } from '../../../src/analysis/sequential/always-valid.ts';
import { classicalBoundaries } from '../../../src/analysis/sequential/classical-boundaries.ts';
import { groupSequential } from '../../../src/analysis/sequential/group-sequential.ts';
import { msprt, type SequentialLook } from '../../../src/analysis/sequential/msprt.ts';

const TESTS = 2000;
const UNITS = 2000;
const LOOKS = 20;
const ALPHA = 0.05;
/** 5 % and three Monte Carlo errors of 2,000 tests: 6.46 %. */
const LIMIT = ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / TESTS);

function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Three in ten watch nothing, the others' hours are log-normal: skewness of the mix about 6. */
const skewed = (random: () => number) => (random() < 0.3 ? 0 : Math.exp(1.5 + normal(random)));

type Look = SequentialLook & { readonly statistic: number; readonly df: number };

/** Welch's test at each of the looks, arms taking turns; `effect` is added to the treated. */
function watched(draw: () => number, effect: number, ns: readonly number[]): Look[] {
  const sums = [0, 0];
  const squares = [0, 0];
  let seen = 0;
  return ns.map((n) => {
    for (; seen < n; seen++) {
      const arm = seen % 2;
      const y = draw() + (arm === 0 ? effect : 0);
      sums[arm] = (sums[arm] ?? 0) + y;
      squares[arm] = (squares[arm] ?? 0) + y * y;
    }
    const m = n / 2;
    const [a, b] = [0, 1].map((arm) => ((squares[arm] ?? 0) - (sums[arm] ?? 0) ** 2 / m) / (m - 1) / m);
    const variance = (a ?? 0) + (b ?? 0);
    const estimate = ((sums[0] ?? 0) - (sums[1] ?? 0)) / m;
    const standardError = Math.sqrt(variance);
    const df = (variance ** 2 * (m - 1)) / ((a ?? 0) ** 2 + (b ?? 0) ** 2);
    return { n, estimate, standardError, statistic: estimate / standardError, df };
  });
}

const NS = Array.from({ length: LOOKS }, (_, k) => (UNITS / LOOKS) * (k + 1));
const information = NS.map((n) => n / UNITS);
const beyond = (boundaries: readonly number[]) => (looks: readonly Look[]) =>
  looks.some(({ statistic }, k) => Math.abs(statistic) >= (boundaries[k] ?? Number.POSITIVE_INFINITY));
const spending = (shape: 'pocock' | 'obrien-fleming') =>
  beyond(groupSequential({ information, alpha: ALPHA, spending: shape }).boundaries);

const methods: Readonly<Record<string, (looks: readonly Look[]) => boolean>> = {
  'fixed horizon': (looks) => looks.some(({ statistic, df }) => fixedHorizon(df).p(statistic) <= ALPHA),
  'always-valid': (looks) =>
    looks.some(({ n, statistic }) => alwaysValid(n, UNITS, ALPHA).p(statistic) <= ALPHA),
  'always-valid t': (looks) =>
    looks.some(({ n, statistic, df }) => alwaysValidT(n, UNITS, ALPHA, df).p(statistic) <= ALPHA),
  mSPRT: (looks) => {
    const result = msprt(looks, 1);
    return result.ok && result.value.p <= ALPHA;
  },
  'Pocock spending': spending('pocock'),
  "O'Brien-Fleming spending": spending('obrien-fleming'),
  'classical Pocock': beyond(classicalBoundaries('pocock', LOOKS, ALPHA)),
  "classical O'Brien-Fleming": beyond(classicalBoundaries('obrien-fleming', LOOKS, ALPHA)),
};

function rejections(effect: number, seed: number): Readonly<Record<string, number>> {
  const random = uniform(seed);
  const counts = Object.fromEntries(Object.keys(methods).map((name) => [name, 0]));
  for (let test = 0; test < TESTS; test++) {
    const looks = watched(() => skewed(random), effect, NS);
    for (const [name, rejects] of Object.entries(methods)) {
      if (rejects(looks)) counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / TESTS]));
}

describe(`looking ${LOOKS} times at ${TESTS} seeded tests of ${UNITS} units of skewed hours`, () => {
  const none = rejections(0, 31);

  it('the fixed horizon rejects more than 20 % of A/A tests', () => {
    expect(none['fixed horizon']).toBeGreaterThan(0.2);
  });

  it.each(Object.keys(methods).slice(1))('%s rejects at most 5 % (+ 3 Monte Carlo errors)', (name) => {
    expect(none[name]).toBeLessThan(LIMIT);
    expect(none[name]).toBeGreaterThan(0.003);
  });

  it("what each costs: all find an effect of 0.2 standard deviations in most tests, O'Brien-Fleming most often", () => {
    // The standard deviation of the mix is 8.8; 2,000 units give this effect a drift of 4.5.
    const found = rejections(1.76, 32);
    for (const name of Object.keys(methods)) expect(found[name]).toBeGreaterThan(0.8);
    expect(found["O'Brien-Fleming spending"]).toBeGreaterThan(found['Pocock spending'] ?? 1);
    expect(found['Pocock spending']).toBeGreaterThan(found['always-valid t'] ?? 1);
  });
});

describe('looking after every pair of units from the tenth unit to the 300th, 3,000 seeded A/A tests, 50 units planned', () => {
  const RUNS = 3000;
  const ns = Array.from({ length: 146 }, (_, k) => 10 + 2 * k);
  const band = 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / RUNS);

  function rate(draw: (random: () => number) => number, from: number, seed: number) {
    const random = uniform(seed);
    const early = Array.from({ length: (10 - from) / 2 }, (_, k) => from + 2 * k);
    let [asymptotic, t] = [0, 0];
    for (let test = 0; test < RUNS; test++) {
      const looks = watched(() => draw(random), 0, [...early, ...ns]).filter(({ df }) => df > 0);
      if (looks.some(({ n, statistic }) => alwaysValid(n, 50, ALPHA).p(statistic) <= ALPHA)) asymptotic++;
      if (looks.some(({ n, statistic, df }) => alwaysValidT(n, 50, ALPHA, df).p(statistic) <= ALPHA)) t++;
    }
    return { asymptotic: asymptotic / RUNS, t: t / RUNS };
  }

  it.each([
    ['normal', normal],
    ['exponential', (random: () => number) => -Math.log(1 - random())],
    ['skewed', skewed],
  ] as const)('the t form keeps 5 %% on %s values', (_, draw) => {
    expect(rate(draw, 10, 41).t).toBeLessThan(ALPHA + band);
  });

  it('from the fourth unit on the asymptotic one rejects over 8 %, the t form keeps 5 %', () => {
    const { asymptotic, t } = rate(normal, 4, 42);
    expect(asymptotic).toBeGreaterThan(0.08);
    expect(t).toBeLessThan(ALPHA + band);
  });
});
