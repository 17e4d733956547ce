import type { Moments } from '../../src/analysis/aggregates.ts';
import type { Experiment, Measure, MetricDeclaration } from '../../src/declarations.ts';
import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../../src/events/records.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;

export interface Title {
  readonly genres: readonly string[];
  readonly primary: number;
  readonly longTail: boolean;
}

export interface World {
  readonly experiment: Experiment;
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
  readonly requests: readonly RequestRecord[];
  readonly titles: readonly Title[];
  readonly cutoff: number;
}

interface Event {
  readonly name: string;
  readonly t: number;
  readonly value: number;
  readonly title: number;
  readonly surface: string | undefined;
  readonly request?: RequestRecord;
}

export interface Unit {
  readonly variant: string;
  readonly opening: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Since the opening, and before it. */
  readonly events: readonly Event[];
  readonly earlier: readonly Event[];
}

/** Attribution read off its definition, one loop per sentence, with nothing shared with the SQL. */
export function enrolledUnits(world: World): Unit[] {
  const { experiment, cutoff } = world;
  const first = new Map<string, ExposureRecord>();
  const forced = new Set<string>();
  for (const exposure of world.exposures) {
    if (exposure.forced) forced.add(exposure.unit);
    const seen = first.get(exposure.unit);
    if (!seen || exposure.at < seen.at) first.set(exposure.unit, exposure);
  }
  const units: Unit[] = [];
  for (const [id, exposure] of first) {
    if (forced.has(id) || exposure.at < experiment.startMs || exposure.at >= cutoff) continue;
    if (exposure.at >= experiment.startMs + experiment.durationMs) continue;
    const events: Event[] = [];
    for (const record of world.outcomes) {
      if (record.unit !== id) continue;
      for (const item of record.items) {
        events.push({
          name: item.name,
          t: record.at + item.afterMs,
          value: item.value,
          title: item.title,
          surface: record.surface,
        });
      }
    }
    let opening = -1;
    for (const { name, t } of events) {
      if (name === 'session_start' && t <= exposure.at && t >= exposure.at - 1_800_000)
        opening = Math.max(opening, t);
    }
    if (opening === -1) opening = exposure.at;
    for (const request of world.requests) {
      if (request.unit === id) {
        events.push({
          name: 'request',
          t: request.at,
          value: 1,
          title: -1,
          surface: request.surface,
          request,
        });
      }
    }
    units.push({
      variant: exposure.variant,
      opening,
      attributes: exposure.attributes,
      events: events.filter(({ t }) => t >= opening && t < cutoff),
      earlier: events.filter(({ t }) => t < opening && t < cutoff),
    });
  }
  return units;
}

function measure(
  world: World,
  unit: Unit,
  m: Measure,
  until: number,
  defaultEnd: number | undefined,
): number {
  const { attribute, surface, longTail, genre, minValue, maxValue } = m.where;
  if (!passes(unit, m)) return 0;
  void attribute;
  if (m.event === 'unit') return 1;
  const end = Math.min(until, unit.opening + (m.window.toMs ?? defaultEnd ?? Number.POSITIVE_INFINITY));
  const seen = new Set<string>();
  let total = 0;
  for (const event of [...unit.events].sort((a, b) => a.t - b.t)) {
    if (event.name !== m.event || event.t < unit.opening + m.window.fromMs || event.t >= end) continue;
    const title = world.titles[event.title];
    let value = event.value;
    if (event.request) {
      if (event.surface !== (surface ?? world.experiment.surface)) continue;
      const { request } = event;
      value =
        m.field === 'latency_ms'
          ? Math.round(request.totalMicros / 1000)
          : m.field === 'error'
            ? Number(request.error)
            : m.field === 'fallback'
              ? Number(request.fallback !== 'none')
              : m.field === 'slots'
                ? request.slate.titles.length
                : m.field === 'simpson_micro'
                  ? request.simpsonMicro
                  : m.field === 'long_tail'
                    ? request.longTail
                    : 1;
    } else {
      if (surface !== undefined && event.surface !== surface) continue;
      if (longTail !== undefined && title?.longTail !== longTail) continue;
      if (genre !== undefined && !title?.genres.includes(genre)) continue;
    }
    if (minValue !== undefined && value < minValue) continue;
    if (maxValue !== undefined && value > maxValue) continue;
    if (m.aggregate === 'distinct') {
      const thing = m.field === 'genre' ? title?.primary : event.title;
      if (thing === undefined || thing < 0 || thing === 255) continue;
      const key = `${Math.floor((event.t - unit.opening) / WEEK)} ${thing}`;
      if (!seen.has(key)) total++;
      seen.add(key);
    } else total += m.aggregate === 'sum' ? value : 1;
  }
  if (m.aggregate === 'exists') return total > 0 ? 1 : 0;
  if (m.aggregate === 'absent') return total === 0 ? 1 : 0;
  return total;
}

function passes(unit: Unit, m: Measure): boolean {
  const { attribute } = m.where;
  if (!attribute) return true;
  const value = unit.attributes[attribute.name] ?? '';
  if (attribute.equals !== undefined && value !== attribute.equals) return false;
  return attribute.not === undefined || value !== attribute.not;
}

/** Value and denominator of every unit that is in the metric at time `t`. */
export function valuesAt(world: World, metric: MetricDeclaration, t: number) {
  const measures = [metric.numerator, ...(metric.denominator ? [metric.denominator] : [])];
  const ends = measures
    .filter((m) => m.event !== 'unit' && m.window.toMs !== undefined)
    .map((m) => m.window.toMs as number);
  const end = ends.length > 0 ? Math.max(...ends) : undefined;
  const values: { unit: Unit; y: number; x: number }[] = [];
  for (const unit of enrolledUnits(world)) {
    if (unit.opening >= t || !measures.some((m) => passes(unit, m))) continue;
    let until = t;
    let divisor = 1;
    if (metric.perWeek) {
      divisor = Math.floor((t - unit.opening) / WEEK);
      if (divisor === 0) continue;
      until = unit.opening + divisor * WEEK;
    } else if (end !== undefined) {
      if (unit.opening + end > t) continue;
      until = unit.opening + end;
    }
    const count = (m: Measure) => measure(world, unit, m, until, end);
    const y = count(metric.numerator) / divisor;
    const x = metric.kind === 'ratio' && metric.denominator ? count(metric.denominator) : 1;
    values.push({ unit, y: metric.kind === 'proportion' ? Number(y > 0) : y, x });
  }
  return values;
}

export function capOf(values: readonly { y: number }[], share: number): number {
  const sorted = values.map(({ y }) => y).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

export function momentsOf(
  values: readonly { y: number; x: number }[],
  metric: MetricDeclaration,
  cap: number,
): Moments {
  const sum = { n: 0, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
  for (const value of values) {
    const y = Math.min(value.y, cap) * metric.scale;
    sum.n += 1;
    sum.y += y;
    sum.yy += y * y;
    sum.x += value.x;
    sum.xx += value.x * value.x;
    sum.xy += value.x * y;
  }
  return sum;
}

/** What a unit did in [from, to) after its opening, whatever the window of the measure says: 1 or 0 where it is a share. */
export function valueBetween(
  world: World,
  unit: Unit,
  m: Measure,
  from: number,
  to: number,
  isShare = false,
): number {
  if (m.event === 'unit') return passes(unit, m) ? 1 : 0;
  const share = m.aggregate === 'exists' || m.aggregate === 'absent';
  const plain: Measure = { ...m, aggregate: share ? 'count' : m.aggregate, window: { fromMs: 0 } };
  // A value that counts once a week counts where it is first seen.
  const count = measure(world, unit, plain, to, undefined) - measure(world, unit, plain, from, undefined);
  if (m.aggregate === 'absent') return Number(count === 0);
  return m.aggregate === 'exists' || isShare ? Number(count > 0) : count;
}

/** What a unit did in a window that ends before its opening. */
export function valueBefore(world: World, unit: Unit, m: Measure): number {
  return measure(world, { ...unit, events: unit.earlier }, m, Number.POSITIVE_INFINITY, undefined);
}

export const isIn = (metric: MetricDeclaration, unit: Unit) =>
  [metric.numerator, ...(metric.denominator ? [metric.denominator] : [])].some((m) => passes(unit, m));
