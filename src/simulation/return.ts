import type { Behaviour } from './behaviour.ts';
import { exponential, uniform } from './random.ts';
import { later } from './rhythm.ts';
import type { World } from './world.ts';

const HOURS_PER_WEEK = 168;
/** No viewer comes back sooner after a session began: what makes it safe to answer half an hour's sessions at once. */
export const SHORTEST_GAP_MS = 30 * 60_000;

// Purposes of draws.
const ARRIVE = 0x6172;
const RETURN = 0x7265;

/**
 * The first session of a test: that of a process with the viewer's own rate, given that it comes within `days`. Every
 * viewer takes part sooner or later; the rare ones come late.
 */
export function firstVisit(world: World, viewer: number, startMs: number, days: number): number {
  const { sessionsPerWeek, utcOffset } = world.traits(viewer);
  const expected = (sessionsPerWeek * days) / 7;
  const u = uniform(world.seed, viewer, 0, ARRIVE);
  // Inverse of the truncated exponential's distribution; evenly spread as the rate goes to 0.
  const share = expected < 1e-6 ? u : -Math.log1p(u * Math.expm1(-expected)) / expected;
  const at = later(startMs, share * days * 24, utcOffset);
  return Math.floor(Math.min(Math.max(at, startMs), startMs + days * 86_400_000 - 1));
}

/**
 * When a viewer comes back: the sooner of their habit, whose rate rises and falls with their mood, and of something
 * that the last session left them to come back for. Infinity when they cancelled.
 */
export function nextVisit(
  world: World,
  behaviour: Behaviour,
  viewer: number,
  session: number,
  visit: { readonly at: number; readonly endAt: number; readonly utility: number; readonly mood: number },
): number {
  const { seed } = world;
  const { sessionsPerWeek, utcOffset } = world.traits(viewer);
  const draw = (turn: number) => uniform(seed, viewer, session, RETURN + turn);
  if (draw(0) < behaviour.cancel * (1 - visit.mood)) return Infinity;
  const rate = sessionsPerWeek * Math.exp(behaviour.moodRate * (visit.mood - behaviour.moodReference));
  let hours = (HOURS_PER_WEEK / rate) * exponential(seed, viewer, session, RETURN + 1);
  if (draw(2) < behaviour.hook * visit.utility ** behaviour.hookPower)
    hours = Math.min(hours, 24 + behaviour.hookHours * exponential(seed, viewer, session, RETURN + 3));
  const soonest = Math.max(visit.at + SHORTEST_GAP_MS, visit.endAt + 60_000);
  return Math.ceil(later(soonest, hours, utcOffset));
}

/** The mood after one more session: a moving average of what sessions were worth. */
export function moodAfter(behaviour: Behaviour, mood: number, utility: number): number {
  return mood + behaviour.moodWeight * (utility - mood);
}
