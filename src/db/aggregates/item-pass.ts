import { type RawBuilder, sql } from 'kysely';
import type { Measure } from '../../declarations.ts';
import { fieldOf } from './measures.ts';
import { columns, nameIdOf, type RollUp } from './roll-up.ts';
import { DAY_MS, WEEK_MS } from './scope.ts';
import { daysOf, earliest, fromOpening, isOneDay, partitionsOf, sideOf } from './unit-time.ts';

type Sql = RawBuilder<unknown>;

const raw = (text: string | number) => sql.raw(String(text));

/** Counts and sums of items; what needs the catalogue is counted apart from what a record alone tells. */
export function itemPasses(rollUp: RollUp, own: readonly number[]): readonly Sql[] {
  const [records, items]: [number[], number[]] = [[], []];
  for (const i of own) (needsOf([measureOf(rollUp, i)]).catalogue ? items : records).push(i);
  return [
    ...(records.length > 0 ? [recordPass(rollUp, records)] : []),
    ...(items.length > 0 ? [itemPass(rollUp, items)] : []),
  ];
}

const measureOf = ({ set }: RollUp, i: number) => set.measures[i] as Measure;

/** In place of a name where a row is a whole record: no name has this id. */
const WHOLE = 0;

/**
 * A row per record that is whole: a name is there once at most, and all items are of one day. Of other records a row per
 * item. One reading of the records serves both: only those that are not whole are taken apart.
 */
function recordPass(rollUp: RollUp, own: readonly number[]): Sql {
  const { scope, set } = rollUp;
  const measures = own.map((i) => measureOf(rollUp, i));
  const { value: isValued } = needsOf(measures);
  const t = sql`(at + coalesce(after_item, 0))`;
  const values = new Map(
    own.map((i) => {
      const measure = measureOf(rollUp, i);
      const ofItem = measure.aggregate === 'sum' ? sql`value_item` : sql`1`;
      const tests = [
        sql`name_item = ${raw(nameIdOf(rollUp, measure))}`,
        ...valueTests(measure, sql`value_item`, sql`surface`),
        sideOf(set, i, t),
      ];
      const whole = ofRecord(measure, nameIdOf(rollUp, measure), sideOf(set, i, sql`at`));
      return [
        i,
        sql`(case when name_item = ${raw(WHOLE)} then ${whole}
          when ${sql.join(tests, sql` and `)} then ${ofItem} end)::bigint`,
      ];
    }),
  );
  const ids = sql.join(idsOf(rollUp, measures));
  // What most logs have that write an event at a time: records of one name, and not one that is asked for.
  const asked = sql`(cardinality(name_id) > 1 or name_id[1] in (${ids}))`;
  const counts = sql`name_item = ${raw(WHOLE)}
    or (name_item in (${ids}) and ${t} >= ${earliest(set)} and ${t} < ${scope.cutoff})`;
  const isApart = sql`not ${isWhole(rollUp)}`;
  return sql`(select number, arm, opening, ${daysOf(scope, set, t)} ${columns(set, values)} from (
    select number, arm, opening, surface, at, name_id, value,
      unnest(case when ${isApart} then name_id else '{${raw(WHOLE)}}' end) as name_item,
      unnest(case when ${isApart} then after_ms end) as after_item
      ${isValued ? sql`, unnest(case when ${isApart} then value end) as value_item` : sql``}
    from ${recordsOf(rollUp)} and ${asked}) as item where ${counts})`;
}

/** A measure of a whole record. */
function ofRecord(measure: Measure, id: number, side: Sql): Sql {
  const value = sql`value[array_position(name_id, ${raw(`'${id}'::smallint`)})]`;
  const present = sql`${raw(`'${id}'::smallint`)} = any(name_id)`;
  const { minValue, maxValue } = measure.where;
  const isCounted = measure.aggregate !== 'sum' && minValue === undefined && maxValue === undefined;
  const tests = [side, ...valueTests(measure, value, sql`surface`), ...(isCounted ? [present] : [])];
  const counted = measure.aggregate === 'sum' ? value : sql`1`;
  return sql`case when ${sql.join(tests, sql` and `)} then ${counted} end`;
}

/** Whether a record can be read as it lies. */
const isWhole = ({ scope, set }: RollUp) =>
  sql`(whole_ms is not null and ${isOneDay(scope, set, sql`at`, sql`(at + whole_ms)`)})`;

/** A row per item. */
function itemPass(rollUp: RollUp, own: readonly number[]): Sql {
  const { scope, set } = rollUp;
  const values = new Map(
    own.map((i) => {
      const measure = measureOf(rollUp, i);
      const counted = measure.aggregate === 'sum' ? sql`item.value` : sql`1`;
      const test = sql`${itemFilter(rollUp, measure)} and ${sideOf(set, i, sql`t`)}`;
      return [i, sql`case when ${test} then ${counted} end::bigint`];
    }),
  );
  const wanted = own.map((i) => measureOf(rollUp, i));
  return sql`(select number, arm, opening, ${daysOf(scope, set, sql`t`)} ${columns(set, values)}
    ${itemsFrom(rollUp, wanted, sql`true`)})`;
}

/** Counts each value of measure `i` where it is first seen in a 7-day block of its unit. */
export function distinctPass(rollUp: RollUp, i: number): Sql {
  const { scope, set } = rollUp;
  const measure = set.measures[i] as Measure;
  const isGenre = fieldOf(measure) === 'genre';
  const value = isGenre ? sql`title.primary_genre` : sql`item.title`;
  const present = isGenre ? sql`title.primary_genre <> 255` : sql`item.title >= 0`;
  const inRecord = sql`${raw(nameIdOf(rollUp, measure))} = any(name_id)`;
  const tests = [itemFilter(rollUp, measure), present, sideOf(set, i, sql`t`)];
  const { fromMs, toMs } = measure.window;
  if (fromMs < 0) tests.push(sql`t >= ${fromOpening(fromMs / DAY_MS)}`);
  if (fromMs < 0 && toMs !== undefined) tests.push(sql`t < ${fromOpening(toMs / DAY_MS)}`);
  // Blocks begin at the opening: of what is before it too, where a division would round the other way.
  const weeksBefore = Math.ceil((-(set.daysBefore[0] ?? 0) * DAY_MS) / WEEK_MS) * WEEK_MS;
  return sql`(select number, arm, opening, ${daysOf(scope, set, sql`t`)} ${columns(set, new Map([[i, sql`count(*)`]]))}
    from (select number, arm, opening, min(t) as t
      ${itemsFrom(rollUp, [measure], sql.join(tests, sql` and `), inRecord)}
      group by number, arm, opening, (t - opening + ${raw(weeksBefore)}) / ${raw(WEEK_MS)}, ${value}) as seen
    group by 1, 2, 3, 4, 5)`;
}

/** Whether one item counts. What was never seen (a name, a genre) matches nothing. */
function itemFilter(rollUp: RollUp, measure: Measure): Sql {
  const { longTail, genre } = measure.where;
  const tests: Sql[] = [
    sql`item.name_id = ${raw(nameIdOf(rollUp, measure))}`,
    ...valueTests(measure, sql`item.value`, sql`item.surface`),
  ];
  if (longTail !== undefined) tests.push(sql`title.long_tail = ${longTail}`);
  if (genre !== undefined) {
    const bit = rollUp.genreBits.get(genre);
    tests.push(bit === undefined ? sql`false` : sql`title.genre_mask >> ${raw(bit)} & 1 = 1`);
  }
  return sql`(${sql.join(tests, sql` and `)})`;
}

function valueTests(
  { where: { surface, minValue, maxValue } }: Measure,
  value: Sql,
  of: Sql,
): readonly Sql[] {
  return [
    ...(surface === undefined ? [] : [sql`${of} = ${surface}`]),
    ...(minValue === undefined ? [] : [sql`${value} >= ${minValue}`]),
    ...(maxValue === undefined ? [] : [sql`${value} <= ${maxValue}`]),
  ];
}

const idsOf = (rollUp: RollUp, measures: readonly Measure[]) =>
  [...new Set(measures.map((measure) => nameIdOf(rollUp, measure)))].map(raw);

/** Outcome records of the enrolled units that can hold what is read; a condition may follow. */
function recordsOf({ scope: { environment, cutoff }, scope, set, units }: RollUp): Sql {
  const [from, to] = partitionsOf(scope, set);
  return sql`${units} as enrolled join outcome using (unit)
    where outcome.environment = ${environment} and outcome.day between ${from} and ${to}
      and outcome.at >= ${earliest(set)} - ${raw(DAY_MS)} and outcome.at < ${cutoff}`;
}

/** What a pass reads of each item besides its name and time: unnesting an array takes time, needed or not. */
interface Needs {
  readonly value: boolean;
  readonly title: boolean;
  /** The row of `title` too. */
  readonly catalogue: boolean;
}

function needsOf(measures: readonly Measure[]): Needs {
  const some = (test: (measure: Measure) => boolean) => measures.some(test);
  const catalogue = some(
    ({ where, field }) => where.genre !== undefined || where.longTail !== undefined || field === 'genre',
  );
  return {
    value: some(
      ({ aggregate, where }) =>
        aggregate === 'sum' || where.minValue !== undefined || where.maxValue !== undefined,
    ),
    title: catalogue || some(({ aggregate }) => aggregate === 'distinct'),
    catalogue,
  };
}

/**
 * Items with the names of some measures, of the enrolled units since their opening: `number`, `arm`, `opening`, `t`, and what
 * the measures need. Unnested side by side in the select list, which takes a fraction of the time of
 * `cross join unnest(...)`.
 *
 * @param records which outcome records can hold such items
 */
function itemsFrom(rollUp: RollUp, measures: readonly Measure[], filter: Sql, records = sql`true`): Sql {
  const { scope, set } = rollUp;
  const { environment, cutoff } = scope;
  const needs = needsOf(measures);
  const value = needs.value ? sql`, unnest(value) as value` : sql``;
  const title = needs.title ? sql`, unnest(title) as title` : sql``;
  const catalogue = needs.catalogue
    ? sql`left join title on title.environment = ${environment} and title.row = item.title`
    : sql``;
  return sql`
    from (
      select number, arm, opening, surface, outcome.at + unnest(after_ms) as t, unnest(name_id) as name_id ${value} ${title}
      from ${recordsOf(rollUp)} and ${records}
    ) as item ${catalogue}
    where t >= ${earliest(set)} and t < ${cutoff} and item.name_id in (${sql.join(idsOf(rollUp, measures))}) and ${filter}`;
}
