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
 * Activity: MAX_RATE x Kumaraswamy(a, b), a bounded and very skewed law with a closed quantile function
 * (Kumaraswamy 1980): many viewers come once a month, some several times a day.
 */
export interface ActivityLaw {
  /** Sessions a week of the most active. */
  readonly maximum: number;
  readonly a: number;
  readonly b: number;
}

export const ACTIVITY: ActivityLaw = { maximum: 45, a: 0.33, b: 1.05 };

const WHO = 0x7261;

/** The traits of one viewer: a pure function of (seed, viewer). */
export function drawTraits(seed: number, viewer: number, law: ActivityLaw = ACTIVITY): ViewerTraits {
  const place =
    COUNTRIES[
      pick(
        COUNTRIES.map((country) => country[1]),
        uniform(seed, viewer, WHO, 0),
      )
    ]!;
  const age = pick(AGE_SHARES, uniform(seed, viewer, WHO, 1));
  const shares = DEVICE_SHARES[age]!;
  const u = uniform(seed, viewer, WHO, 4);
  return {
    country: place[0],
    ageGroup: AGE_GROUPS[age] as AgeGroup,
    devices: [
      DEVICE_ROWS[pick(shares, uniform(seed, viewer, WHO, 2))]!,
      DEVICE_ROWS[pick(shares, uniform(seed, viewer, WHO, 3))]!,
    ],
    utcOffset: place[2],
    sessionsPerWeek: law.maximum * (1 - (1 - u) ** (1 / law.b)) ** (1 / law.a),
    patience: Math.exp(0.3 * normal(seed, viewer, WHO, 5) - 0.045),
  };
}
