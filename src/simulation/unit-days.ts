import type { Catalogue } from '../ranking/catalogue.ts';
import type { Visit } from './session.ts';
import { NOTE, type SessionLog } from './session-log.ts';

const DAY = 86_400_000;

/**
 * What units did, by unit and 24-hour block from their first session: units x days, row-major, 13 bytes a unit and day. Only
 * what happened before the cut-off is counted, but for the returns. The integers that `unit_day` has of the published metrics.
 */
export interface UnitDays {
  readonly units: number;
  readonly days: number;
  /** Epoch ms of the first session; 0 before it. */
  readonly firstAt: Float64Array;
  /** Seconds watched. */
  readonly watch: Uint32Array;
  /** Sessions begun. */
  readonly sessions: Uint8Array;
  /** Clicks on and views of titles on the homepage. */
  readonly clicks: Uint16Array;
  readonly viewed: Uint16Array;
  /** Primary genres watched, as bits. */
  readonly genres: Uint32Array;
  /** By unit: bit 0: a session began 24 h to 7 days after the first, bit 1: to 30 days. */
  readonly returned: Uint8Array;
}

export function createUnitDays(units: number, days: number): UnitDays {
  return {
    units,
    days,
    firstAt: new Float64Array(units),
    watch: new Uint32Array(units * days),
    sessions: new Uint8Array(units * days),
    clicks: new Uint16Array(units * days),
    viewed: new Uint16Array(units * days),
    genres: new Uint32Array(units * days),
    returned: new Uint8Array(units),
  };
}

/** Notes that a session began: what retention is made of. */
export function countStart(table: UnitDays, place: number, at: number): void {
  if (table.firstAt[place] === 0) table.firstAt[place] = at;
  const since = at - table.firstAt[place]!;
  if (since < DAY) return;
  if (since < 7 * DAY) table.returned[place] = 3;
  else if (since < 30 * DAY) table.returned[place]! |= 2;
}

/** Counts a session that asked for slates. @param cutoff epoch ms */
export function countSession(
  table: UnitDays,
  { primaryGenre }: Pick<Catalogue, 'primaryGenre'>,
  { place, at }: Visit,
  log: SessionLog,
  cutoff: number,
): void {
  countStart(table, place, at);
  const since = at - table.firstAt[place]!;
  const from = place * table.days;
  const homepage = log.ends[0]!;
  for (let row = 0; row < log.count; row++) {
    const name = log.name[row]!;
    const after = log.afterMs[row]!;
    if (at + after >= cutoff) continue;
    const cell = from + Math.floor((since + after) / DAY);
    const value = log.value[row]!;
    if (name === NOTE.watch) {
      table.watch[cell]! += value;
      const genre = primaryGenre[log.title[row]!]!;
      if (genre < 32) table.genres[cell]! |= 1 << genre;
    } else if (name === NOTE.session_start) table.sessions[cell]!++;
    else if (row >= homepage) continue;
    else if (name === NOTE.click) table.clicks[cell]!++;
    else if (name === NOTE.impressions) table.viewed[cell]! += value;
  }
}

/** Tables of different units, one after the other. @throws RangeError when their days differ */
export function joinUnitDays(parts: readonly UnitDays[]): UnitDays {
  const days = parts[0]?.days ?? 0;
  const units = parts.reduce((sum, part) => sum + part.units, 0);
  const joined = createUnitDays(units, days);
  let from = 0;
  for (const part of parts) {
    if (part.days !== days)
      throw new RangeError(`tables of ${days} and of ${part.days} days have no common one`);
    joined.firstAt.set(part.firstAt, from);
    joined.returned.set(part.returned, from);
    for (const column of ['watch', 'sessions', 'clicks', 'viewed', 'genres'] as const)
      joined[column].set(part[column], from * days);
    from += part.units;
  }
  return joined;
}
