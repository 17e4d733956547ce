import { sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import type { CheckpointColumns } from './checkpoints.ts';
import { cutAttributes, type Scope } from './scope.ts';
import { type CovariateColumns, type Row, type Summed, sumColumns } from './sum-columns.ts';
import type { PowerSums } from './third-moment.ts';
import { more } from './units.ts';

/** Sums at the cut-off, with covariates. */
export interface FinalSums {
  readonly arms: readonly Row[];
  /** By attribute, of the units with one value of it each. */
  readonly segments: ReadonlyMap<string, readonly (Row & { readonly value: string })[]>;
  /** By all attributes stratified by; undefined: by none. */
  readonly strata: readonly (Row & { readonly value: string })[] | undefined;
  /** By metric of the group: of each arm and number of weeks. None for metrics without unit values. */
  readonly powers: readonly (readonly (PowerSums & { readonly arm: number; readonly zeros: number })[])[];
}

const raw = (text: string) => sql.raw(text);

/**
 * One pass over the units sums them by everything that results are cut by; arms, segments and strata are then sums of
 * those few rows.
 */
export async function finalSums(
  trx: Transaction<Tables>,
  { experiment }: Scope,
  summed: readonly Summed[],
  columns: CheckpointColumns,
  covariates: CovariateColumns,
): Promise<FinalSums> {
  const { analysis, stratify } = experiment;
  const column = (name: string) => raw(columns.attribute(name));
  const sums = summed.flatMap((one, i) => sumColumns(one, i, columns, covariates));
  const cut = cutAttributes(experiment).map(column);
  await sql`create temp table cell on commit drop as
    select arm, weeks ${more(cut)} ${more(sums.map(([name, sum]) => sql`${sum} as ${raw(name)}`))}
    from ${raw(columns.finalTable)} group by arm, weeks ${more(cut)}`.execute(trx);
  // What is known of the shape needs all its digits.
  const totals = (isText: (name: string) => boolean) =>
    more(sums.map(([name]) => raw(`sum(${name})${isText(name) ? '::text' : ''} as ${name}`)));
  const plain = totals(() => false);
  const { rows: arms } = await sql<Row>`
    select arm, weeks ${plain} from cell group by arm, weeks order by arm, weeks`.execute(trx);
  const segments = new Map<string, (Row & { value: string })[]>();
  for (const attribute of [...analysis.segments, ...(analysis.exploratory ?? [])]) {
    const { rows } = await sql<Row & { value: string }>`
      select arm, weeks, ${column(attribute)} as value ${plain} from cell group by 1, 2, 3 order by 3, 1, 2`.execute(
      trx,
    );
    segments.set(attribute, rows);
  }
  const strata = stratify.length === 0 ? undefined : await stratified();
  const exact = await sql<Record<string, string>>`
    select arm, weeks ${totals((name) => /^y+\d/.test(name))} from cell group by arm, weeks order by arm, weeks`.execute(
    trx,
  );
  await sql`drop table cell`.execute(trx);
  return { arms, segments, strata, powers: summed.map((one, i) => powersOf(one, i, exact.rows)) };

  async function stratified() {
    const key = sql.join(stratify.map(column), sql` || ' / ' || `);
    const { rows } = await sql<Row & { value: string }>`
      select arm, weeks, ${key} as value ${plain} from cell group by arm, weeks, ${sql.join(stratify.map(column))}
      order by 3, 1, 2`.execute(trx);
    return rows;
  }
}

function powersOf({ metric }: Summed, i: number, rows: readonly Readonly<Record<string, string>>[]) {
  if (metric.kind !== 'mean') return [];
  return rows.map((row) => {
    const of = (name: string) => row[`${name}${i}`] ?? '0';
    return {
      arm: Number(row.arm),
      weeks: Number(row.weeks),
      n: Number(of('n')),
      zeros: Number(of('zeros')),
      capped: Number(of('capped')),
      y: BigInt(of('y')),
      yy: BigInt(of('yy')),
      yyy: BigInt(of('yyy')),
    };
  });
}
