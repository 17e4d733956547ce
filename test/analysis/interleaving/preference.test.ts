import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  creditDifference,
  preference,
  preferenceBootstrap,
} from '../../../src/analysis/interleaving/preference.ts';
import { binomialTail } from '../../../src/analysis/numbers/distributions.ts';
import { drawBinomial, drawMultinomial } from '../../../src/analysis/numbers/resample.ts';
import { generator } from '../../../src/ranking/generator.ts';
import { expectNear } from '../vectors.ts';

interface Figure {
  readonly standardError: number;
  readonly interval: readonly [number, number];
}
const {
  cases,
}: {
  readonly cases: readonly {
    readonly histogram: readonly { readonly difference: number; readonly units: number }[];
    readonly creditDifference: Figure;
    readonly preference: Figure;
  }[];
} = JSON.parse(readFileSync(new URL('../../cases/preference.json', import.meta.url), 'utf8'));

const RESAMPLES = 20_000;

function bootstrap(histogram: (typeof cases)[number]['histogram'], seed = 7, resamples = RESAMPLES) {
  const found = preferenceBootstrap(histogram, generator(seed), { resamples });
  if (!found.ok) throw new Error(found.reason);
  return found.value;
}

describe('bootstrap of the preference over units', () => {
  it.each(cases)('histogram $histogram: R, within Monte Carlo error', (row) => {
    const found = bootstrap(row.histogram);
    const units = row.histogram.reduce((sum, cell) => sum + cell.units, 0);
    const deciding = units - (row.histogram.find(({ difference }) => difference === 0)?.units ?? 0);
    for (const [key, grid] of [
      ['creditDifference', 2 / units],
      ['preference', 1 / deciding],
    ] as const) {
      const figure = found[key];
      const expected = row[key];
      if (!figure.ok) throw new Error(figure.reason);
      // Relative Monte Carlo error of a standard deviation: 1 / sqrt(2 B), here 0.5 %.
      expectNear(figure.value.standardError, expected.standardError, 4 / Math.sqrt(2 * RESAMPLES));
      for (const side of [0, 1] as const) {
        // Of a 2.5 % point: sqrt(0.025 x 0.975 / B) / density, here 1.9 % of a standard error; and one step of the grid.
        const allowed = 4 * 0.019 * expected.standardError + grid * 1.01;
        expect(Math.abs(figure.value.interval[side] - expected.interval[side])).toBeLessThan(allowed);
      }
    }
  });

  it('estimates and standard errors agree with the sign test and the t test of the same units', () => {
    const [, { histogram }] = cases as [unknown, (typeof cases)[number]];
    const found = bootstrap(histogram);
    const sum = (of: (cell: (typeof histogram)[number]) => number) =>
      histogram.reduce((total, cell) => total + of(cell), 0);
    const credit = creditDifference(
      sum(({ units }) => units),
      sum(({ units, difference }) => units * difference),
      sum(({ units, difference }) => units * difference ** 2),
      0.05,
    );
    const votes = preference(300, 374, 0.05);
    if (!credit.ok || !votes.ok || !found.creditDifference.ok || !found.preference.ok)
      throw new Error('refused');
    expectNear(found.creditDifference.value.estimate, credit.value.estimate);
    expectNear(found.creditDifference.value.standardError, credit.value.standardError, 0.02);
    expectNear(found.preference.value.estimate, votes.value.estimate);
    expectNear(found.preference.value.standardError, votes.value.standardError, 0.02);
  });

  it('the same seed gives the same answer, another seed another one', () => {
    const [{ histogram }] = cases as [(typeof cases)[number]];
    expect(bootstrap(histogram, 3, 200)).toEqual(bootstrap(histogram, 3, 200));
    expect(bootstrap(histogram, 3, 200)).not.toEqual(bootstrap(histogram, 4, 200));
  });

  it('the order of the cells and empty cells do not change what is estimated', () => {
    const found = bootstrap([
      { difference: 5, units: 0 },
      { difference: 1, units: 60 },
      { difference: -1, units: 40 },
    ]);
    expect(found.creditDifference).toMatchObject({ ok: true, value: { estimate: 0.2 } });
    expectNear(found.preference.ok ? found.preference.value.estimate : 0, 0.1);
  });

  it.each([
    ['nobody', [], /at least 2 units/],
    ['one unit', [{ difference: 1, units: 1 }], /at least 2 units/],
  ])('%s is refused', (_, histogram, reason) => {
    const found = preferenceBootstrap(histogram, generator(1));
    expect(found.ok ? '' : found.reason).toMatch(reason);
  });

  it('where all agree or nobody decides, says so instead of an interval of width 0', () => {
    const agree = bootstrap([
      { difference: 0, units: 5 },
      { difference: 2, units: 8 },
    ]);
    expect(agree.preference).toMatchObject({ ok: false, reason: expect.stringMatching(/all deciding/) });
    expect(agree.creditDifference.ok).toBe(true);
    const ties = bootstrap([{ difference: 0, units: 9 }]);
    expect(ties.preference).toMatchObject({ ok: false, reason: 'no unit preferred either ranker' });
    expect(ties.creditDifference).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/same for every/),
    });
  });
});

describe('binomial draws', () => {
  it.each([
    [1, 0.3],
    [12, 0.5],
    [40, 0.02],
    [300, 0.9],
    [200_000, 0.4],
  ])('%d trials at %d: an upper tail as often as it should be', (n, p) => {
    const random = generator(n);
    const at = Math.ceil(n * p + Math.sqrt(n * p * (1 - p)));
    const draws = n > 1e5 ? 4_000 : 20_000;
    let reached = 0;
    for (let draw = 0; draw < draws; draw++) reached += drawBinomial(n, p, random) >= at ? 1 : 0;
    const expected = binomialTail(at, n, p);
    const error = Math.sqrt((expected * (1 - expected)) / draws);
    expect(Math.abs(reached / draws - expected)).toBeLessThan(4 * error);
  });

  it('visits every value of a small one, in proportion: one uniform, one inversion', () => {
    const n = 4;
    const counts = new Array(n + 1).fill(0);
    for (let i = 0; i < 16_000; i++) counts[drawBinomial(n, 0.5, () => (i + 0.5) / 16_000)] += 1;
    expect(counts).toEqual([1_000, 4_000, 6_000, 4_000, 1_000]);
  });

  it('a multinomial draw keeps the number of units and empty cells empty', () => {
    const random = generator(5);
    for (let draw = 0; draw < 200; draw++) {
      const drawn = drawMultinomial([3, 0, 50, 7, 0], random);
      expect(drawn.reduce((sum, units) => sum + units, 0)).toBe(60);
      expect([drawn[1], drawn[4]]).toEqual([0, 0]);
    }
  });
});
