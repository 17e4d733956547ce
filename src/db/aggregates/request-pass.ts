import { type RawBuilder, sql } from 'kysely';
import type { Measure } from '../../declarations.ts';
import { REQUEST_FIELDS } from './measures.ts';
import { columns, type RollUp } from './roll-up.ts';
import { daysOf, earliest, partitionsOf, sideOf } from './unit-time.ts';

/** Counts and sums over the recommendation requests themselves: a row per request. */
export function requestPass({ scope, set, units }: RollUp, own: readonly number[]): RawBuilder<unknown> {
  const { environment, experiment, cutoff } = scope;
  const [from, to] = partitionsOf(scope, set);
  const values = new Map(
    own.map((i) => {
      const measure = set.measures[i] as Measure;
      const field = measure.field === undefined ? sql`1` : sql.raw(REQUEST_FIELDS[measure.field] ?? '1');
      const surface = measure.where.surface ?? experiment.surface;
      const tests = [sideOf(set, i, sql`at`)];
      if (surface !== undefined) tests.push(sql`surface = ${surface}`);
      if (measure.where.minValue !== undefined) tests.push(sql`${field} >= ${measure.where.minValue}`);
      if (measure.where.maxValue !== undefined) tests.push(sql`${field} <= ${measure.where.maxValue}`);
      const counted = measure.aggregate === 'sum' ? field : sql`1`;
      return [i, sql`case when ${sql.join(tests, sql` and `)} then ${counted} end::bigint`];
    }),
  );
  return sql`(select number, arm, opening, ${daysOf(scope, set, sql`at`)} ${columns(set, values)}
    from ${units} as enrolled join request using (unit)
    where request.environment = ${environment} and request.day between ${from} and ${to}
      and at >= ${earliest(set)} and at < ${cutoff})`;
}
