import type { OutcomeItem, OutcomeRecord } from '../events/records.ts';
import type { Device } from '../ranking/catalogue.ts';
import type { Behaviour } from './behaviour.ts';
import type { ClickModel } from './click-model.ts';
import type { Memory } from './memory.ts';
import { exponential, hash, normal, uniform } from './random.ts';
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
  /** Seen to the end of at least one episode or of the film. */
  readonly finished: boolean;
}

/** What a session came to. */
export interface SessionResult {
  /** One record per page. */
  readonly outcomes: readonly OutcomeRecord[];
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
  session: number,
  at: number,
): Visit {
  const who = hash(world.seed, viewer, session, VISIT);
  return {
    viewer,
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
  readonly environment: string;
  readonly memory: Memory;
}

/**
 * Plays one session out: looks at the pages by the click model, clicks, plays what still seems worth it while time is
 * left, plays what it came for, and leaves. Depends on nothing but the world, the slates and keyed random numbers.
 */
export function playSession(parts: SessionParts, visit: Visit, pages: readonly Page[]): SessionResult {
  const { world, behaviour, environment, memory } = parts;
  const { seed, catalogue } = world;
  const { viewer, session } = visit;
  const key = hash(seed, viewer, session, PLAY);
  const unit = world.unitIds[viewer]!;
  const budget =
    60 *
    behaviour.budgetMinutes *
    world.traits(viewer).patience *
    DEVICE_TIME[visit.device] *
    Math.exp(0.45 * normal(seed, key, 0, VISIT));

  const plays: Play[] = [];
  const outcomes: OutcomeRecord[] = [];
  let clock = 0;
  let watched = 0;
  let joy = 0;
  let viewed = 0;
  let clicks = 0;
  let items: OutcomeItem[] = [];
  const note = (name: string, value: number, title: number) =>
    items.push({ name, value, title, afterMs: Math.round(clock) });

  const play = (title: number, turn: number) => {
    const occasion = hash(seed, key, turn, PLAY);
    if (plays.length === 0) note('selection', Math.round(clock), title);
    note('play', 1, title);
    if (uniform(seed, occasion, 0, SMALL) < behaviour.rental) note('revenue', behaviour.rentalPrice, title);
    const stalled = Math.round(behaviour.bufferingMs * exponential(seed, occasion, 1, SMALL));
    if (stalled > 250) note('buffering', stalled, title);
    const { seconds, share } = watch(world, viewer, title, occasion, budget - watched);
    clock += 1000 * seconds;
    note('watch', seconds, title);
    if (share > 0.8) note('complete', 1, title);
    const pleased = world.satisfaction(viewer, title);
    if (uniform(seed, occasion, 2, SMALL) < 0.04) note('rating', 1 + Math.round(9 * pleased), title);
    watched += seconds;
    // What one came for would have been watched anyway: it does not say that there is more to find.
    if (turn !== SOUGHT) joy += (pleased * seconds) / 3600;
    plays.push({ title, seconds, finished: share > 0.8 });
  };

  for (let row = 0; row < pages.length; row++) {
    const page = pages[row]!;
    items = [];
    const openedAt = clock;
    if (row === 0) note('session_start', 1, -1);
    const look = parts.clickModel.visit(seed, hash(seed, key, row, VISIT), page.titles.length, (slot) => {
      const title = page.titles[slot]!;
      const appetite = 1 - behaviour.satiation * memory.sated(viewer, title, visit.at);
      const again = catalogue.episodes[title] === 1 && memory.seen(viewer, title);
      return world.attraction(viewer, title) * appetite * (again ? behaviour.seenAttraction : 1);
    });
    viewed += look.viewed;
    clicks += look.clicks.length;
    note('impressions', look.viewed, -1);
    look.clicks.forEach((slot, nth) => {
      const title = page.titles[slot]!;
      clock = Math.max(clock, openedAt + LOOK_MS * look.viewedBefore[nth]!);
      note('click', 1, title);
      const turn = 100 * row + slot + 1;
      const wanted = behaviour.playLeast + (1 - behaviour.playLeast) * world.satisfaction(viewer, title);
      if (watched < budget && uniform(seed, key, turn, SMALL) < wanted) {
        clock += DECIDE_MS * exponential(seed, key, turn, VISIT);
        play(title, turn);
      } else if (uniform(seed, key, turn, VISIT) < 0.08) note('list_add', 1, title);
    });
    clock = Math.max(clock, openedAt + LOOK_MS * look.viewed);
    if (row === pages.length - 1) leave();
    outcomes.push({
      environment,
      id: uuid7(seed, visit.at, viewer, session, 4 + row),
      unit,
      at: visit.at,
      requestId: page.requestId,
      surface: page.surface,
      items,
    });
  }

  /** The end of a session: what it came for, mishaps, and the door. */
  function leave(): void {
    if (watched < budget && uniform(seed, key, 1, VISIT) < behaviour.intent) {
      const series = memory.inProgress(viewer);
      const resumes = series >= 0 && uniform(seed, key, 6, VISIT) < behaviour.resume;
      const title = resumes ? series : world.choose(viewer, hash(seed, key, 2, VISIT));
      if (title >= 0) {
        clock += SEARCH_MS * exponential(seed, key, 3, VISIT);
        play(title, SOUGHT);
      }
    }
    if (plays.length === 0) note('bounce', 1, -1);
    if (uniform(seed, key, 4, VISIT) < behaviour.crash) note('crash', 1, -1);
    if (uniform(seed, key, 5, VISIT) < behaviour.supportTicket) note('support_ticket', 1, -1);
    note('session_end', Math.round(clock / 1000), -1);
  }

  return {
    outcomes,
    plays,
    viewed,
    clicks,
    watchSeconds: watched,
    endAt: visit.at + Math.round(clock),
    utility: 1 - Math.exp(-joy / behaviour.joyHours),
  };
}
