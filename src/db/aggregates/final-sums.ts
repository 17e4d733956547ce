import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import type { Checkpoints } from './checkpoints.ts';
import { more } from './roll-up.ts';
import { cutAttributes, type Scope } from './scope.ts';
import { type CovariateColumns, firstAlike, type Row, type Summed, sumColumns } from './sum-columns.ts';
import type { PowerSums } from './third-moment.ts';

/** Of the units with one value each of what is cut by. */
export type CutRow = Row & { readonly value: string };

/** Sums at the cut-off, with covariates. */
export interface FinalSums {
  readonly arms: readonly Row[];
  /** By attribute. */
  readonly segments: ReadonlyMap<string, readonly CutRow[]>;
  /** By all attributes stratified by; undefined: by none. */
  readonly strata: readonly CutRow[] | undefined;
  /** By metric of the group: `firstAlike`. */
  readonly alike: readonly number[];
  /** By metric of the group: of each arm and number of weeks. None for metrics without unit values. */
  readonly powers: readonly (readonly (PowerSums & { readonly arm: number; readonly zeros: number })[])[];
}

/** A row as it comes: sums of powers as text, with all their digits. */
type TextRow = Readonly<Record<string, string | number | null>>;

const raw = (text: string) => sql.raw(text);

/**
 * One pass over the units sums them by everything that results are cut by; arms, segments and strata are then sums of
 * those few rows.
 */
export async function finalSums(
  trx: Transaction<Tables>,
  { experiment }: Scope,
  summed: readonly Summed[],
  columns: Checkpoints,
  covariates: CovariateColumns,
): Promise<FinalSums> {
  const { analysis, stratify } = experiment;
  const attributes = cutAttributes(experiment);
  const cut = attributes.map((name) => raw(columns.attribute(name)));
  const sums = sumColumns(summed, columns, covariates);
  const segments = [...analysis.segments, ...(analysis.exploratory ?? [])];
  const sets = [[], ...segments.map((attribute) => [attribute]), stratify];
  const of = new Map(sets.map((set) => [maskOf(set), set]));
  const groups = [...of.values()].map(
    (set) => sql`(arm, weeks ${more(set.map((name) => raw(columns.attribute(name))))})`,
  );
  const mask = cut.length === 0 ? sql`0` : sql`grouping(${sql.join(cut)})`;
  const { rows } = await sql<TextRow>`
    with cell as materialized (
      select arm, weeks ${more(cut)} ${more(sums.map(([name, sum]) => sql`${sum} as ${raw(name)}`))}
      from ${columns.finalRows} group by arm, weeks ${more(cut)}
    )
    select arm, weeks ${more(cut)}, ${mask} as mask ${more(sums.map(([name]) => total(name)))}
    from cell group by grouping sets (${sql.join(groups)}) order by arm, weeks ${more(cut)}`.execute(trx);
  const cutBy = (names: readonly string[]) =>
    rows
      .filter((row) => row.mask === maskOf(names))
      .map((row) => asNumbers(row, names.map((name) => row[columns.attribute(name)]).join(' / ')));
  return {
    arms: cutBy([]),
    segments: new Map(segments.map((attribute) => [attribute, cutBy([attribute])])),
    strata: stratify.length === 0 ? undefined : cutBy(stratify),
    alike: summed.map((_, i) => firstAlike(summed, i)),
    powers: summed.map((one, i) =>
      powersOf(
        one,
        i,
        rows.filter((row) => row.mask === maskOf([])),
      ),
    ),
  };

  /** As `grouping` counts: a bit for each attribute that is not of the set, the first the highest. */
  function maskOf(names: readonly string[]): number {
    return attributes.reduce((bits, name) => 2 * bits + (names.includes(name) ? 0 : 1), 0);
  }
}

const isPower = (name: string) => /^y+\d/.test(name);

const total = (name: string): RawBuilder<unknown> =>
  raw(`sum(${name})${isPower(name) ? '::text' : ''} as ${name}`);

function asNumbers(row: TextRow, value: string): CutRow {
  const numbers = Object.entries(row).map(([name, of]) => [name, isPower(name) ? Number(of ?? 0) : of]);
  return { ...Object.fromEntries(numbers), value };
}

function powersOf({ metric }: Summed, i: number, rows: readonly TextRow[]) {
  if (metric.kind !== 'mean') return [];
  return rows.map((row) => {
    const of = (name: string) => row[`${name}${i}`] ?? 0;
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
