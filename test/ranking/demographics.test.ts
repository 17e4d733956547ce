import { describe, expect, it } from 'vitest';
import {
  buildDemographics,
  groupPopularity,
  groupTitles,
  largestCountries,
} from '../../src/ranking/demographics.ts';
import { interactionsOf } from './fixtures.ts';

/** Ten young and ten older users of two countries: title 0 is everyone's, 1 the young's, 2 the older ones'. */
const users = Array.from({ length: 20 }, (_, user) => ({
  country: user % 2 === 0 ? 'US' : 'JP',
  ageGroup: user < 10 ? ('18-24' as const) : ('55+' as const),
}));
const rows: [number, number][] = [];
for (let round = 0; round < 6; round++)
  users.forEach((_, user) => {
    rows.push([user, 0], [user, user < 10 ? 1 : 2]);
    if (round < 2) rows.push([user, 3]);
  });
const model = buildDemographics(interactionsOf(rows), 5, users);

describe('popularity within a group', () => {
  it.each([
    ['', 'unknown', [0, 1, 2, 3]],
    ['ZZ', 'unknown', [0, 1, 2, 3]],
    ['US', '18-24', [0, 1, 3, 2]],
    ['JP', '55+', [0, 2, 3, 1]],
  ] as const)('%s %s', (country, ageGroup, expected) =>
    expect([...groupTitles(model, country, ageGroup)]).toEqual(expected),
  );

  it('is log(1 + watches) plus the log of each lift', () => {
    // 60 watches of title 1, all by the young, who have half of the watches: (60 + 5) / (30 + 5), as groups differ as much as can be.
    expect(groupPopularity(model, '', '18-24')(1)).toBeCloseTo(Math.log(61) + Math.log(65 / 35), 5);
    // In a country with half of them (and half of the young): no lift.
    expect(groupPopularity(model, 'US', 'unknown')(1)).toBeCloseTo(Math.log(61), 5);
    expect(groupPopularity(model, 'US', '18-24')(4)).toBe(0);
  });

  it('is sorted once', () => {
    expect(groupTitles(model, 'US', '55+')).toBe(groupTitles(model, 'US', '55+'));
    expect(groupTitles(model, 'QQ', '55+')).toBe(groupTitles(model, 'XX', '55+'));
  });

  it('of no watches at all is empty', () => {
    expect([...groupTitles(buildDemographics(interactionsOf([]), 3, []), 'US', '55+')]).toEqual([]);
  });
});

it('the largest countries come by their watches, the unknown one is none', () => {
  const watches = interactionsOf([
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
    [2, 2],
    [9, 0],
  ]);
  const countries = ['US', 'JP', ''].map((country) => ({ country }));
  expect(largestCountries(watches, countries)).toEqual(['JP', 'US']);
});
