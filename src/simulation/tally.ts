import type { OutcomeRecord } from '../events/records.ts';
import type { Catalogue } from '../ranking/catalogue.ts';

/** The published metrics of one arm, straight from its outcomes by plain loops. */
export interface Figures {
  readonly units: number;
  /** Clicks / titles viewed. */
  readonly clickThroughRate: number;
  readonly watchHoursPerWeek: number;
  /** Minutes watched / sessions. */
  readonly sessionMinutes: number;
  readonly sessionsPerWeek: number;
  readonly genresPerWeek: number;
  /** Of the units whose window is complete; null when there are none. */
  readonly retention7d: number | null;
  readonly retention30d: number | null;
  readonly bounceRate: number;
}

/** What one unit did, by whole days from its first session. */
interface UnitHistory {
  readonly arm: string;
  readonly firstAt: number;
  readonly watch: number[];
  readonly sessions: number[];
  readonly genres: number[];
  viewed: number;
  clicks: number;
  bounces: number;
}

const DAY = 86_400_000;

/**
 * Counts outcomes as they pass: an independent check of SQL and analysis, and the way to the true effect of a
 * simulated test, which an analysis never sees.
 * @param armOf  the arm of a unit; asked once, at its first outcome
 */
export function createTally(catalogue: Catalogue, armOf: (unit: string) => string) {
  const units = new Map<string, UnitHistory>();
  return {
    add(outcome: OutcomeRecord): void {
      let unit = units.get(outcome.unit);
      if (unit === undefined) {
        unit = {
          arm: armOf(outcome.unit),
          firstAt: outcome.at,
          watch: [],
          sessions: [],
          genres: [],
          viewed: 0,
          clicks: 0,
          bounces: 0,
        };
        units.set(outcome.unit, unit);
      }
      for (const item of outcome.items) {
        const day = Math.floor((outcome.at + item.afterMs - unit.firstAt) / DAY);
        if (item.name === 'impressions') unit.viewed += item.value;
        else if (item.name === 'click') unit.clicks += item.value;
        else if (item.name === 'bounce') unit.bounces += item.value;
        else if (item.name === 'session_start') unit.sessions[day] = (unit.sessions[day] ?? 0) + item.value;
        else if (item.name === 'watch') {
          unit.watch[day] = (unit.watch[day] ?? 0) + item.value;
          const genre = catalogue.primaryGenre[item.title]!;
          if (genre < 32) unit.genres[day] = (unit.genres[day] ?? 0) | (1 << genre);
        }
      }
    },
    /** Figures by arm of what had happened before `cutoff`, epoch ms. */
    figures(cutoff: number): Map<string, Figures> {
      const arms = new Map<string, UnitHistory[]>();
      for (const unit of units.values()) {
        const arm = arms.get(unit.arm);
        if (arm === undefined) arms.set(unit.arm, [unit]);
        else arm.push(unit);
      }
      return new Map([...arms].sort().map(([arm, members]) => [arm, figuresOf(members, cutoff)]));
    },
  };
}

function figuresOf(members: readonly UnitHistory[], cutoff: number): Figures {
  const weekly = { units: 0, watch: 0, sessions: 0, genres: 0 };
  const all = { watch: 0, sessions: 0, viewed: 0, clicks: 0, bounces: 0 };
  const back = { due7: 0, back7: 0, due30: 0, back30: 0 };
  for (const unit of members) {
    const days = Math.floor((cutoff - unit.firstAt) / DAY);
    const begun = Math.ceil((cutoff - unit.firstAt) / DAY);
    all.watch += sum(unit.watch, 0, begun);
    all.sessions += sum(unit.sessions, 0, begun);
    all.viewed += unit.viewed;
    all.clicks += unit.clicks;
    all.bounces += unit.bounces;
    const weeks = Math.floor(days / 7);
    if (weeks > 0) {
      weekly.units++;
      weekly.watch += sum(unit.watch, 0, 7 * weeks) / weeks;
      weekly.sessions += sum(unit.sessions, 0, 7 * weeks) / weeks;
      for (let week = 0; week < weeks; week++) weekly.genres += genresOf(unit.genres, 7 * week) / weeks;
    }
    if (days >= 7) {
      back.due7++;
      if (sum(unit.sessions, 1, 7) > 0) back.back7++;
    }
    if (days >= 30) {
      back.due30++;
      if (sum(unit.sessions, 1, 30) > 0) back.back30++;
    }
  }
  return {
    units: members.length,
    clickThroughRate: all.clicks / all.viewed,
    watchHoursPerWeek: weekly.watch / weekly.units / 3600,
    sessionMinutes: all.watch / all.sessions / 60,
    sessionsPerWeek: weekly.sessions / weekly.units,
    genresPerWeek: weekly.genres / weekly.units,
    retention7d: back.due7 > 0 ? back.back7 / back.due7 : null,
    retention30d: back.due30 > 0 ? back.back30 / back.due30 : null,
    bounceRate: all.bounces / all.sessions,
  };
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let day = from; day < to; day++) total += values[day] ?? 0;
  return total;
}

function genresOf(masks: readonly number[], from: number): number {
  let seen = 0;
  for (let day = from; day < from + 7; day++) seen |= masks[day] ?? 0;
  let count = 0;
  for (; seen !== 0; seen &= seen - 1) count++;
  return count;
}
