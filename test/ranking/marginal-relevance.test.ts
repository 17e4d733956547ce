import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOpenTitles } from '../../src/ranking/diversity.ts';
import { createMarginalRelevance } from '../../src/ranking/marginal-relevance.ts';
import { contentCosine, genreJaccard, hasContent } from '../../src/ranking/similarity.ts';
import cases from '../cases/fill.json' with { type: 'json' };
import { catalogueOf } from './fixtures.ts';

interface World {
  readonly dims: number;
  readonly vectors: readonly number[];
  readonly genreMask: readonly number[];
  readonly primaryGenre: readonly number[];
  readonly scores: readonly number[];
}

const modelsOf = ({ dims, vectors, genreMask, primaryGenre, scores }: World) => ({
  catalogue: {
    ...catalogueOf(scores.map(() => ({}))),
    genreMask: Uint32Array.from(genreMask),
    primaryGenre: Uint8Array.from(primaryGenre),
  },
  content: { dims, vectors: Float32Array.from(vectors) },
});

/** Fills `k` slots with the best, or with what `forced` says instead. */
function slate(
  world: World,
  k: number,
  mmr: number,
  cap: number,
  forced: ReadonlyMap<number, number> = new Map(),
) {
  const { catalogue, content } = modelsOf(world);
  const count = world.scores.length;
  const rows = Int32Array.from(world.scores, (_, title) => title);
  const marginal = createMarginalRelevance();
  const keys = marginal.keys(rows, Float32Array.from(world.scores), count, mmr);
  const open = createOpenTitles()(rows, keys, count, catalogue.primaryGenre, cap);
  const view = marginal.begin(open, count, { catalogue, content });
  const best: number[] = [];
  for (let slot = 0; slot < k; slot++) {
    best.push(view.best());
    const drawn = forced.get(slot);
    const chosen = drawn === undefined ? best[slot]! : open.nth(drawn % open.open);
    open.take(chosen);
    view.placed(chosen);
  }
  return { best, relaxed: open.relaxed };
}

describe('createMarginalRelevance', () => {
  it.each(cases.mmr.map((one, i) => [i, one] as const))('places what numpy places, case %i', (_, one) => {
    const { best } = slate(one, one.k, one.mmr, one.genreCap ?? Number.POSITIVE_INFINITY);
    expect(best).toEqual(one.titles);
  });

  it('is the plain rule, computed anew for every slot, whatever was placed above', () => {
    const title = fc.record({
      score: fc.integer({ min: -5, max: 5 }),
      mask: fc.integer({ min: 0, max: 7 }),
      vector: fc.constantFrom<number[]>([0, 0], [1, 0], [0, 1], [0.6, 0.8], [-0.8, 0.6]),
    });
    fc.assert(
      fc.property(
        fc.array(title, { minLength: 2, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0.25, 0.5, 1),
        fc.array(fc.option(fc.nat(24), { nil: undefined }), { minLength: 25, maxLength: 25 }),
        (titles, cap, mmr, draws) => {
          const world: World = {
            dims: 2,
            vectors: titles.flatMap(({ vector }) => vector),
            genreMask: titles.map(({ mask }) => mask),
            primaryGenre: titles.map(({ mask }) => (mask === 0 ? 255 : Math.log2(mask & -mask))),
            scores: titles.map(({ score }) => score),
          };
          const forced = new Map(draws.flatMap((draw, slot) => (draw === undefined ? [] : [[slot, draw]])));
          const { best } = slate(world, titles.length, mmr, cap, forced);
          expect(best).toEqual(plainRule(world, mmr, cap, forced));
        },
      ),
    );
  });

  it('goes by score alone at a weight of 1, and where all scores are equal by likeness alone', () => {
    const [world] = cases.mmr;
    const byScore = world!.scores
      .map((_, title) => title)
      .sort((a, b) => world!.scores[b]! - world!.scores[a]!);
    expect(slate(world!, 40, 1, 99).best).toEqual(byScore);
    const level: World = {
      dims: 2,
      vectors: [1, 0, 1, 0, 0, 1, 0, 1],
      genreMask: [1, 1, 1, 1],
      primaryGenre: [0, 0, 0, 0],
      scores: [3, 3, 3, 3],
    };
    expect(slate(level, 4, 0.9, 99).best).toEqual([0, 2, 1, 3]);
  });
});

/** All marginal relevances anew for every slot; ties to the first. */
function plainRule(world: World, mmr: number, cap: number, forced: ReadonlyMap<number, number>): number[] {
  const { catalogue, content } = modelsOf(world);
  const { scores, primaryGenre } = world;
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const unit = high > low ? mmr / (high - low) : 0;
  const like = (one: number, other: number) =>
    hasContent(content, one) && hasContent(content, other)
      ? contentCosine(content, one, other)
      : genreJaccard(catalogue, one, other);
  const placed: number[] = [];
  return scores.map((_, slot) => {
    const rest = scores.map((_, title) => title).filter((title) => !placed.includes(title));
    const held = (genre: number) => placed.filter((title) => primaryGenre[title] === genre).length;
    const legal = rest.filter((title) => primaryGenre[title] === 255 || held(primaryGenre[title]!) < cap);
    const open = legal.length > 0 ? legal : rest;
    const value = (title: number) =>
      (scores[title]! - low) * unit - (1 - mmr) * Math.max(0, ...placed.map((other) => like(title, other)));
    const best = open.reduce((top, title) => (value(title) > value(top) ? title : top));
    const drawn = forced.get(slot);
    placed.push(drawn === undefined ? best : open[drawn % open.length]!);
    return best;
  });
}

describe('similarity', () => {
  const content = { dims: 5, vectors: Float32Array.of(1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0) };

  it('multiplies vectors of any length', () => {
    expect(contentCosine(content, 0, 1)).toBe(35);
    expect(contentCosine(content, 0, 0)).toBe(55);
  });

  it.each([
    [0, true],
    [2, false],
    [3, false],
  ])('knows whether title %i has content: %s', (title, expected) => {
    expect(hasContent(content, title)).toBe(expected);
  });

  it.each([
    [0b011, 0b011, 1],
    [0b011, 0b110, 1 / 3],
    [0b001, 0b110, 0],
    [0, 0b1, 0],
    [0, 0, 0],
    [2 ** 31, 2 ** 31, 1],
  ])('shares of genres %i and %i: %d', (one, other, expected) => {
    const catalogue = { ...catalogueOf([{}, {}]), genreMask: Uint32Array.of(one, other) };
    expect(genreJaccard(catalogue, 0, 1)).toBe(expected);
  });
});
