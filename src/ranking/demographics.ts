import { bestRows } from './best-rows.ts';
import { AGE_GROUPS, type AgeGroup, type Interactions } from './catalogue.ts';
import { lift, liftPrior } from './lift.ts';
import type { Demographics } from './models.ts';

/** Countries that have a column of their own, those with the most watches. */
export const MOST_COUNTRIES = 64;
const KNOWN_AGES = AGE_GROUPS.filter((group) => group !== 'unknown');
/** Titles kept per country and age group. */
const LENGTH = 1_000;

/**
 * How popular titles are among users of each country and of each age group, over all time. Memory: 4 bytes a title for each
 * of at most 64 countries and 6 age groups.
 *
 * @param titles size of the catalogue
 * @param users  by user row; one past its end is of unknown country and age
 */
export function buildDemographics(
  interactions: Interactions,
  titles: number,
  users: readonly { readonly country: string; readonly ageGroup: AgeGroup }[],
): Demographics {
  const all = countsOf(titles);
  const byCountry = new Map(
    largestCountries(interactions, users).map((country) => [country, countsOf(titles)] as const),
  );
  const byAge = new Map<AgeGroup, Counts>(KNOWN_AGES.map((ageGroup) => [ageGroup, countsOf(titles)]));
  for (let entry = 0; entry < interactions.count; entry++) {
    const title = interactions.titles[entry]!;
    const user = users[interactions.users[entry]!];
    count(all, title);
    count(byCountry.get(user?.country ?? ''), title);
    count(byAge.get(user?.ageGroup ?? 'unknown'), title);
  }
  return {
    watches: Float32Array.from(all.counts, Math.log1p),
    countries: logLifts(all, byCountry),
    ageGroups: logLifts(all, byAge),
  };
}

/** Groups without a watch are left out. */
function logLifts<Key>(all: Counts, groups: ReadonlyMap<Key, Counts>): Map<Key, Float32Array> {
  const prior = liftPrior(all, groups.values());
  const lifts = new Map<Key, Float32Array>();
  for (const [key, { counts, total }] of groups) {
    if (total === 0) continue;
    const share = total / all.total;
    lifts.set(
      key,
      Float32Array.from(counts, (own, title) => Math.log(lift(own, share * all.counts[title]!, prior))),
    );
  }
  return lifts;
}

interface Counts {
  readonly counts: Float64Array;
  total: number;
}

function countsOf(titles: number): Counts {
  return { counts: new Float64Array(titles), total: 0 };
}

function count(group: Counts | undefined, title: number): void {
  if (group === undefined) return;
  group.counts[title]!++;
  group.total++;
}

/** The countries with the most watches, at most `MOST_COUNTRIES`, the unknown one left out. */
export function largestCountries(
  interactions: Interactions,
  users: readonly { readonly country: string }[],
): string[] {
  const watches = new Map<string, number>();
  for (let entry = 0; entry < interactions.count; entry++) {
    const country = users[interactions.users[entry]!]?.country ?? '';
    if (country !== '') watches.set(country, (watches.get(country) ?? 0) + 1);
  }
  const ordered = [...watches].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ordered.slice(0, MOST_COUNTRIES).map(([country]) => country);
}

/**
 * Popularity of one title among viewers of that country and age: log(1 + watches) + log lift of the country + log lift of the
 * age group, as if the two were independent. Of an unknown country and age it is popularity itself.
 */
export function groupPopularity(
  { watches, countries, ageGroups }: Demographics,
  country: string,
  ageGroup: AgeGroup,
): (title: number) => number {
  const byCountry = countries.get(country);
  const byAge = ageGroups.get(ageGroup);
  return (title) => watches[title]! + (byCountry?.[title] ?? 0) + (byAge?.[title] ?? 0);
}

const orders = new WeakMap<Demographics, Map<string, Int32Array>>();

/** The 1,000 most popular titles among viewers of that country and age, best first. Sorted once per group. */
export function groupTitles(model: Demographics, country: string, ageGroup: AgeGroup): Int32Array {
  let known = orders.get(model);
  if (known === undefined) {
    known = new Map();
    orders.set(model, known);
  }
  // Unknown countries share an entry, or any text would make one.
  const key = `${model.countries.has(country) ? country : ''} ${ageGroup}`;
  let order = known.get(key);
  if (order === undefined) {
    const popularity = groupPopularity(model, country, ageGroup);
    order = bestRows(
      Float32Array.from(model.watches, (watches, title) => (watches > 0 ? popularity(title) : 0)),
      LENGTH,
    );
    known.set(key, order);
  }
  return order;
}
