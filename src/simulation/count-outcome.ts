import type { OutcomeRecord } from '../events/records.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import { countStart, type UnitDays } from './unit-days.ts';

const DAY = 86_400_000;

/**
 * Counts the outcomes of a page into the row of its unit, as `countSession` counts what a session logged. A unit's first
 * record must be that of its first session. @param cutoff epoch ms
 */
export function countOutcome(
  table: UnitDays,
  place: number,
  { primaryGenre }: Pick<Catalogue, 'primaryGenre'>,
  { at, surface, items }: OutcomeRecord,
  cutoff: number,
): void {
  if (items.some(({ name }) => name === 'session_start')) countStart(table, place, at);
  const since = at - table.firstAt[place]!;
  const isHome = surface === 'homepage';
  for (const { name, value, title, afterMs } of items) {
    const day = Math.floor((since + afterMs) / DAY);
    if (at + afterMs >= cutoff || day >= table.days) continue;
    const cell = place * table.days + day;
    if (name === 'watch') {
      table.watch[cell]! += value;
      const genre = primaryGenre[title]!;
      if (genre < 32) table.genres[cell]! |= 1 << genre;
    } else if (name === 'session_start') table.sessions[cell]!++;
    else if (isHome && name === 'click') table.clicks[cell]!++;
    else if (isHome && name === 'impressions') table.viewed[cell]! += value;
  }
}
