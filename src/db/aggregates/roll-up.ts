import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import type { Scope } from './scope.ts';

type Sql = RawBuilder<unknown>;

/** What one roll-up made: names of tables. */
export interface UnitDaySet {
  /** The enrolled units: number (from 1), unit, variant, arm (its place, from 1; null: not declared), opening, phase, attributes as they were frozen. */
  readonly units: string;
  /** `rebuildUnitDays` says what is in it. */
  readonly days: string;
  /** `UnitTables` says what is in it. */
  readonly analysed: string;
}

/**
 * What every pass of one roll-up reads. A pass is a query of `number`, `arm`, `opening`, `day`, `experiment_day` and a column
 * per measure; its rows, and those of other passes, with the same five add up.
 */
export interface RollUp {
  readonly scope: Scope;
  readonly set: MeasureSet;
  /** Table of the enrolled units: `number`, `unit`, `arm`, `opening`. */
  readonly units: Sql;
  readonly nameIds: ReadonlyMap<string, number>;
  readonly genreBits: ReadonlyMap<string, number>;
}

/** The names and genres that measures of the set ask for, as they are stored. */
export async function vocabulary(
  trx: Transaction<Tables>,
  environment: string,
  set: MeasureSet,
): Promise<Pick<RollUp, 'nameIds' | 'genreBits'>> {
  const names = [...new Set(set.measures.map((measure) => measure.event))];
  const known =
    names.length === 0
      ? []
      : await trx.selectFrom('outcome_name').selectAll().where('name', 'in', names).execute();
  const genres = await trx.selectFrom('genre').selectAll().where('environment', '=', environment).execute();
  return {
    nameIds: new Map(known.map((row) => [row.name, row.id])),
    genreBits: new Map(genres.map((row) => [row.name, row.bit])),
  };
}

/** Id of a measure's outcome name; -1, which no item has, where it was never seen. */
export const nameIdOf = ({ nameIds }: RollUp, { event }: Measure): number => nameIds.get(event) ?? -1;

/** Of measure `i`, counted from 1 as positions are. */
export const column = (i: number) => sql.raw(`m${i + 1}`);

/** One value per measure, each after a comma: those of a pass, and null for the others. */
export function columns(set: MeasureSet, own: ReadonlyMap<number, Sql>): Sql {
  return more(set.measures.map((_, i) => sql`${own.get(i) ?? sql`null::bigint`} as ${column(i)}`));
}

/** Further columns of a select list, each after a comma. */
export function more(columns: readonly Sql[]): Sql {
  return columns.length === 0 ? sql`` : sql`, ${sql.join(columns)}`;
}
