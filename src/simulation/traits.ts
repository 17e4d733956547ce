import { AGE_GROUPS, type AgeGroup, type Device } from '../ranking/catalogue.ts';
import { normal, pick, uniform } from './random.ts';
import type { ViewerTraits } from './world.ts';

/** Country, share of viewers, hours from UTC. */
const COUNTRIES: readonly (readonly [country: string, share: number, utcOffset: number])[] = [
  ['US', 42, -6],
  ['CA', 8, -5],
  ['GB', 12, 0],
  ['DE', 10, 1],
  ['FR', 8, 1],
  ['BR', 8, -3],
  ['IN', 7, 5.5],
  ['JP', 5, 9],
];
/** By row of AGE_GROUPS; `unknown` are viewers who never said. */
const AGE_SHARES = [6, 6, 17, 25, 20, 14, 12];
const DEVICE_ROWS: readonly Device[] = ['tv', 'mobile', 'desktop', 'tablet', 'other'];
/** Share of each device by age: the young watch on phones, the old on television. */
const DEVICE_SHARES: readonly (readonly number[])[] = [
  [45, 28, 15, 9, 3],
  [25, 48, 14, 12, 1],
  [28, 44, 20, 7, 1],
  [42, 32, 16, 8, 2],
  [50, 25, 14, 9, 2],
  [56, 18, 14, 10, 2],
  [64, 11, 13, 9, 3],
];

/**
 * Activity is of two kinds, both lognormal: many viewers come once in a while, the others several times a day to several
 * times a week. That is how a mean of 12 sessions a week stands beside a third of viewers who stay away for a week.
 */
export interface ActivityLaw {
  /** Share of viewers who come once in a while. */
  readonly occasional: number;
  /** Median sessions a week of the occasional and of the regular, and the deviations of their logarithms. */
  readonly medians: readonly [occasional: number, regular: number];
  readonly deviations: readonly [occasional: number, regular: number];
  /** Sessions a week of the most active. */
  readonly maximum: number;
}

const WHO = 0x7261;

/** The traits of one viewer: a pure function of (seed, viewer). */
export function drawTraits(seed: number, viewer: number, law: ActivityLaw): ViewerTraits {
  const place =
    COUNTRIES[
      pick(
        COUNTRIES.map((country) => country[1]),
        uniform(seed, viewer, WHO, 0),
      )
    ]!;
  const age = pick(AGE_SHARES, uniform(seed, viewer, WHO, 1));
  const shares = DEVICE_SHARES[age]!;
  const kind = uniform(seed, viewer, WHO, 4) < law.occasional ? 0 : 1;
  return {
    country: place[0],
    ageGroup: AGE_GROUPS[age] as AgeGroup,
    devices: [
      DEVICE_ROWS[pick(shares, uniform(seed, viewer, WHO, 2))]!,
      DEVICE_ROWS[pick(shares, uniform(seed, viewer, WHO, 3))]!,
    ],
    utcOffset: place[2],
    sessionsPerWeek: Math.min(
      law.maximum,
      law.medians[kind] * Math.exp(law.deviations[kind] * normal(seed, viewer, WHO, 6)),
    ),
    patience: Math.exp(0.3 * normal(seed, viewer, WHO, 5) - 0.045),
  };
}
