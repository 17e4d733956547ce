import { describe, expect, test } from 'vitest';
import { TRUE_METRICS, type UnitTerms, unitTerms } from '../../src/simulation/population.ts';
import { normal } from '../../src/simulation/random.ts';
import { trueEffects, trueEffectsBySegment } from '../../src/simulation/true-effects.ts';
import { createUnitDays, joinUnitDays } from '../../src/simulation/unit-days.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);

describe('unitTerms', () => {
  test('counts weeks that are complete, genres once a week, and everything for ratios', () => {
    const table = createUnitDays(2, 28);
    // The first viewer came on day 0, the second on day 22: no week of theirs is complete.
    table.firstAt[0] = START;
    table.firstAt[1] = START + 22 * DAY;
    table.returned[0] = 3;
    table.returned[1] = 2;
    const put = (
      unit: number,
      day: number,
      watch: number,
      genres: number,
      clicks: number,
      viewed: number,
    ) => {
      const cell = unit * 28 + day;
      table.watch[cell] = watch;
      table.sessions[cell] = 1;
      table.genres[cell] = genres;
      table.clicks[cell] = clicks;
      table.viewed[cell] = viewed;
    };
    put(0, 0, 3600, 0b101, 1, 4);
    put(0, 6, 1800, 0b001, 0, 3);
    put(0, 7, 1800, 0b001, 2, 3);
    put(1, 1, 7200, 0b010, 1, 5);
    const terms = unitTerms(table, START + 28 * DAY);
    const of = (metric: keyof UnitTerms) => [[...terms[metric].top], [...terms[metric].bottom]];
    expect(of('click_through_rate')).toEqual([
      [3, 1],
      [10, 5],
    ]);
    expect(of('session_minutes')).toEqual([
      [120, 120],
      [3, 1],
    ]);
    expect(of('watch_hours_per_week')).toEqual([
      [0.5, 0],
      [1, 0],
    ]);
    expect(of('sessions_per_week')).toEqual([
      [0.75, 0],
      [1, 0],
    ]);
    expect(of('genres_per_week')).toEqual([
      [0.75, 0],
      [1, 0],
    ]);
    expect(of('retention_7d')).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(of('retention_30d')).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const joined = joinUnitDays([table, createUnitDays(1, 28), table]);
    expect([...unitTerms(joined, START + 28 * DAY).session_minutes.top]).toEqual([120, 120, 0, 120, 120]);
  });
});

/** Terms of units whose figures are about 1 in the control and 1.2 in the treatment, and go together. */
function termsOf(from: number, units: number, lift: number): UnitTerms {
  const top = Float64Array.from({ length: units }, (_, unit) => {
    const own = Math.exp(0.5 * normal(3, from + unit, 0, 0));
    return own * (1 + (lift - 1) * (1 + 0.5 * normal(3, from + unit, 1, 0)));
  });
  const bottom = new Float64Array(units).fill(1);
  return Object.fromEntries(TRUE_METRICS.map((metric) => [metric, { top, bottom }])) as UnitTerms;
}

describe('trueEffects', () => {
  test('has no error where the whole population was lived through', () => {
    const [first] = trueEffects(termsOf(0, 500, 1), termsOf(0, 500, 1.2));
    expect(first!.error).toBe(0);
    expect(first!.change).toBeCloseTo(first!.treatment / first!.control - 1, 12);
  });

  test('its error is the spread of the change over samples', () => {
    const samples = 400;
    const size = 200;
    const effects = Array.from({ length: samples }, (_, nth) => {
      const [control, treatment] = [termsOf(nth * size, size, 1), termsOf(nth * size, size, 1.2)];
      return trueEffects(control, treatment, { population: 1e12 })[0]!;
    });
    const mean = effects.reduce((sum, { change }) => sum + change, 0) / samples;
    const spread = Math.sqrt(
      effects.reduce((sum, { change }) => sum + (change - mean) ** 2, 0) / (samples - 1),
    );
    const error = Math.sqrt(effects.reduce((sum, one) => sum + one.error ** 2, 0) / samples);
    // The standard error of a standard deviation from 400 samples is 3.5 %.
    expect(Math.abs(error / spread - 1)).toBeLessThan(0.15);
    expect(Math.abs(mean - 0.2)).toBeLessThan(0.01);
  });

  test('segments share the viewers out', () => {
    const [control, treatment] = [termsOf(0, 300, 1), termsOf(0, 300, 1.2)];
    const segments = trueEffectsBySegment(control, treatment, (place) => (place % 3 === 0 ? 'tv' : 'mobile'));
    expect([...segments.keys()]).toEqual(['mobile', 'tv']);
    const all = trueEffects(control, treatment)[0]!;
    const [mobile, tv] = ['mobile', 'tv'].map((key) => segments.get(key)![0]!);
    expect((2 * mobile!.control + tv!.control) / 3).toBeCloseTo(all.control, 12);
  });
});
