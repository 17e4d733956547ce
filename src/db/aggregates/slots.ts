import { type RawBuilder, sql } from 'kysely';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { MeasureSet } from './measures.ts';
import type { Progress } from './progress.ts';
import { DAY_MS } from './scope.ts';

type Sql = RawBuilder<unknown>;

/** A measure over days since the opening of a unit. */
export interface Slot {
  /** Of its column where the days are added up. */
  readonly name: string;
  /** Of the measure in the rows of the roll-up. */
  readonly column: string;
  /** Days since the opening, to the end where it has no `to`. */
  readonly from: number;
  readonly to: number | undefined;
}

/** What a metric of some progress counts of a measure. An open measure beside a closed one ends with it. */
export function slotOf(set: MeasureSet, measure: Measure, progress: Progress): Slot {
  const days = (ms: number) => Math.round(ms / DAY_MS);
  const position = set.position(measure);
  const from = days(measure.window.fromMs);
  const closed = measure.window.toMs ?? (typeof progress === 'number' ? progress : undefined);
  const to = progress === 'open' || closed === undefined ? undefined : days(closed);
  const name = `n_${position}_${from}_${to ?? 'end'}`.replaceAll('-', 'before');
  return { name, column: `m${position}`, from, to };
}

/** Those of all measures of the metrics, each once. */
export function slotsOf(
  set: MeasureSet,
  metrics: readonly MetricDeclaration[],
  progress: Progress,
): readonly Slot[] {
  const slots = new Map<string, Slot>();
  for (const measure of measuresOf(metrics)) {
    const slot = slotOf(set, measure, progress);
    if (measure.event !== 'unit') slots.set(slot.name, slot);
  }
  return [...slots.values()];
}

export const measuresOf = (metrics: readonly MetricDeclaration[]): readonly Measure[] =>
  metrics.flatMap((m) => (m.denominator ? [m.numerator, m.denominator] : [m.numerator]));

const raw = (text: string | number) => sql.raw(String(text));

/** A test on the days of a measure's window. */
export function within({ from, to }: Slot): Sql {
  const until = to === undefined ? [] : [sql`day < ${raw(to)}`];
  return sql.join([sql`day >= ${raw(from)}`, ...until], sql` and `);
}

/** Sum of a measure over the days of its window, of the rows of one unit. */
export const sumOf = (slot: Slot): Sql => sql`total(${raw(slot.column)}) filter (where ${within(slot)})`;
