import { WATCHED_SHARE, watchWeight } from '../events/watch-weight.ts';
import type { Interactions } from '../ranking/catalogue.ts';
import type { RecommendationInput } from '../recommend.ts';
import type { Behaviour } from './behaviour.ts';
import type { ClickModel, PageVisit } from './click-model.ts';
import { createMemory, type Memory } from './memory.ts';
import { firstVisit, moodAfter, nextVisit } from './return.ts';
import {
  type Page,
  planVisit,
  playSession,
  type SessionParts,
  type SessionResult,
  type Visit,
} from './session.ts';
import { createSessionLog, NOTE, note, type SessionLog } from './session-log.ts';
import { uuid7 } from './uuid7.ts';
import type { World } from './world.ts';

export interface LivesOptions {
  readonly world: World;
  /** Rows of the viewers who live here; their order numbers their places. */
  readonly viewers: Int32Array;
  /** Days of the test in which they first come. */
  readonly days: number;
  /** Epoch ms. */
  readonly startMs: number;
  readonly behaviour: Behaviour;
  readonly clickModel: ClickModel;
  /** When a viewer first comes, epoch ms; by their own rate within `days` when absent. */
  readonly firstAt?: (viewer: number) => number;
  /** Told how each page was looked at; `look` is used again. */
  readonly onPage?: (page: number, look: PageVisit) => void;
  /** What they watched before; `users` are rows of the world, others than `viewers` are passed over. */
  readonly history?: Interactions;
  /** Keeps the recommender's picture of its viewers in step; not called for a title that was soon left. */
  readonly recordWatch?: (viewer: number, title: number, weight: number, at: number) => void;
}

/**
 * Some viewers of a world between their sessions: what they remember, how they feel, and when they come next. Nothing that
 * one does touches another, so they may be lived through in any order and in any parts.
 */
export class Lives {
  /** Of the session that was lived last. */
  readonly log: SessionLog = createSessionLog();
  /** Epoch ms of the next session by place; Infinity for whoever cancelled. */
  readonly nextAt: Float64Array;
  /** Moving average of utility by place. */
  readonly moods: Float32Array;
  /** Sessions so far by place. */
  readonly sessions: Uint16Array;
  readonly #options: LivesOptions;
  readonly #memory: Memory;
  readonly #parts: SessionParts;

  constructor(options: LivesOptions) {
    const { world, viewers, startMs, days, behaviour } = options;
    this.#options = options;
    const { firstAt = (viewer: number) => firstVisit(world, viewer, startMs, days) } = options;
    this.nextAt = Float64Array.from(viewers, firstAt);
    this.moods = new Float32Array(viewers.length).fill(behaviour.moodReference);
    this.sessions = new Uint16Array(viewers.length);
    this.#memory = createMemory(world, viewers, options.history);
    const { clickModel, onPage } = options;
    this.#parts = { world, behaviour, clickModel, memory: this.#memory, ...(onPage && { onPage }) };
  }

  /** The next session of a viewer, before anything happened in it. */
  begin(place: number): Visit {
    const { world, behaviour, viewers } = this.#options;
    return planVisit(world, behaviour, viewers[place]!, place, this.sessions[place]!++, this.nextAt[place]!);
  }

  /** Lives a session through: its log says what happened, `nextAt` when the viewer comes back. */
  live(visit: Visit, pages: readonly Page[]): SessionResult {
    const { world, behaviour } = this.#options;
    const { viewer, place, session, at } = visit;
    const result = playSession(this.#parts, visit, pages, this.log);
    for (const { title, seconds, finished } of result.plays) {
      this.#memory.watched(place, title, finished, at);
      const minutes = world.catalogue.minutes[title]!;
      if (seconds < WATCHED_SHARE * 60 * minutes) continue;
      this.#options.recordWatch?.(viewer, title, watchWeight(seconds, minutes), at);
    }
    const mood = moodAfter(behaviour, this.moods[place]!, result.utility);
    this.moods[place] = mood;
    const { endAt, utility } = result;
    const next = nextVisit(world, behaviour, viewer, session, { at, endAt, utility, mood });
    this.nextAt[place] = next;
    if (next === Infinity) {
      note(this.log, NOTE.cancellation, 1, -1, endAt - at);
      this.log.ends[this.log.pages - 1] = this.log.count;
    }
    return result;
  }

  /** After enrolment only the start of a session is seen; the viewer's mood stays what the test left it. */
  observe({ viewer, place, session, at }: Visit): void {
    const mood = this.moods[place]!;
    const { world, behaviour } = this.#options;
    this.nextAt[place] = nextVisit(world, behaviour, viewer, session, { at, endAt: at, utility: mood, mood });
  }
}

/** The browse page is opened this long after the homepage. */
const BROWSE_AFTER_MS = 20_000;

/** What a session asks the recommender for: the homepage, and the browse page where it is opened. */
export function requestsOf(world: World, seed: number, visit: Visit): RecommendationInput[] {
  const { viewer, session, device } = visit;
  const { country } = world.traits(viewer);
  const request = (kind: number, surface: string, at: number): RecommendationInput => ({
    requestId: uuid7(seed, at, viewer, session, kind),
    userId: world.unitIds[viewer]!,
    surface,
    device,
    country,
    at,
  });
  const home = request(0, 'homepage', visit.at);
  return visit.browses ? [home, request(1, 'browse', visit.at + BROWSE_AFTER_MS)] : [home];
}

/** Some rows of viewers: those from the first up to, not including, the second; those that are listed; or all. */
export type ViewerRows = readonly [from: number, to: number] | Int32Array;

export function rowsOf(world: World, rows: ViewerRows = [0, world.viewerCount]): Int32Array {
  if (rows instanceof Int32Array) return rows;
  const [from, to] = rows;
  return Int32Array.from({ length: to - from }, (_, place) => from + place);
}
