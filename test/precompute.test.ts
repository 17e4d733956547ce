import { expect, test } from 'vitest';
import { InvalidInput } from '../src/files/invalid-input.ts';
import { precompute } from '../src/precompute.ts';
import type { CandidatePlan, CandidateTarget } from '../src/ranking/candidate-plan.ts';
import { createMemoryCandidateStore } from '../src/ranking/candidate-store.ts';
import { buildContent } from '../src/ranking/content.ts';
import { generator } from '../src/ranking/generator.ts';
import { trainIals } from '../src/ranking/ials.ts';
import { trainItemKnn } from '../src/ranking/item-knn.ts';
import type { Models } from '../src/ranking/models.ts';
import { retrieveLists } from '../src/ranking/retrieve.ts';
import { LISTED_SOURCES } from '../src/ranking/viewer.ts';
import { createViewers } from '../src/viewers.ts';
import { catalogueOf, interactionsOf, twoCommunities } from './ranking/fixtures.ts';

const TITLES = 120;
const random = generator(3);
const catalogue = catalogueOf(
  Array.from({ length: TITLES }, (_, row) => ({ genres: [`g${row % 5}`], year: 1960 + (row % 50) })),
);
const training = twoCommunities(60, TITLES, random);
const models = {
  version: 'v1',
  catalogue,
  ials: trainIals(training, TITLES, { factors: 8 }),
  content: buildContent(catalogue, { dims: 8 }),
  itemKnn: trainItemKnn(training, TITLES),
} as unknown as Models;

const USERS = 2_500;
const ids = Array.from({ length: USERS }, (_, user) => `u-${user}`);
// User 7 watched more than a server keeps; every ninth watched nothing.
const rows = ids.flatMap((_, user) =>
  Array.from({ length: user === 7 ? 1_500 : user % 9 }, (_, place) => {
    const title = (user * 17 + place * 7) % TITLES;
    return [user, title, 1, place] as const;
  }),
);
const history = interactionsOf(
  [...rows].sort((a, b) => a[3] - b[3]),
  USERS,
);

function memoryTarget(done = 0) {
  const store = createMemoryCandidateStore();
  const begun: { plan: CandidatePlan; resume: boolean }[] = [];
  const target: CandidateTarget = {
    name: 'memory',
    async begin(plan, resume) {
      begun.push({ plan, resume });
      return done;
    },
    commit: (users, packed) => store.putPacked('v1', users, packed),
    finish: async () => ({ users: store.size('v1').users, bytes: 0, bytesPerUserInStore: 0 }),
    close: async () => {},
  };
  return { store, begun, target };
}

const settings = { models, ids, history, sources: LISTED_SOURCES, length: 20, resume: false };

test('every user gets the lists that a server would make of them', async () => {
  const { store, target } = memoryTarget();
  const progress: number[] = [];
  const done = await precompute({ ...settings, target, progress: (users) => progress.push(users) });
  expect(done).toMatchObject({ users: USERS, resumedAt: 0 });
  expect(progress).toEqual([0, 1_024, 2_048, USERS]);
  const viewers = createViewers();
  viewers.load(ids, history);
  const found = await store.getMany('v1', ids);
  ids.forEach((id, user) => {
    expect(found[user]).toEqual(retrieveLists(models, viewers.get(id), 20));
  });
});

test('a resumed run begins after the users that are done', async () => {
  const { store, begun, target } = memoryTarget(2_000);
  expect(await precompute({ ...settings, target, resume: true })).toMatchObject({
    users: 500,
    resumedAt: 2_000,
  });
  expect(begun[0]).toMatchObject({ resume: true, plan: { modelsVersion: 'v1', users: USERS, length: 20 } });
  const [before, after] = await store.getMany('v1', ['u-1999', 'u-2000']);
  expect(before).toBeUndefined();
  expect(after).toBeDefined();
});

test('sources that are not asked for are stored empty', async () => {
  const { store, target } = memoryTarget(2_400);
  await precompute({ ...settings, sources: ['content'], target });
  const [lists] = await store.getMany('v1', ['u-2402']);
  expect(lists!.content.titles).toHaveLength(20);
  expect(lists!.ials.titles).toHaveLength(0);
  expect(lists!.itemKnn!.titles).toHaveLength(0);
});

test('another history is another plan', async () => {
  const plans = [];
  for (const title of [1, 2]) {
    const { begun, target } = memoryTarget();
    await precompute({ ...settings, ids: ['a'], history: interactionsOf([[0, title]]), target });
    plans.push(begun[0]!.plan.history);
  }
  expect(plans[0]).not.toBe(plans[1]);
});

test.each([
  ['no users', [], interactionsOf([])],
  ['no history', ['a'], interactionsOf([], 1)],
])('%s: nothing to make lists of', async (_, users, watched) => {
  const { target } = memoryTarget();
  await expect(precompute({ ...settings, ids: users, history: watched, target })).rejects.toThrow(
    InvalidInput,
  );
});

test('a store that fails ends the run with its error', async () => {
  const { target } = memoryTarget();
  const failing = {
    ...target,
    commit: async () => {
      throw new Error('disk full');
    },
  };
  await expect(precompute({ ...settings, target: failing })).rejects.toThrow('disk full');
});
