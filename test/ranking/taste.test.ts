import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentVector } from '../../src/ranking/content.ts';
import { foldIn } from '../../src/ranking/fold-in.ts';
import { bitCount, createTaste, readTaste } from '../../src/ranking/taste.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';
import { smallModels } from '../variants/fixtures.ts';
import { rowDot, viewerOf } from './fixtures.ts';

const models = smallModels();

function tasteOf(viewer: Viewer) {
  const taste = createTaste(models);
  readTaste(taste, models, viewer);
  return taste;
}

describe('readTaste', () => {
  it.each([
    ['a short history', [2, 4]],
    ['a longer one', [1, 3, 5, 7, 9, 11, 13, 15, 2, 4]],
    ['one title', [9]],
  ])('ranks titles as the exact fold-in of %s does', (_, titles) => {
    const { collaborative } = tasteOf(viewerOf(titles));
    const exact = foldIn(models.ials, titles, new Float32Array(titles.length).fill(1));
    const scores = (vector: Float32Array) =>
      Array.from({ length: 40 }, (_, t) => rowDot(vector, models.ials.items, t));
    const [ours, theirs] = [scores(collaborative), scores(exact)];
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(dot(ours, theirs) / Math.sqrt(dot(ours, ours) * dot(theirs, theirs))).toBeGreaterThan(0.99);
  });

  it('reads content as retrieval does', () => {
    for (const viewer of [viewerOf([2, 4, 7]), viewerOf([], { picks: [3, 6] }), viewerOf([])]) {
      const exact = contentVector(models.content, viewer);
      tasteOf(viewer).content.forEach((value, d) => {
        expect(value).toBeCloseTo(exact[d]!, 5);
      });
    }
  });

  it('lets picks stand in for watches, and nothing for nothing', () => {
    expect(tasteOf(viewerOf([], { picks: [2, 4] })).collaborative).toEqual(
      tasteOf(viewerOf([2, 4])).collaborative,
    );
    expect(tasteOf(viewerOf([])).collaborative.every((value) => value === 0)).toBe(true);
  });

  it.each([[9999], [-1]])('passes over row %i, which the models do not know', (unknown) => {
    const {
      activity: _,
      watchCount: __,
      recent: ___,
      recentCount: ____,
      ...vectors
    } = tasteOf(viewerOf([unknown, 2, 4]));
    expect(tasteOf(viewerOf([2, 4]))).toMatchObject(vectors);
    const picked = tasteOf(viewerOf([], { picks: [unknown, 2, 4] }));
    expect(picked).toEqual(tasteOf(viewerOf([], { picks: [2, 4] })));
  });

  it('leaves nothing of the viewer before', () => {
    const taste = createTaste(models);
    readTaste(taste, models, viewerOf([1, 2, 3, 4, 5, 6]));
    readTaste(taste, models, viewerOf([8]));
    const { recentCount, recent, ...rest } = taste;
    const { recent: fresh, ...expected } = tasteOf(viewerOf([8]));
    expect({ recentCount, ...rest }).toEqual(expected);
    expect(recent[0]).toBe(fresh[0]);
  });
});

it('bitCount counts the bits of any mask', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (mask) => {
      expect(bitCount(mask)).toBe([...mask.toString(2)].filter((bit) => bit === '1').length);
    }),
  );
});
