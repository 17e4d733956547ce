import { bestRows, sortedRows } from './best-rows.ts';
import type { AgeGroup, Interactions } from './catalogue.ts';
import { largestCountries, MOST_COUNTRIES } from './demographics.ts';
import { type GroupCounts, lift, liftPrior } from './lift.ts';
import type { TrendingModel } from './models.ts';
import { popularTitles } from './orders.ts';
import { scaleToOne, TRENDING_DEFAULTS, type TrendingParameters } from './trending.ts';

/**
 * Counts watches as they arrive, so that what trends can be told at any moment. Memory is bounded: 8 bytes a title for
 * everyone, for each of at most 64 countries and for each band of the day.
 */
export interface TrendingCounter {
  /**
   * Counts one watch, in constant time.
   * @param country ISO 3166 alpha-2, '' for unknown
   * @param at      epoch ms; order does not matter
   */
  watched(title: number, country: string, at: number): void;
  /** What trends at `asOf`: `base` with order, score, countries and hours anew. */
  model(base: TrendingModel, asOf: number): TrendingModel;
  /** The same in steps, one for everyone and one for each country and band: about a millisecond each at 15,000 titles. */
  counting(base: TrendingModel, asOf: number): Generator<undefined, TrendingModel>;
}

/** Bands of the day (UTC), each of four hours: wide enough to be filled, narrow enough to tell morning from evening. */
export const HOUR_BANDS = 6;
const BAND = 86_400_000 / HOUR_BANDS;
/** Titles kept per country and band. */
const LENGTH = 1_000;
const DAY = 86_400_000;
/** Half-lives after which all counts are written in smaller numbers. */
const REBASE = 500;

/** The band of the day that a moment lies in. */
export function hourBand(at: number): number {
  return Math.floor(at / BAND) % HOUR_BANDS;
}

/** Each watch counts 2^((at - origin) / half-life). */
interface Column extends GroupCounts {
  total: number;
}

/**
 * A counter that has seen the watches of the window before `asOf`. A watch counts 0.5^(age / half-life); unlike in
 * `buildTrending` it goes on counting after the window, with under 9 % of its weight by the usual parameters.
 *
 * @param titles size of the catalogue
 * @param users  by user row; one past its end is of unknown country
 * @param asOf   epoch ms
 */
export function createTrendingCounter(
  interactions: Interactions,
  titles: number,
  users: readonly { readonly country: string; readonly ageGroup: AgeGroup }[],
  asOf: number,
  parameters: TrendingParameters = TRENDING_DEFAULTS,
): TrendingCounter {
  const halfLife = parameters.halfLifeDays * DAY;
  let origin = asOf;
  const column = (): Column => ({ counts: new Float64Array(titles), total: 0 });
  const all = column();
  const hours = Array.from({ length: HOUR_BANDS }, column);
  // Those with most watches come first, so that others cannot take their places.
  const countries = new Map(largestCountries(interactions, users).map((country) => [country, column()]));

  function watched(title: number, country: string, at: number): void {
    if (!(title >= 0 && title < titles)) return;
    if ((at - origin) / halfLife > REBASE) rebase(at);
    const weight = 2 ** ((at - origin) / halfLife);
    add(all, title, weight);
    add(hours[hourBand(at)]!, title, weight);
    if (country === '') return;
    let own = countries.get(country);
    if (own === undefined && countries.size < MOST_COUNTRIES) {
      own = column();
      countries.set(country, own);
    }
    if (own !== undefined) add(own, title, weight);
  }

  function rebase(at: number): void {
    const scale = 2 ** ((origin - at) / halfLife);
    for (const { counts } of [all, ...hours, ...countries.values()])
      for (let title = 0; title < titles; title++) counts[title] = counts[title]! * scale;
    for (const one of [all, ...hours, ...countries.values()]) one.total *= scale;
    origin = at;
  }

  const from = asOf - parameters.windowDays * DAY;
  for (let entry = 0; entry < interactions.count; entry++) {
    const at = interactions.at[entry]!;
    if (at > asOf || at <= from) continue;
    watched(interactions.titles[entry]!, users[interactions.users[entry]!]?.country ?? '', at);
  }

  function* counting(base: TrendingModel, now: number): Generator<undefined, TrendingModel> {
    // A clock behind what was seen makes no watch count more than when it came.
    const scale = 2 ** (Math.min(0, origin - now) / halfLife);
    const score = Float32Array.from(all.counts, (count) => count * scale);
    scaleToOne(score);
    const order = sortedRows(score, popularTitles(base));
    const best = (part: Column, prior: number): Int32Array =>
      bestRows(trendingWithin(all, part, scale, prior), LENGTH);
    yield;
    const countryPrior = liftPrior(all, countries.values(), scale);
    const byCountry = new Map<string, Int32Array>();
    for (const [country, part] of countries) {
      yield;
      byCountry.set(country, best(part, countryPrior));
    }
    const hourPrior = liftPrior(all, hours, scale);
    const byHour: Int32Array[] = [];
    for (const part of hours) {
      yield;
      byHour.push(best(part, hourPrior));
    }
    return { ...base, asOf: now, score, order, countries: byCountry, hours: byHour };
  }

  return {
    watched,
    counting,
    model(base, now) {
      const steps = counting(base, now);
      let step = steps.next();
      while (!step.done) step = steps.next();
      return step.value;
    },
  };
}

function add(column: Column, title: number, weight: number): void {
  column.counts[title] = column.counts[title]! + weight;
  column.total += weight;
}

/** What trends with everyone, times its lift within one part: a part with few watches follows everyone. */
function trendingWithin(all: Column, part: Column, scale: number, prior: number): Float32Array {
  const share = all.total > 0 ? part.total / all.total : 0;
  const out = new Float32Array(all.counts.length);
  for (let title = 0; title < out.length; title++) {
    const everyone = all.counts[title]! * scale;
    if (everyone > 0) out[title] = everyone * lift(part.counts[title]! * scale, share * everyone, prior);
  }
  return out;
}
