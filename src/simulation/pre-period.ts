import { WATCHED_SHARE, watchWeight } from '../events/watch-weight.ts';
import { DEVICES, type Impressions, type Interactions } from '../ranking/catalogue.ts';
import { aliasTable, drawAlias } from './alias-table.ts';
import { examination } from './examination.ts';
import { exponential, hash, uniform } from './random.ts';
import { atTimeOfDay } from './rhythm.ts';
import { watch } from './watching.ts';
import type { World } from './world.ts';

export interface PrePeriodOptions {
  /** Days before `endMs` in which viewers were watched. */
  readonly days: number;
  /** Epoch ms. */
  readonly endMs: number;
  /** The last days of which impressions are kept; 7 when absent. */
  readonly impressionDays?: number;
  /** Rows of the viewers whose past is wanted: from the first up to, not including, the second; absent: everyone. */
  readonly viewers?: readonly [from: number, to: number];
}

/** What models are trained on. */
export interface PrePeriod {
  /** Organic watches, ordered by time; a viewer's title at most once. Of those who come rarely also from before `days`. */
  readonly interactions: Interactions;
  /** Examined slots with a clear outcome, ordered by time; none of their titles is in the viewer's interactions. */
  readonly impressions: Impressions;
}

const DAY = 86_400_000;
const EVENING = 4 * 3_600_000;
/** Of viewers who watched little in those days older watches are known too, up to this many in all. */
const KNOWN_WATCHES = 20;
/** Mean and most days since a viewer joined: how far back older watches go. */
const MEMBER_DAYS = 500;
const LONGEST_DAYS = 730;
/** Watches a week = this x sessions a week. */
const WATCHES_PER_SESSION = 1.15;
/** Sessions of which impressions are kept. */
const IMPRESSION_SESSIONS = 0.75;
const SLOTS = 20;
/** What slates were mixed of: the popular, then what the viewer might have come for; the rest is drawn evenly. */
const POPULAR = 0.4;
const PERSONAL = 0.45;

// Purposes of draws.
const PAST = 0x7061;
const SHOWN = 0x7368;

/** Rows of a table that is sorted by time in the end. */
interface Rows {
  users: number[];
  titles: number[];
  values: number[];
  at: number[];
  devices: number[];
}

const emptyRows = (): Rows => ({ users: [], titles: [], values: [], at: [], devices: [] });

/**
 * What happened before the experiments: organic watches by taste and popularity, and slates of mixed titles. A viewer who
 * comes once a month is not thereby a stranger: watches of theirs are known from as long as they were members.
 */
export function prePeriod(world: World, options: PrePeriodOptions): PrePeriod {
  const { days, endMs } = options;
  if (!(days > 0)) throw new RangeError(`days is ${days}; the pre-period needs a positive number of days`);
  const watched = emptyRows();
  const shown = emptyRows();
  const popular = aliasTable(world.popularity);
  const [from, to] = options.viewers ?? [0, world.viewerCount];
  for (let viewer = from; viewer < to; viewer++) {
    const seen = organicWatches(world, viewer, days, endMs, watched);
    mixedSlates(world, viewer, Math.min(days, options.impressionDays ?? 7), endMs, seen, shown, (u) =>
      drawAlias(popular, u),
    );
  }
  const byTime = order(watched.at, endMs - (days + LONGEST_DAYS) * DAY);
  const shownByTime = order(shown.at, endMs - days * DAY);
  return {
    interactions: {
      count: byTime.length,
      users: Int32Array.from(byTime, (row) => watched.users[row]!),
      titles: Int32Array.from(byTime, (row) => watched.titles[row]!),
      weights: Float32Array.from(byTime, (row) => watched.values[row]!),
      at: Float64Array.from(byTime, (row) => watched.at[row]!),
      userCount: world.viewerCount,
    },
    impressions: {
      count: shownByTime.length,
      users: Int32Array.from(shownByTime, (row) => shown.users[row]!),
      titles: Int32Array.from(shownByTime, (row) => shown.titles[row]!),
      labels: Uint8Array.from(shownByTime, (row) => shown.values[row]!),
      at: Float64Array.from(shownByTime, (row) => shown.at[row]!),
      devices: Uint8Array.from(shownByTime, (row) => shown.devices[row]!),
    },
  };
}

/** A whole number of the given mean: the fraction is settled by a draw. */
function countOf(mean: number, u: number): number {
  return Math.floor(mean) + (u < mean % 1 ? 1 : 0);
}

/** Days before the pre-period in which the viewer was there already; memberships are exponential, and bounded. */
function olderDaysOf(world: World, viewer: number, days: number): number {
  const member = Math.min(LONGEST_DAYS, MEMBER_DAYS * exponential(world.seed, viewer, PAST, -2));
  return Math.max(0, Math.floor(member - days));
}

function organicWatches(world: World, viewer: number, days: number, endMs: number, rows: Rows): Set<number> {
  const seen = new Set<number>();
  const { sessionsPerWeek, utcOffset, devices } = world.traits(viewer);
  const perDay = (sessionsPerWeek * WATCHES_PER_SESSION) / 7;
  const recent = countOf(perDay * days, uniform(world.seed, viewer, PAST, -1));
  const olderDays = olderDaysOf(world, viewer, days);
  const older = countOf(perDay * olderDays, uniform(world.seed, viewer, PAST, -3));
  const count = Math.max(recent, Math.min(KNOWN_WATCHES, recent + older));
  for (let turn = 0; turn < count; turn++) {
    const title = world.choose(viewer, turn);
    if (title < 0 || seen.has(title)) continue;
    seen.add(title);
    const occasion = hash(world.seed, viewer, PAST, turn);
    const { seconds } = watch(world, viewer, title, occasion, EVENING / 1000);
    const u = uniform(world.seed, occasion, 0, PAST);
    rows.users.push(viewer);
    rows.titles.push(title);
    rows.values.push(watchWeight(seconds, world.catalogue.minutes[title]!));
    const span = turn < recent ? days : olderDays;
    const from = endMs - (turn < recent ? days : days + olderDays) * DAY;
    rows.at.push(atTimeOfDay(from, span * u, utcOffset, uniform(world.seed, occasion, 1, PAST)));
    rows.devices.push(DEVICES.indexOf(devices[0]));
  }
  return seen;
}

/** Only what was examined and came to a clear end is kept: watched to the end, skipped, or left within a fifth. */
function mixedSlates(
  world: World,
  viewer: number,
  days: number,
  endMs: number,
  seen: ReadonlySet<number>,
  rows: Rows,
  drawPopular: (u: number) => number,
): void {
  const { seed, catalogue } = world;
  const who = world.traits(viewer);
  const mean = (who.sessionsPerWeek * IMPRESSION_SESSIONS * days) / 7;
  const sessions = countOf(mean, uniform(seed, viewer, SHOWN, -1));
  for (let session = 0; session < sessions; session++) {
    const page = hash(seed, viewer, SHOWN, session);
    const day = days * uniform(seed, page, 0, SHOWN);
    const at = atTimeOfDay(endMs - days * DAY, day, who.utcOffset, uniform(seed, page, 1, SHOWN));
    const device = DEVICES.indexOf(who.devices[uniform(seed, page, 2, SHOWN) < 0.75 ? 0 : 1]);
    const onPage = new Set<number>();
    for (let slot = 0; slot < SLOTS; slot++) {
      const turn = 10 + 6 * slot;
      if (uniform(seed, page, turn, SHOWN) > examination(slot)) continue;
      const kind = uniform(seed, page, turn + 1, SHOWN);
      const u = uniform(seed, page, turn + 2, SHOWN);
      let title: number;
      if (kind < POPULAR) title = drawPopular(u);
      else if (kind < POPULAR + PERSONAL) title = world.choose(viewer, hash(seed, page, turn, PAST));
      else title = Math.floor(u * catalogue.size);
      if (title < 0 || seen.has(title) || onPage.has(title)) continue;
      onPage.add(title);
      const clicked = uniform(seed, page, turn + 3, SHOWN) < world.attraction(viewer, title);
      const share = clicked
        ? watch(world, viewer, title, hash(seed, page, turn, SHOWN), EVENING / 1000).share
        : 0;
      if (share >= WATCHED_SHARE && share <= 0.8) continue;
      rows.users.push(viewer);
      rows.titles.push(title);
      rows.values.push(share > 0.8 ? 1 : 0);
      rows.at.push(at);
      rows.devices.push(device);
    }
  }
}

/** Row numbers by time. Seconds since the start and the row share one double, so that a typed array can sort them. */
function order(at: readonly number[], startMs: number): Int32Array {
  const rows = at.length;
  const keys = Float64Array.from(at, (time, row) => Math.floor((time - startMs) / 1000) * rows + row);
  return Int32Array.from(keys.sort(), (key) => key % rows);
}
