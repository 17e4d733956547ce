import { describe, expect, it } from 'vitest';
import type { Moments } from '../../src/analysis/aggregates.ts';
import { alwaysValid } from '../../src/analysis/always-valid.ts';
import { type Centred, centre } from '../../src/analysis/centred.ts';
import { normalQuantile } from '../../src/analysis/distributions.ts';
import { type Effect, fixedHorizon, type Result } from '../../src/analysis/effect.ts';
import { compareMeans, mean } from '../../src/analysis/mean.ts';
import { compareRatios, ratio } from '../../src/analysis/ratio.ts';
import { relativeEffect } from '../../src/analysis/relative.ts';

/** mulberry32: a small seeded generator, uniform on [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Person {
  readonly y: number;
  readonly x: number;
}

const TESTS = 2000;
const UNITS = 1000;

function sums(people: number, draw: () => Person): Moments {
  const total = { n: people, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
  for (let person = 0; person < people; person++) {
    const { x, y } = draw();
    total.y += y;
    total.yy += y * y;
    total.x += x;
    total.xx += x * x;
    total.xy += x * y;
  }
  return total;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Three in ten watch nothing; the others' hours are log-normal (skewness of the mix about 6). */
const skewed = (random: () => number) => () => ({
  x: 1,
  y: random() < 0.3 ? 0 : Math.exp(1.5 + normal(random)),
});

/** Log-normal numbers of views, each person with a click rate of their own: views of one person are alike. */
const clustered = (random: () => number) => () => {
  const views = Math.ceil(Math.exp(2.5 + 0.8 * normal(random)));
  const rate = 0.2 * (0.25 + 1.5 * random());
  let clicks = 0;
  for (let view = 0; view < views; view++) if (random() < rate) clicks++;
  return { x: views, y: clicks };
};

/** Share of A/A tests whose 95 % interval misses the truth, 0. */
function falsePositives(compare: (a: Centred, b: Centred) => Result<Effect>, draw: () => Person): number {
  let hits = 0;
  for (let test = 0; test < TESTS; test++) {
    const effect = compare(centre(sums(UNITS, draw)), centre(sums(UNITS, draw)));
    if (!effect.ok) throw new Error(effect.reason);
    const reference = fixedHorizon(effect.value.df);
    const [low, high] = effect.value.bounds(reference.critical(0.05));
    const significant = reference.p(effect.value.statistic ?? 0) <= 0.05;
    expect(significant).toBe(low > 0 || high < 0);
    if (significant) hits++;
  }
  return hits / TESTS;
}

/** Half-width within which a rate of 5 % falls 999 times in 1000: 1.6 percentage points at 2,000 tests. */
const BAND = normalQuantile(0.0005) * Math.sqrt((0.05 * 0.95) / TESTS);

describe(`error rates over ${TESTS} seeded A/A tests of ${UNITS} units an arm, band 5 % +- ${(100 * BAND).toFixed(2)} pp`, () => {
  it('mean of skewed, zero-inflated hours: Welch', () => {
    expect(Math.abs(falsePositives(compareMeans, skewed(uniform(1))) - 0.05)).toBeLessThan(BAND);
  });

  it('clustered ratio: delta method', () => {
    expect(Math.abs(falsePositives(compareRatios, clustered(uniform(2))) - 0.05)).toBeLessThan(BAND);
  });

  it('the same ratio as if views were independent is far off, so the band can fail', () => {
    // Every view a unit of its own: the sums of squares are the sums.
    const loose = ({ n, mean: [y = 0, x = 0] }: Centred): Centred =>
      centre({ n: n * x, y: n * y, yy: n * y, x: n * x, xx: n * x, xy: n * y });
    const independent = (a: Centred, b: Centred) => compareRatios(loose(a), loose(b));
    expect(falsePositives(independent, clustered(uniform(2)))).toBeGreaterThan(0.05 + BAND);
  });

  it.each([
    { kind: 'mean', people: skewed, arm: mean, compare: compareMeans },
    { kind: 'ratio', people: clustered, arm: ratio, compare: compareRatios },
  ])('relative effect of a $kind covers a true +10 %: delta, Fieller, log', ({ people, arm, compare }) => {
    const random = uniform(3);
    const draw = people(random);
    const raised = () => {
      const person = draw();
      return { ...person, y: person.y * 1.1 };
    };
    const covered = { delta: 0, fieller: 0, log: 0 };
    for (let test = 0; test < TESTS; test++) {
      const [t, c] = [centre(sums(UNITS, raised)), centre(sums(UNITS, draw))];
      const [a, b, effect] = [arm(t), arm(c), compare(t, c)];
      if (!a.ok || !b.ok || !effect.ok) throw new Error('refused');
      const critical = fixedHorizon(effect.value.df).critical(0.05);
      for (const method of ['delta', 'fieller', 'log'] as const) {
        const relative = relativeEffect(method, a.value, b.value, effect.value);
        if (!relative.ok) throw new Error(relative.reason);
        const [low, high] = relative.value.bounds(critical);
        if (low <= 0.1 && 0.1 <= high) covered[method]++;
      }
    }
    for (const count of Object.values(covered)) {
      expect(Math.abs(count / TESTS - 0.95)).toBeLessThan(BAND);
    }
  });

  it('looking 20 times: always-valid keeps 5 %, the fixed horizon does not', () => {
    const draw = skewed(uniform(4));
    const add = (a: Moments, b: Moments): Moments => ({
      n: a.n + b.n,
      y: a.y + b.y,
      yy: a.yy + b.yy,
      x: a.x + b.x,
      xx: a.xx + b.xx,
      xy: a.xy + b.xy,
    });
    const found = { fixed: 0, always: 0 };
    for (let test = 0; test < TESTS; test++) {
      let [t, c] = [sums(100, draw), sums(100, draw)];
      let [fixed, always] = [false, false];
      for (let look = 1; look <= 20; look++) {
        const effect = compareMeans(centre(t), centre(c));
        if (!effect.ok) throw new Error(effect.reason);
        const statistic = effect.value.statistic ?? 0;
        fixed ||= fixedHorizon(effect.value.df).p(statistic) <= 0.05;
        always ||= alwaysValid(effect.value.n, 4000, 0.05).p(statistic) <= 0.05;
        t = add(t, sums(100, draw));
        c = add(c, sums(100, draw));
      }
      if (fixed) found.fixed++;
      if (always) found.always++;
    }
    expect(found.always / TESTS).toBeLessThan(0.05 + BAND);
    expect(found.fixed / TESTS).toBeGreaterThan(0.2);
  });
});
