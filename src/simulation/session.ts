import type { OutcomeRecord } from '../events/records.ts';
import type { Device } from '../ranking/catalogue.ts';
import type { Behaviour } from './behaviour.ts';
import {
  type ClickModel,
  createPageVisit,
  keyedCoin,
  type PageVisit,
  type SlotRelevance,
} from './click-model.ts';
import type { Memory } from './memory.ts';
import { exponential, hash, normal, uniform } from './random.ts';
import { clearLog, endPage, itemsOf, NOTE, note, type SessionLog } from './session-log.ts';
import { uuid7 } from './uuid7.ts';
import { watch } from './watching.ts';
import type { World } from './world.ts';

/** A page that was answered, as a session sees it. */
export interface Page {
  readonly requestId: string;
  readonly surface: string;
  /** Catalogue rows from the top. */
  readonly titles: Int32Array;
}

/** One visit of one viewer, before anything happened in it. */
export interface Visit {
  readonly viewer: number;
  /** Of the viewer among those lived together: where what they remember is kept. */
  readonly place: number;
  /** Of the viewer, from 0. */
  readonly session: number;
  /** Epoch ms. */
  readonly at: number;
  readonly device: Device;
  /** Also opens the browse page. */
  readonly browses: boolean;
}

export interface Play {
  readonly title: number;
  readonly seconds: number;
  /** Of the first episode or the film that was watched, in [0, 1]. */
  readonly share: number;
  /** Seen to the end of at least one episode or of the film. */
  readonly finished: boolean;
}

/** What a session came to. */
export interface SessionResult {
  /** In order. */
  readonly plays: readonly Play[];
  readonly viewed: number;
  readonly clicks: number;
  readonly watchSeconds: number;
  /** Epoch ms. */
  readonly endAt: number;
  /** What the pages were worth to the viewer: how long and how well pleased they watched what they found there, in [0, 1). */
  readonly utility: number;
}

/** Milliseconds to look at one slot, to decide after a click, and to find what one searches for. */
const LOOK_MS = 1_900;
const DECIDE_MS = 9_000;
const SEARCH_MS = 38_000;
const DEVICE_TIME: Readonly<Record<Device, number>> = {
  tv: 1.2,
  mobile: 0.7,
  desktop: 0.95,
  tablet: 0.95,
  other: 0.9,
};

// Purposes of draws; `turn` numbers plays across the session.
const VISIT = 0x7673;
const PLAY = 0x706c;
const SMALL = 0x736d;
/** The turn of the title that a session came for: no slot has it. */
const SOUGHT = 1_000;

/** The device and whether the browse page is opened: decided before anything is shown. */
export function planVisit(
  world: World,
  behaviour: Behaviour,
  viewer: number,
  place: number,
  session: number,
  at: number,
): Visit {
  const who = hash(world.seed, viewer, session, VISIT);
  return {
    viewer,
    place,
    session,
    at,
    device: world.traits(viewer).devices[uniform(world.seed, who, 0, VISIT) < 0.75 ? 0 : 1],
    browses: uniform(world.seed, who, 1, VISIT) < behaviour.browseShare,
  };
}

export interface SessionParts {
  readonly world: World;
  readonly behaviour: Behaviour;
  readonly clickModel: ClickModel;
  readonly memory: Memory;
  /** Told how each page was looked at, before the next one; `look` is used again. */
  readonly onPage?: (page: number, look: PageVisit) => void;
}

const look = createPageVisit();

/**
 * Plays one session out: looks at the pages by the click model, clicks, plays what still seems worth it while time is
 * left, plays what it came for, and leaves. Depends on nothing but the world, the slates and keyed random numbers.
 *
 * @param log overwritten with what happened, page by page
 */
export function playSession(
  parts: SessionParts,
  visit: Visit,
  pages: readonly Page[],
  log: SessionLog,
): SessionResult {
  const { world, behaviour, memory } = parts;
  const { seed, catalogue } = world;
  const { viewer, place, session } = visit;
  const key = hash(seed, viewer, session, PLAY);
  const budget =
    60 *
    behaviour.budgetMinutes *
    world.traits(viewer).patience *
    DEVICE_TIME[visit.device] *
    Math.exp(0.45 * normal(seed, key, 0, VISIT));

  const plays: Play[] = [];
  let clock = 0;
  let watched = 0;
  let joy = 0;
  let viewed = 0;
  let clicks = 0;
  clearLog(log);
  const tell = (name: number, value: number, title: number) =>
    note(log, name, value, title, Math.round(clock));

  const play = (title: number, turn: number) => {
    const occasion = hash(seed, key, turn, PLAY);
    if (plays.length === 0) tell(NOTE.selection, Math.round(clock), title);
    tell(NOTE.play, 1, title);
    if (uniform(seed, occasion, 0, SMALL) < behaviour.rental)
      tell(NOTE.revenue, behaviour.rentalPrice, title);
    const stalled = Math.round(behaviour.bufferingMs * exponential(seed, occasion, 1, SMALL));
    if (stalled > 250) tell(NOTE.buffering, stalled, title);
    const { seconds, share } = watch(world, viewer, title, occasion, budget - watched, behaviour.nextEpisode);
    clock += 1000 * seconds;
    tell(NOTE.watch, seconds, title);
    if (share > 0.8) tell(NOTE.complete, 1, title);
    const pleased = world.satisfaction(viewer, title);
    if (uniform(seed, occasion, 2, SMALL) < 0.04) tell(NOTE.rating, 1 + Math.round(9 * pleased), title);
    watched += seconds;
    // What one came for would have been watched anyway: it does not say that there is more to find.
    if (turn !== SOUGHT) joy += (pleased * seconds) / 3600;
    plays.push({ title, seconds, share, finished: share > 0.8 });
  };

  let titles: Int32Array = NO_TITLES;
  const relevance: SlotRelevance = {
    attraction(slot) {
      const title = titles[slot]!;
      const appetite = 1 - behaviour.satiation * memory.sated(place, title, visit.at);
      const again = catalogue.episodes[title] === 1 && memory.seen(place, title);
      return world.attraction(viewer, title) * appetite * (again ? behaviour.seenAttraction : 1);
    },
    satisfaction: (slot) => world.satisfaction(viewer, titles[slot]!),
  };
  for (let row = 0; row < pages.length; row++) {
    titles = pages[row]!.titles;
    const openedAt = clock;
    if (row === 0) tell(NOTE.session_start, 1, -1);
    parts.clickModel.visit(keyedCoin(seed, hash(seed, key, row, VISIT)), titles.length, relevance, look);
    viewed += look.viewed;
    clicks += look.clicks;
    tell(NOTE.impressions, look.viewed, -1);
    for (let nth = 0; nth < look.clicks; nth++) {
      const slot = look.clicked[nth]!;
      const title = titles[slot]!;
      clock = Math.max(clock, openedAt + LOOK_MS * look.viewedBefore[nth]!);
      tell(NOTE.click, 1, title);
      const turn = 100 * row + slot + 1;
      const wanted = behaviour.playLeast + (1 - behaviour.playLeast) * world.satisfaction(viewer, title);
      if (watched < budget && uniform(seed, key, turn, SMALL) < wanted) {
        clock += DECIDE_MS * exponential(seed, key, turn, VISIT);
        play(title, turn);
      } else if (uniform(seed, key, turn, VISIT) < 0.08) tell(NOTE.list_add, 1, title);
    }
    clock = Math.max(clock, openedAt + LOOK_MS * look.viewed);
    parts.onPage?.(row, look);
    if (row === pages.length - 1) leave();
    endPage(log);
  }

  /** The end of a session: what it came for, mishaps, and the door. */
  function leave(): void {
    if (watched < budget && uniform(seed, key, 1, VISIT) < behaviour.intent) {
      const series = memory.inProgress(place);
      const resumes = series >= 0 && uniform(seed, key, 6, VISIT) < behaviour.resume;
      const title = resumes ? series : world.choose(viewer, hash(seed, key, 2, VISIT));
      if (title >= 0) {
        clock += SEARCH_MS * exponential(seed, key, 3, VISIT);
        play(title, SOUGHT);
      }
    }
    if (plays.length === 0) tell(NOTE.bounce, 1, -1);
    if (uniform(seed, key, 4, VISIT) < behaviour.crash) tell(NOTE.crash, 1, -1);
    if (uniform(seed, key, 5, VISIT) < behaviour.supportTicket) tell(NOTE.support_ticket, 1, -1);
    tell(NOTE.session_end, Math.round(clock / 1000), -1);
  }

  return {
    plays,
    viewed,
    clicks,
    watchSeconds: watched,
    endAt: visit.at + Math.round(clock),
    utility: 1 - Math.exp(-joy / behaviour.joyHours),
  };
}

const NO_TITLES = new Int32Array(0);

/** The log of a session as outcome records, one per page. */
export function outcomesOf(
  world: World,
  environment: string,
  visit: Visit,
  pages: readonly Page[],
  log: SessionLog,
): OutcomeRecord[] {
  const { viewer, session, at } = visit;
  return pages.map(({ requestId, surface }, row) => ({
    environment,
    id: uuid7(world.seed, at, viewer, session, 4 + row),
    unit: world.unitIds[viewer]!,
    at,
    requestId,
    surface,
    items: itemsOf(log, row),
  }));
}
