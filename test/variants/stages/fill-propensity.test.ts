import { describe, expect, it } from 'vitest';
import { generator } from '../../../src/ranking/generator.ts';
import type { Slate } from '../../../src/variants/stage.ts';
import { fill } from '../../../src/variants/stages/fill.ts';
import { workOf } from '../fixtures.ts';
import {
  chances,
  everySlate,
  type FillParameters,
  likenessOf,
  modelsOf,
  type SlateRule,
} from './slate-rule.ts';

const METHODS: [string, FillParameters][] = [
  ['greedy', {}],
  ['a share that explores', { explore: 0.6 }],
  ['nothing but exploration', { explore: 1 }],
  ['Plackett-Luce', { sample: 'plackett-luce', temperature: 0.5 }],
  ['marginal relevance', { mmr: 0.5 }],
  ['marginal relevance and a share that explores', { mmr: 0.5, explore: 0.6 }],
];
const CAPS = [undefined, 1, 2];

/** Unit vectors by angle; the third title has no content, so that its genre speaks for it. */
const angles = [0, 0.3, undefined, 1.2, 2.5];
const vectors = angles.map((angle) => (angle === undefined ? [0, 0] : [Math.cos(angle), Math.sin(angle)]));
const genres = [0, 0, 1, 0, 1];
const scores = [0.7, 0.9, 0.6, 0.5, 0.2];

const cases = METHODS.flatMap(([name, method]) =>
  CAPS.flatMap((genreCap) =>
    [3, 4, 5].map((titles): [string, FillParameters, number] => [
      `${name}, ${titles} titles${genreCap === undefined ? '' : `, at most ${genreCap} of a genre`}`,
      genreCap === undefined ? method : { ...method, genreCap },
      titles,
    ]),
  ),
);

function ruleOf(parameters: FillParameters, titles: number): SlateRule {
  return {
    scores: scores.slice(0, titles),
    genres: genres.slice(0, titles),
    likeness: likenessOf(genres, vectors),
    parameters,
  };
}

/** Slates of that many requests, through one stage as in serving. */
function slatesOf(rule: SlateRule, k: number, requests: number, models = modelsOf(genres, vectors)): Slate[] {
  const stage = fill.make(rule.parameters as never);
  const rows = rule.scores.map((score, title) => [title, score] as const);
  return Array.from({ length: requests }, (_, request) => {
    const work = workOf(rows, { k, requestId: `request-${request}` });
    stage.run([work], models);
    return work.slate!;
  });
}

describe('every possible slate of a few titles', () => {
  it.each(cases)('%s', (_, parameters, titles) => {
    const rule = ruleOf(parameters, titles);
    const k = 3;
    const possible = new Map(everySlate(rule, k).map((slate) => [slate.titles.join(), slate.chance]));
    expect([...possible.values()].reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12);

    const requests = 5_000;
    const seen = new Map<string, { times: number; chance: number }>();
    for (const slate of slatesOf(rule, k, requests)) {
      const key = slate.titles.join();
      const known = seen.get(key);
      if (known !== undefined) {
        known.times++;
        continue;
      }
      slate.propensities.forEach((propensity, slot) => {
        const before = [...slate.titles.subarray(0, slot)];
        expect(propensity).toBeCloseTo(chances(rule, before).get(slate.titles[slot]!)!, 6);
      });
      seen.set(key, { times: 1, chance: slate.propensities.reduce((product, p) => product * p, 1) });
    }

    // Nothing impossible, nothing left out, and what the stage itself says of them sums to one.
    expect([...seen.keys()].sort()).toEqual([...possible.keys()].sort());
    expect([...seen.values()].reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 5);
    // How often each was made is what the propensities say: Pearson's chi-squared, four standard deviations.
    const freedom = seen.size - 1;
    const chi = [...seen.values()].reduce(
      (sum, { times, chance }) => sum + (times - requests * chance) ** 2 / (requests * chance),
      0,
    );
    expect(chi - freedom).toBeLessThanOrEqual(4 * Math.sqrt(2 * freedom));
  });
});

describe('twenty slots from two hundred titles', () => {
  const TITLES = 200;
  const SLOTS = 20;
  const random = generator(7);
  const many = Array.from({ length: TITLES }, (_, title) => title);
  const manyGenres = many.map((title) => (title % 7 === 0 ? 255 : title % 9));
  const manyVectors = many.map(() => {
    const angle = 2 * Math.PI * random();
    return [Math.cos(angle), Math.sin(angle)];
  });
  const models = modelsOf(manyGenres, manyVectors);
  const manyScores = many.map(() => random());
  const rule = (parameters: FillParameters): SlateRule => ({
    scores: manyScores,
    genres: manyGenres,
    likeness: likenessOf(manyGenres, manyVectors),
    parameters,
  });

  it.each(
    METHODS.filter(([, { explore, sample }]) => explore === 0.6 || sample !== undefined).flatMap(
      ([name, method]) =>
        CAPS.map((genreCap): [string, FillParameters] => [
          `${name}, cap ${genreCap ?? 'none'}`,
          genreCap === undefined ? method : { ...method, genreCap },
        ]),
    ),
  )('%s: inverse propensities count what was feasible, and shown is what was said', (_, parameters) => {
    const large = rule(parameters);
    const requests = 1_000;
    const slates = slatesOf(large, SLOTS, requests, models);
    const first = chances(large, []);
    // Given the slots before, the mean of 1 / propensity over what may be drawn is how many titles may be.
    const terms = slates.map((slate) => {
      const open = openBySlot(large, [...slate.titles]);
      let difference = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        difference += 1 / slate.propensities[slot]! / open[slot]! - 1;
      }
      return difference;
    });
    expect(Math.abs(zOf(terms))).toBeLessThan(4);
    // The rarer half of the titles has, in the first slot, the chance that the propensities sum to.
    const rare = [...first].sort(([, a], [, b]) => a - b).slice(0, TITLES / 2);
    const chance = rare.reduce((sum, [, p]) => sum + p, 0);
    const titles = new Set(rare.map(([title]) => title));
    expect(
      Math.abs(zOf(slates.map((slate) => (titles.has(slate.titles[0]!) ? 1 : 0) - chance))),
    ).toBeLessThan(4);
  });

  it.each(METHODS)('%s: some slates as the rule has them', (_, parameters) => {
    const large = rule({ ...parameters, genreCap: 2 });
    for (const slate of slatesOf(large, SLOTS, 5, models)) {
      slate.propensities.forEach((propensity, slot) => {
        const expected = chances(large, [...slate.titles.subarray(0, slot)]).get(slate.titles[slot]!);
        expect(Math.abs(propensity / expected! - 1)).toBeLessThan(1e-5);
      });
    }
  });
});

describe('Plackett-Luce over scores of any size', () => {
  it.each([
    ['large scores', [3e38, 2.9e38, 1], 1],
    ['scores far apart', [1000, 0, -1000], 1],
    ['equal scores', [5, 5, 5], 1e-3],
    ['a temperature near zero', [0.2, 0.3, 0.1], 1e-300],
    ['a high temperature', [0.2, 0.3, 0.1], 1000],
  ])('%s', (_, given, temperature) => {
    const rule = { ...ruleOf({ sample: 'plackett-luce', temperature }, 3), scores: given };
    for (const slate of slatesOf(rule, 3, 50)) {
      expect(new Set(slate.titles).size).toBe(3);
      for (const propensity of slate.propensities) {
        expect(propensity).toBeGreaterThan(0);
        expect(propensity).toBeLessThanOrEqual(1);
      }
      expect(slate.propensities[2]).toBe(1);
    }
  });

  it('is a draw from all alike where the temperature is high, and the best one where it is low', () => {
    const at = (temperature: number) =>
      slatesOf({ ...ruleOf({ sample: 'plackett-luce', temperature }, 5) }, 5, 1)[0]!;
    expect(at(1000).propensities[0]).toBeCloseTo(0.2, 3);
    expect([...at(1e-6).titles]).toEqual([1, 0, 2, 3, 4]);
    expect([...at(1e-6).propensities]).toEqual([1, 1, 1, 1, 1]);
  });
});

/** How many titles were feasible in each slot. */
function openBySlot({ genres: own, parameters }: SlateRule, titles: readonly number[]): number[] {
  const { genreCap = Number.POSITIVE_INFINITY } = parameters;
  const left = new Map<number, { titles: number; cap: number }>();
  for (const genre of own) {
    const known = left.get(genre) ?? { titles: 0, cap: genre === 255 ? Number.POSITIVE_INFINITY : genreCap };
    left.set(genre, { ...known, titles: known.titles + 1 });
  }
  return titles.map((title) => {
    const legal = [...left.values()].reduce((sum, { titles, cap }) => sum + (cap > 0 ? titles : 0), 0);
    const { titles: before, cap } = left.get(own[title]!)!;
    left.set(own[title]!, { titles: before - 1, cap: cap - 1 });
    return legal;
  });
}

/** Mean over its standard error. */
function zOf(terms: readonly number[]): number {
  const mean = terms.reduce((sum, term) => sum + term, 0) / terms.length;
  const variance = terms.reduce((sum, term) => sum + (term - mean) ** 2, 0) / (terms.length - 1);
  return variance === 0
    ? mean === 0
      ? 0
      : Number.POSITIVE_INFINITY
    : mean / Math.sqrt(variance / terms.length);
}
