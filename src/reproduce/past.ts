import { prePeriod } from '../simulation/pre-period.ts';
import type { World } from '../simulation/world.ts';

/** Days before the test that viewers are known by. */
export const PAST_DAYS = 28;

/** What some viewers watched before the test. @param viewers rows of the world */
export const pastOf = (world: World, startMs: number, viewers: readonly [from: number, to: number]) =>
  prePeriod(world, { days: PAST_DAYS, endMs: startMs, viewers, impressionDays: 0 }).interactions;
