import type { AgeGroup, Catalogue } from './catalogue.ts';

/** Who would be shown a title, where and when. */
export interface Audience {
  readonly viewer: { readonly ageGroup: AgeGroup };
  /** ISO 3166 alpha-2, '' for unknown. */
  readonly country: string;
  /** Epoch ms. */
  readonly at: number;
}

/** What a pipeline declares beyond what the catalogue says of its titles. */
export interface Limits {
  /** By catalogue row: 1 for a title that is not shown to anyone. */
  readonly banned: Uint8Array;
  /** Titles for viewers of more years than this are not shown to anyone. */
  readonly maturity: number;
  /** The age in years that a viewer of unknown age counts as. */
  readonly unknownAge: number;
}

/** A viewer of unknown age counts as an adult, unless a pipeline declares less. */
export const ADULT = 18;

/** The least age of a group: what a title for its older members would be to its youngest is not risked. */
const LEAST_AGE: Readonly<Record<Exclude<AgeGroup, 'unknown'>, number>> = {
  '13-17': 13,
  '18-24': 18,
  '25-34': 25,
  '35-44': 35,
  '45-54': 45,
  '55+': 55,
};

const NONE: readonly Limits[] = [];

/**
 * Whether a title may be shown: available at that time and in that country, for viewers of that age, and within every
 * declared limit. A title that is confined to some countries is not shown where the country is unknown.
 */
export function isAllowed(
  catalogue: Catalogue,
  title: number,
  { at, country, viewer }: Audience,
  limits: readonly Limits[] = NONE,
): boolean {
  const { availableFrom, availableUntil, availableIn, maturity } = catalogue;
  if (availableFrom !== undefined && at < availableFrom[title]!) return false;
  if (availableUntil !== undefined && at >= availableUntil[title]!) return false;
  if (availableIn !== undefined && availableIn[title]?.has(country) === false) return false;
  const least = maturity === undefined ? 0 : maturity[title]!;
  const { ageGroup } = viewer;
  if (least > (ageGroup === 'unknown' ? ADULT : LEAST_AGE[ageGroup])) return false;
  for (const limit of limits) {
    if (limit.banned[title] === 1 || least > limit.maturity) return false;
    if (ageGroup === 'unknown' && least > limit.unknownAge) return false;
  }
  return true;
}
