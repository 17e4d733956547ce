import { describe, expect, test } from 'vitest';
import {
  measureOf,
  measureSlates,
  popularOrder,
  relevantTitles,
  SLATE_MEASURES,
  USER_MEASURES,
} from '../../src/ranking/evaluate.ts';
import vectors from '../cases/offline-metrics.json' with { type: 'json' };
import { catalogueOf, interactionsOf } from './fixtures.ts';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(vectors.worlds)('slates of $titles titles', (world) => {
  const catalogue = {
    ...catalogueOf(Array.from({ length: world.titles }, () => ({}))),
    genreMask: Uint32Array.from(world.genreMask),
  };
  const measures = measureSlates(
    world.lists.map(({ slate }) => slate),
    world.lists.map(({ relevant }) => new Set(relevant)),
    catalogue,
    Int32Array.from(world.popular),
  );
  const all = world.lists.map((_, user) => user);

  test.each(USER_MEASURES)('%s of every user, and its mean', (name) => {
    const known: number[] = [];
    world.byUser.forEach((expected, user) => {
      const value = expected[name];
      if (value === null) expect(measures.byUser[name][user]).toBeNaN();
      else {
        expect(measures.byUser[name][user]).toBeCloseTo(value, 12);
        known.push(value);
      }
    });
    expect(measureOf(measures, name, all)).toBeCloseTo(mean(known), 12);
  });

  test.each(SLATE_MEASURES)('%s of all slates', (name) =>
    expect(measureOf(measures, name, all)).toBeCloseTo(world[name], 12),
  );
});

test('a user drawn twice counts twice in a mean and shows nothing new', () => {
  const catalogue = catalogueOf([{ genres: ['A'] }, { genres: ['B'] }, { genres: ['A', 'C'] }, {}]);
  const relevant = relevantTitles(
    interactionsOf([
      [0, 0],
      [2, 1],
      [2, 3],
    ]),
  );
  const measures = measureSlates(
    [
      [0, 1],
      [2, 1],
    ],
    [...relevant.values()],
    catalogue,
    Int32Array.of(0, 1, 2, 3),
  );
  expect(measureOf(measures, 'recall20', [0, 1])).toBe(0.75);
  expect(measureOf(measures, 'recall20', [1, 1])).toBe(0.5);
  expect(measureOf(measures, 'coverage', [0, 1])).toBe(0.75);
  expect(measureOf(measures, 'coverage', [1, 1])).toBe(0.5);
});

test('popularity counts the interactions of enough weight, ties by row', () => {
  const watches = interactionsOf([
    [0, 3, 1],
    [1, 3, 1],
    [0, 2, 0.4],
    [1, 2, 0.4],
    [2, 2, 0.4],
    [2, 1, 0.8],
    [3, 0, 0.9],
  ]);
  expect([...popularOrder(watches, 5, 0.8)]).toEqual([3, 0, 1, 2, 4]);
  expect([...popularOrder(watches, 5, 0)]).toEqual([2, 3, 0, 1, 4]);
});
