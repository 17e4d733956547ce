import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAIR_WIDTH } from '../../src/ranking/features.ts';
import { generator } from '../../src/ranking/generator.ts';
import { writePairFeatures } from '../../src/ranking/pair-features.ts';
import { RECENT_HISTORY, type Taste } from '../../src/ranking/taste.ts';
import { viewerOf } from './fixtures.ts';

/** Genres that fill a part of a mask and that do not, and all there may be. */
const sizes = fc.record({
  genres: fc.constantFrom(1, 5, 6, 7, 18, 31, 32),
  size: fc.integer({ min: 1, max: 30 }),
  count: fc.integer({ min: 0, max: 9 }),
  spare: fc.integer({ min: 0, max: 3 }),
  watches: fc.integer({ min: 0, max: 40 }),
  seed: fc.integer(),
});

function drawn({
  genres,
  size,
  count,
  watches,
  seed,
}: { [key in 'genres' | 'size' | 'count' | 'watches' | 'seed']: number }) {
  const random = generator(seed);
  const noise = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  const rows = (length: number) => Int32Array.from({ length }, () => Math.floor(random() * size));
  const genreMask = Uint32Array.from({ length: size }, () => {
    let mask = 0;
    for (let g = 0; g < genres; g++) if (random() < 0.2) mask |= 1 << g;
    return mask >>> 0;
  });
  const watched = rows(watches);
  const recentCount = Math.min(RECENT_HISTORY, watches);
  const taste: Taste = {
    collaborative: noise(2),
    collaborativeScale: random(),
    popularity: random(),
    content: noise(2),
    genres: Float32Array.from({ length: 32 }, () => random()),
    recent: Uint32Array.from({ length: RECENT_HISTORY }, (_, i) => genreMask[watched[watches - 1 - i] ?? 0]!),
    recentCount,
    watchCount: watches,
    activity: random(),
  };
  return {
    catalogue: {
      genreMask,
      genres: Array.from({ length: genres }, (_, g) => `g${g}`),
      episodes: Uint16Array.from({ length: size }, () => (random() < 0.5 ? 1 : 8)),
    },
    trending: { score: noise(size), popularity: noise(size) },
    viewer: viewerOf([...watched]),
    taste,
    titles: rows(count),
    scores: { collaborative: noise(count), content: noise(count), ease: noise(count), itemKnn: noise(count) },
  };
}

type Drawn = ReturnType<typeof drawn>;
type Models = Parameters<typeof writePairFeatures>[3];

/** What each feature is, one genre and one watch after the other. */
function plain({ catalogue, trending, viewer, taste, titles, scores }: Drawn, i: number): number[] {
  const title = titles[i]!;
  const own = catalogue.genres.flatMap((_, g) => ((catalogue.genreMask[title]! >>> g) & 1 ? [g] : []));
  const affinity = own.reduce((sum, g) => sum + taste.genres[g]!, 0);
  const latest = [...taste.recent].slice(0, taste.recentCount);
  const shared = latest.filter((mask) => (mask & catalogue.genreMask[title]!) !== 0).length;
  const isNew = taste.watchCount === 0;
  const inProgress =
    catalogue.episodes[title]! > 1 &&
    [...viewer.watchedTitles.slice(0, viewer.watchCount)].slice(-20).includes(title);
  return [
    scores.collaborative[i]!,
    scores.collaborative[i]! * taste.activity,
    scores.content[i]!,
    own.length === 0 ? 0 : (affinity * 4) / own.length,
    latest.length === 0 ? 0 : shared / latest.length,
    trending.score[title]!,
    trending.popularity[title]!,
    inProgress ? 1 : 0,
    scores.collaborative[i]! * taste.collaborativeScale,
    isNew ? 0 : Math.abs(trending.popularity[title]! - taste.popularity),
    scores.ease[i]!,
    isNew ? 0 : scores.itemKnn[i]! / Math.sqrt(taste.watchCount),
  ];
}

function write(given: Drawn, slots: number): Float32Array {
  const out = new Float32Array(PAIR_WIDTH * slots + 2).fill(7);
  const models = given as unknown as Models;
  const { viewer, taste, titles, scores } = given;
  writePairFeatures(out, 1, slots, models, viewer, taste, titles, titles.length, scores);
  expect([out[0], out.at(-1)]).toEqual([7, 7]);
  return out.subarray(1, -1);
}

describe('the kernel of pair features', () => {
  it('writes what each feature is, column by column, and nothing for slots without a title', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const given = drawn(size);
        const slots = size.count + size.spare;
        const out = write(given, slots);
        for (let slot = 0; slot < slots; slot++) {
          const expected = slot < size.count ? plain(given, slot) : new Array<number>(PAIR_WIDTH).fill(0);
          expected.forEach((value, feature) => {
            expect(out[feature * slots + slot]).toBeCloseTo(value, 6);
          });
        }
      }),
    );
  });

  it('makes room for more titles than it had', () => {
    const given = drawn({ genres: 18, size: 30, count: 1_200, watches: 8, seed: 5 });
    write(drawn({ genres: 18, size: 30, count: 3, watches: 8, seed: 5 }), 3);
    const out = write(given, 1_200);
    for (const i of [0, 255, 256, 1_199])
      plain(given, i).forEach((value, feature) => {
        expect(out[feature * 1_200 + i]).toBeCloseTo(value, 6);
      });
  });

  it('follows what trends when that is counted anew', () => {
    const given = drawn({ genres: 5, size: 9, count: 4, watches: 3, seed: 8 });
    const before = write(given, 4).slice();
    const trending = { ...given.trending, score: given.trending.score.map((score) => score + 1) };
    const after = write({ ...given, trending }, 4);
    const trends = 5 * 4;
    for (let i = 0; i < 4; i++) expect(after[trends + i]).toBeCloseTo(before[trends + i]! + 1, 6);
    expect(write(given, 4)).toEqual(before);
  });
});
