import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_GENRE } from '../../../src/ranking/diversity.ts';
import type { Slate } from '../../../src/variants/stage.ts';
import { fill } from '../../../src/variants/stages/fill.ts';
import { requestOf, smallModels, workOf } from '../fixtures.ts';

const models = smallModels();
const withGenres = (genres: readonly number[]) => ({
  ...models,
  catalogue: { ...models.catalogue, primaryGenre: Uint8Array.from(genres) },
});

function slateOf(
  parameters: Parameters<typeof fill.make>[0] | object,
  rows: readonly (readonly [number, number])[],
  change: { k?: number; requestId?: string } = {},
  used = models,
): Slate {
  const work = workOf(rows, change);
  fill.make(parameters as never).run([work], used);
  return work.slate!;
}

describe('fill', () => {
  it.each([
    ['the best first', {}, [2, 0, 1, 3], 4],
    ['as many slots as are asked for', {}, [2, 0], 2],
    ['no more than it may take', { take: 3 }, [2, 0, 1], 4],
  ])('takes %s', (_, parameters, expected, k) => {
    const slate = slateOf(
      parameters,
      [
        [0, 0.5],
        [1, 0.4],
        [2, 0.9],
        [3, 0.1],
      ],
      { k },
    );
    expect([...slate.titles]).toEqual(expected);
    expect([...slate.propensities]).toEqual(expected.map(() => 1));
    expect(slate.scores[0]).toBeCloseTo(0.9, 6);
  });

  it.each([
    ['no genre beyond the cap', 1, [0, 0, 0, 1, 1, 2], 3, [0, 3, 5]],
    ['the cap only as long as titles allow', 1, [0, 0, 0, 1, 1, 2], 5, [0, 3, 5, 1, 2]],
    ['titles without a genre uncapped', 1, [NO_GENRE, NO_GENRE, 0, 0], 3, [0, 1, 2]],
    ['two of a genre', 2, [0, 0, 0, 0, 1], 3, [0, 1, 4]],
  ])('keeps %s', (_, genreCap, genres, k, expected) => {
    const rows = genres.map((_, i) => [i, 1 - i / 10] as const);
    expect([...slateOf({ genreCap }, rows, { k }, withGenres(genres)).titles]).toEqual(expected);
  });

  it('never gives a short slate, and breaks the cap only when titles of other genres are used up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.double({ min: -1, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.uuid(),
        (titles, genreCap, k, explore, requestId) => {
          const genres = titles.map(([genre]) => genre);
          const rows = titles.map(([, score], i) => [i, score] as const);
          const slate = slateOf({ genreCap, explore }, rows, { k, requestId }, withGenres(genres));
          expect(slate.titles).toHaveLength(Math.min(k, titles.length));
          expect(new Set(slate.titles).size).toBe(slate.titles.length);
          const held = [0, 1, 2, 3].map((genre) => genres.filter((one) => one === genre).length);
          const feasible = held.reduce((sum, count) => sum + Math.min(count, genreCap), 0);
          const used = [0, 0, 0, 0];
          slate.titles.forEach((title, slot) => {
            used[genres[title]!]!++;
            if (slot < feasible) expect(used[genres[title]!]).toBeLessThanOrEqual(genreCap);
            expect(slate.propensities[slot]).toBeGreaterThan(0);
            expect(slate.propensities[slot]).toBeLessThanOrEqual(1);
          });
        },
      ),
    );
  });

  it('gives the same slate for the same request', () => {
    const rows = Array.from({ length: 30 }, (_, i) => [i, -i] as const);
    const one = () => slateOf({ explore: 0.5 }, rows, { k: 10 });
    expect(one()).toEqual(one());
    expect(one().titles).not.toEqual(slateOf({ explore: 0.5 }, rows, { k: 10, requestId: 'other' }).titles);
  });
});

describe('the propensity of a slot', () => {
  /** P of every slate by the rule in words: explore evenly among titles the cap allows, else take the best of them. */
  function enumerate(genres: readonly number[], k: number, explore: number, cap: number) {
    const slates: { titles: number[]; propensities: number[] }[] = [];
    const walk = (titles: number[], propensities: number[]): void => {
      if (titles.length === k) {
        slates.push({ titles, propensities });
        return;
      }
      const rest = genres.map((_, i) => i).filter((i) => !titles.includes(i));
      const count = (genre: number) => titles.filter((title) => genres[title] === genre).length;
      const legal = rest.filter((i) => count(genres[i]!) < cap);
      const choice = legal.length > 0 ? legal : rest;
      for (const title of choice) {
        const p = explore / choice.length + (title === choice[0] ? 1 - explore : 0);
        walk([...titles, title], [...propensities, p]);
      }
    };
    walk([], []);
    return slates;
  }

  const genres = [0, 0, 1, 0, 1];
  const rows = genres.map((_, i) => [i, 1 - i / 10] as const);

  it.each([
    ['without a cap', 9],
    ['under a cap', 1],
  ])('is what enumeration of the rule gives, %s', (_, genreCap) => {
    const expected = new Map(
      enumerate(genres, 3, 0.6, genreCap).map((one) => [one.titles.join(), one.propensities]),
    );
    const total = [...expected.values()].reduce(
      (sum, ps) => sum + ps.reduce((product, p) => product * p, 1),
      0,
    );
    expect(total).toBeCloseTo(1, 12);
    const seen = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const slate = slateOf(
        { explore: 0.6, genreCap },
        rows,
        { k: 3, requestId: `r${i}` },
        withGenres(genres),
      );
      const key = [...slate.titles].join();
      seen.add(key);
      const propensities = expected.get(key);
      expect(propensities, `slate ${key} is not possible`).toBeDefined();
      slate.propensities.forEach((p, slot) => {
        expect(p).toBeCloseTo(propensities![slot]!, 6);
      });
    }
    // Among 3,000 slates every one of more than 0.5 % must turn up (chance of a miss below 1e-6 each).
    const likely = [...expected].filter(([, ps]) => ps.reduce((product, p) => product * p, 1) > 0.005);
    for (const [key] of likely) expect(seen).toContain(key);
  });

  it('matches how often titles are shown, on a larger case', () => {
    const many = Array.from({ length: 50 }, (_, i) => [i, 1 - i / 100] as const);
    const used = withGenres(Array.from({ length: 50 }, (_, title) => title % 5));
    const stage = fill.make({ explore: 0.2, genreCap: 2 } as never);
    const trials = 20_000;
    const shown = new Float64Array(50);
    let difference = 0;
    for (let i = 0; i < trials; i++) {
      const work = workOf(many, { k: 8, requestId: `m${i}` });
      stage.run([work], used);
      const { titles, propensities } = work.slate!;
      shown[titles[0]!]!++;
      // Title 7 in slot 5, weighted by 1 / propensity, happens on average once for each slate in which it could.
      const before = titles.subarray(0, 5);
      const open = !before.includes(7) && before.filter((title) => title % 5 === 2).length < 2;
      difference += (titles[5] === 7 ? 1 / propensities[5]! : 0) - (open ? 1 : 0);
    }
    const within = (share: number, p: number) =>
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / trials));
    within(shown[0]! / trials, 0.8 + 0.2 / 50);
    within(shown[7]! / trials, 0.2 / 50);
    // 1 / propensity is at most 50 / 0.2, so the variance of a term is at most 250.
    expect(Math.abs(difference / trials)).toBeLessThan(4 * Math.sqrt(250 / trials));
  });
});

describe('why a slot holds its title', () => {
  it('names the watched title it resembles', () => {
    const dims = 2;
    const vectors = Float32Array.of(1, 0, 0.9, Math.sqrt(1 - 0.81), 0, 1);
    const content = { dims, vectors: Float32Array.from({ length: 80 }, (_, i) => vectors[i] ?? 0) };
    const { viewer } = requestOf();
    const watcher = {
      ...viewer,
      watchCount: 2,
      watchedTitles: Int32Array.of(0, 2),
      watchedWeights: Float32Array.of(1, 1),
    };
    const work = workOf([[1, 1]], { viewer: watcher });
    fill.make({} as never).run([work], { ...models, content });
    expect([...work.slate!.because]).toEqual([0]);
  });
});
