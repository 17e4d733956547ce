import { WATCHED_SHARE, watchWeight } from '../events/watch-weight.ts';
import { DEVICES, type Impressions, type Interactions } from '../ranking/catalogue.ts';
import { type AliasTable, aliasTable, drawAlias } from './alias-table.ts';
import type { Behaviour } from './behaviour.ts';
import { CALIBRATED } from './calibrated.ts';
import { positionBased } from './click-model.ts';
import { Lives, rowsOf, type ViewerRows } from './lives.ts';
import { exponential, hash, uniform } from './random.ts';
import { atTimeOfDay, later } from './rhythm.ts';
import type { Page, Visit } from './session.ts';
import { watch } from './watching.ts';
import type { World } from './world.ts';

export interface PrePeriodOptions {
  /** Days before `endMs` in which viewers were watched. */
  readonly days: number;
  /** Epoch ms. */
  readonly endMs: number;
  /** The last days of which impressions are kept; 7 when absent. */
  readonly impressionDays?: number;
  /** Whose past is wanted; everyone's when absent. */
  readonly viewers?: ViewerRows;
  readonly behaviour?: Behaviour;
}

/** What models are trained on. */
export interface PrePeriod {
  /** Watches, ordered by time; a viewer's title at most once. Of those who come rarely also from before `days`. */
  readonly interactions: Interactions;
  /** Examined slots with a clear outcome, ordered by time; none of their titles was watched by the viewer before. */
  readonly impressions: Impressions;
}

const DAY = 86_400_000;
const EVENING = 4 * 3_600_000;
/** Of viewers who watched little in those days older watches are known too, up to this many in all. */
const KNOWN_WATCHES = 30;
/** Mean and most days since a viewer joined: how far back older watches go. */
const MEMBER_DAYS = 900;
const LONGEST_DAYS = 1460;
/** Older watches a week = this x sessions a week. */
const WATCHES_PER_SESSION = 1.15;
const SLOTS = 20;
/** What the browse page was mixed of: the popular, then what the viewer might have come for; the rest is drawn evenly. */
const POPULAR = 0.4;
const PERSONAL = 0.45;

// Purposes of draws.
const PAST = 0x7061;
const SHOWN = 0x7368;
/** Sessions of the past are not those of the test: their draws are made with another seed. */
const PAST_SEED = 0x3c6ef372;

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
 * What happened before the experiments, when everyone saw the same: the most popular titles on the homepage, without those
 * one had finished, and shelves of mixed titles on the browse page. A viewer who comes once a month is not thereby a stranger:
 * watches of theirs are known from as long as they were members.
 */
export function prePeriod(world: World, options: PrePeriodOptions): PrePeriod {
  const { days, endMs, impressionDays = 7, behaviour = CALIBRATED.behaviour } = options;
  if (!(days > 0)) throw new RangeError(`days is ${days}; the pre-period needs a positive number of days`);
  const viewers = rowsOf(world, options.viewers);
  const startMs = endMs - days * DAY;
  const { size } = world.catalogue;
  const watched = emptyRows();
  const shown = emptyRows();
  const remembered = aliasTable(world.popularity);
  const popular = Int32Array.from({ length: size }, (_, row) => row);
  popular.sort((a, b) => world.popularity[b]! - world.popularity[a]! || a - b);
  const older = Array.from(viewers, (viewer) =>
    olderWatches(world, viewer, days, endMs, behaviour.nextEpisode),
  );

  // Looked at on the pages of the session that is being lived.
  let seen: { page: number; title: number }[] = [];
  let pages: Page[] = [];
  const lives = new Lives({
    world: { ...world, seed: world.seed ^ PAST_SEED },
    viewers,
    days,
    startMs,
    behaviour,
    clickModel: positionBased,
    firstAt: (viewer) => firstInPast(world, viewer, startMs),
    history: watchesOf(world, viewers, older),
    onPage(page, look) {
      const { titles } = pages[page]!;
      for (let nth = 0; nth < look.viewed; nth++) seen.push({ page, title: titles[look.examined[nth]!]! });
    },
    recordWatch: (_viewer, title, weight, at) => record(title, weight, at),
  });

  let place = 0;
  let device = 0;
  let times = new Map<number, number>();
  const record = (title: number, weight: number, at: number) => {
    const before = times.get(title) ?? 0;
    times.set(title, before + 1);
    if (before === 0) push(watched, viewers[place]!, title, weight, at, device);
  };
  for (place = 0; place < viewers.length; place++) {
    times = new Map();
    device = DEVICES.indexOf(world.traits(viewers[place]!).devices[0]);
    for (const { title, weight, at } of older[place]!) record(title, weight, at);
    while (lives.nextAt[place]! < endMs) {
      const visit = lives.begin(place);
      seen = [];
      pages = [homepage(popular, times, world)];
      if (visit.browses) pages.push(shelves(world, visit, remembered));
      const known = new Set(times.keys());
      device = DEVICES.indexOf(visit.device);
      const { plays } = lives.live(visit, pages);
      if (visit.at < endMs - impressionDays * DAY) continue;
      for (const { title } of seen) {
        if (known.has(title)) continue;
        known.add(title);
        const share = plays.find((play) => play.title === title)?.share ?? 0;
        if (share >= WATCHED_SHARE && share <= 0.8) continue;
        push(shown, viewers[place]!, title, share > 0.8 ? 1 : 0, visit.at, device);
      }
    }
  }
  const interactions = sorted(watched, endMs - (days + LONGEST_DAYS) * DAY);
  const impressions = sorted(shown, startMs);
  return {
    interactions: {
      count: interactions.at.length,
      users: interactions.users,
      titles: interactions.titles,
      weights: Float32Array.from(interactions.values),
      at: interactions.at,
      userCount: world.viewerCount,
    },
    impressions: {
      count: impressions.at.length,
      users: impressions.users,
      titles: impressions.titles,
      labels: Uint8Array.from(impressions.values),
      at: impressions.at,
      devices: impressions.devices,
    },
  };
}

function push(rows: Rows, user: number, title: number, value: number, at: number, device: number): void {
  rows.users.push(user);
  rows.titles.push(title);
  rows.values.push(value);
  rows.at.push(at);
  rows.devices.push(device);
}

/** The first session of the past, as of a process that has always been going on. */
function firstInPast(world: World, viewer: number, startMs: number): number {
  const { sessionsPerWeek, utcOffset } = world.traits(viewer);
  return Math.floor(
    later(startMs, (168 / sessionsPerWeek) * exponential(world.seed, viewer, PAST, -4), utcOffset),
  );
}

/** What the control shows: the most popular titles, without those that the viewer has finished. */
function homepage(popular: Int32Array, times: ReadonlyMap<number, number>, world: World): Page {
  const titles = new Int32Array(Math.min(SLOTS, popular.length));
  let slots = 0;
  for (let row = 0; row < popular.length && slots < titles.length; row++) {
    const title = popular[row]!;
    if ((times.get(title) ?? 0) < world.catalogue.episodes[title]!) titles[slots++] = title;
  }
  return { requestId: '', surface: 'homepage', titles: titles.subarray(0, slots) };
}

/** The browse page of the time before recommenders. */
function shelves(world: World, { viewer, session }: Visit, remembered: AliasTable): Page {
  const { seed, catalogue } = world;
  const page = hash(seed, viewer, SHOWN, session);
  const titles = new Set<number>();
  for (let slot = 0; slot < SLOTS; slot++) {
    const turn = 3 * slot;
    const kind = uniform(seed, page, turn, SHOWN);
    const u = uniform(seed, page, turn + 1, SHOWN);
    let title: number;
    if (kind < POPULAR) title = drawAlias(remembered, u);
    else if (kind < POPULAR + PERSONAL) title = world.choose(viewer, hash(seed, page, turn, PAST));
    else title = Math.floor(u * catalogue.size);
    if (title >= 0) titles.add(title);
  }
  return { requestId: '', surface: 'browse', titles: Int32Array.from(titles) };
}

interface OlderWatch {
  readonly title: number;
  readonly weight: number;
  readonly at: number;
}

/** A whole number of the given mean: the fraction is settled by a draw. */
function countOf(mean: number, u: number): number {
  return Math.floor(mean) + (u < mean % 1 ? 1 : 0);
}

/** Unprompted watches before the pre-period, of whoever will hardly watch in it; in order of time. */
function olderWatches(
  world: World,
  viewer: number,
  days: number,
  endMs: number,
  nextEpisode: number,
): OlderWatch[] {
  const { seed } = world;
  const { sessionsPerWeek, utcOffset } = world.traits(viewer);
  const perDay = (sessionsPerWeek * WATCHES_PER_SESSION) / 7;
  // Memberships are exponential, and bounded.
  const member = Math.min(LONGEST_DAYS, MEMBER_DAYS * exponential(seed, viewer, PAST, -2));
  const olderDays = Math.max(0, Math.floor(member - days));
  const before = countOf(perDay * olderDays, uniform(seed, viewer, PAST, -3));
  const count = Math.min(before, Math.max(0, KNOWN_WATCHES - Math.floor(perDay * days)));
  const watches: OlderWatch[] = [];
  const titles = new Set<number>();
  for (let turn = 0; turn < count; turn++) {
    const title = world.choose(viewer, turn);
    if (title < 0 || titles.has(title)) continue;
    titles.add(title);
    const occasion = hash(seed, viewer, PAST, turn);
    const { seconds } = watch(world, viewer, title, occasion, EVENING / 1000, nextEpisode);
    const weight = watchWeight(seconds, world.catalogue.minutes[title]!);
    const day = olderDays * uniform(seed, occasion, 0, PAST);
    const from = endMs - (days + olderDays) * DAY;
    const at = atTimeOfDay(from, day, utcOffset, uniform(seed, occasion, 1, PAST));
    watches.push({ title, weight, at });
  }
  return watches.sort((a, b) => a.at - b.at);
}

function watchesOf(
  world: World,
  viewers: Int32Array,
  lists: readonly (readonly OlderWatch[])[],
): Interactions {
  const rows = lists.flatMap((list, place) => list.map((watch) => ({ ...watch, user: viewers[place]! })));
  return {
    count: rows.length,
    users: Int32Array.from(rows, ({ user }) => user),
    titles: Int32Array.from(rows, ({ title }) => title),
    weights: Float32Array.from(rows, ({ weight }) => weight),
    at: Float64Array.from(rows, ({ at }) => at),
    userCount: world.viewerCount,
  };
}

/** The columns of a table by time. */
function sorted(rows: Rows, startMs: number) {
  const byTime = order(rows.at, startMs);
  const at = new Float64Array(byTime.length);
  byTime.forEach((row, place) => {
    at[place] = rows.at[row]!;
  });
  return {
    users: Int32Array.from(byTime, (row) => rows.users[row]!),
    titles: Int32Array.from(byTime, (row) => rows.titles[row]!),
    values: Float64Array.from(byTime, (row) => rows.values[row]!),
    at,
    devices: Uint8Array.from(byTime, (row) => rows.devices[row]!),
  };
}

/** Row numbers by time. Seconds since the start and the row share one double, so that a typed array can sort them. */
function order(at: readonly number[], startMs: number): Int32Array {
  const rows = at.length;
  const keys = Float64Array.from(at, (time, row) => Math.floor((time - startMs) / 1000) * rows + row);
  return Int32Array.from(keys.sort(), (key) => key % rows);
}
