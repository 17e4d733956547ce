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
 * Which titles may be shown: available at that time and in that country, for viewers of that age, and within every
 * declared limit. A title that is confined to some countries is not shown where the country is unknown.
 *
 * @returns whether the title of a catalogue row may be shown; what holds for all titles was decided before
 */
export function allowedTitles(
  catalogue: Catalogue,
  audience: Audience,
  limits: readonly Limits[] = NONE,
): (title: number) => boolean {
  const { availableFrom, availableUntil, availableIn, maturity } = catalogue;
  const { at, country } = audience;
  const oldest = mostYears(audience, limits);
  return (title) => {
    if (maturity !== undefined && maturity[title]! > oldest) return false;
    for (let i = 0; i < limits.length; i++) if (limits[i]!.banned[title] === 1) return false;
    if (availableFrom !== undefined && at < availableFrom[title]!) return false;
    if (availableUntil !== undefined && at >= availableUntil[title]!) return false;
    return availableIn === undefined || availableIn[title]?.has(country) !== false;
  };
}

/** The years that a title may be for at most. */
function mostYears({ viewer: { ageGroup } }: Audience, limits: readonly Limits[]): number {
  let most = ageGroup === 'unknown' ? ADULT : LEAST_AGE[ageGroup];
  for (const { maturity, unknownAge } of limits) {
    most = Math.min(most, maturity);
    if (ageGroup === 'unknown') most = Math.min(most, unknownAge);
  }
  return most;
}
