import { type RawBuilder, sql, type Transaction } from 'kysely';
import { IMPLAUSIBLE } from '../../analysis/implausible.ts';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { MeasureSet } from './measures.ts';
import { slotOf } from './slots.ts';
import { type Row, type Summed, sumColumns } from './sum-columns.ts';
import type { UnitTables } from './units.ts';

type Sql = RawBuilder<unknown>;

/** The units that clicked nearly everything they viewed. */
export interface ImplausibleUnits {
  /** Whether there are any: mostly there are none, and nothing needs to be summed. */
  readonly some: boolean;
  /** A query of their ids. */
  readonly ids: Sql;
}

/** Clicks over viewed impressions of every unit, over all of its days: what the rule reads. */
function isClickShare({ kind, numerator, denominator }: MetricDeclaration): boolean {
  const whole = [numerator, denominator].every(
    (measure) => measure && measure.window.fromMs === 0 && measure.window.toMs === undefined,
  );
  return (
    kind === 'ratio' &&
    whole &&
    numerator.event === 'click' &&
    numerator.aggregate === 'count' &&
    numerator.where.attribute === undefined &&
    denominator?.event === 'impressions' &&
    denominator.aggregate === 'sum' &&
    denominator.where.attribute === undefined
  );
}

/** Undefined where no metric counts clicks over viewed impressions. */
export async function implausibleUnits(
  trx: Transaction<Tables>,
  units: UnitTables,
  set: MeasureSet,
  metrics: readonly MetricDeclaration[],
): Promise<ImplausibleUnits | undefined> {
  const share = metrics.find(isClickShare);
  if (share?.denominator === undefined) return undefined;
  const column = (measure: MetricDeclaration['numerator']) => sql.raw(slotOf(set, measure, 'open').name);
  const [clicks, viewed] = [column(share.numerator), column(share.denominator)];
  const { viewed: least, clickedShare } = IMPLAUSIBLE;
  const ids = sql`select id from ${units.analysed}
    where ${viewed} >= ${sql.raw(String(least))} and ${clicks} >= ${sql.raw(String(clickedShare))} * ${viewed}`;
  const { rows } = await sql`${ids} limit 1`.execute(trx);
  return { some: rows.length > 0, ids };
}

/** The sums of those units alone at the cut-off, by arm and number of weeks. */
export async function implausibleSums(
  trx: Transaction<Tables>,
  { some, ids }: ImplausibleUnits,
  summed: readonly Summed[],
  columns: Checkpoints,
): Promise<readonly Row[]> {
  if (!some) return [];
  const sums = sumColumns(summed, columns).map(([name, sum]) => sql`${sum} as ${sql.raw(name)}`);
  const { rows } = await sql<Row>`select arm, weeks, ${sql.join(sums)} from ${columns.finalRows}
    where id in (${ids}) group by arm, weeks order by arm, weeks`.execute(trx);
  return rows;
}
