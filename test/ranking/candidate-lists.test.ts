import { describe, expect, test } from 'vitest';
import { createListReader } from '../../src/ranking/candidate-lists.ts';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import { retrieveLists } from '../../src/ranking/retrieve.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';
import { smallModels } from '../variants/fixtures.ts';
import { viewerOf } from './fixtures.ts';

const models = smallModels();
const LENGTH = 10;
const watched = (count: number) => Array.from({ length: count }, (_, title) => title % 20);

describe.each([
  ['few requests', 16],
  ['many requests', 0],
])('of %s', (_, freshBatch) => {
  /** Whether lists made for one state of a viewer are made anew for another; `undefined`: none were made. */
  async function isMadeAnew(before: Viewer | undefined, now: Viewer): Promise<boolean> {
    const store = createMemoryCandidateStore();
    const id = 'u';
    if (before) await store.putMany(models.version, [[id, retrieveLists(models, before, LENGTH)]]);
    const [stored] = await store.getMany(models.version, [id]);
    const read = createListReader(store, { length: LENGTH, freshBatch, staleWatches: 5 });
    const { lists } = await read(models, [{ ...now, id }]);
    const made = retrieveLists(models, now, LENGTH);
    const isNow = JSON.stringify(lists[0]) === JSON.stringify(made);
    const isStored = JSON.stringify(lists[0]) === JSON.stringify(stored);
    expect(isNow || isStored).toBe(true);
    return isNow && !isStored;
  }

  const few = freshBatch > 0;
  const picks = { picks: [3, 6] };
  test.each<[string, Viewer | undefined, Viewer, boolean]>([
    ['nothing of a viewer with watches', undefined, viewerOf(watched(3)), true],
    ['what is as it was', viewerOf(watched(3)), viewerOf(watched(3)), false],
    ['one watch less', viewerOf(watched(3)), viewerOf(watched(4)), few],
    ['many watches less', viewerOf(watched(3)), viewerOf(watched(9)), true],
    ['watches that a viewer has not', viewerOf(watched(9)), viewerOf(watched(3)), true],
    ['watches of one who has none', viewerOf(watched(9)), viewerOf([]), true],
    ['picks, after the first watch', viewerOf([], picks), viewerOf([8]), true],
  ])('lists that know %s', async (_name, before, now, expected) => {
    expect(await isMadeAnew(before, now)).toBe(expected);
  });

  test('of a viewer of whom nothing is known are none', async () => {
    const read = createListReader(createMemoryCandidateStore(), { freshBatch });
    expect((await read(models, [viewerOf([])])).lists).toEqual([undefined]);
  });
});
