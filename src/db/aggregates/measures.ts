import type { Measure, MetricDeclaration } from '../../declarations.ts';
import { DAY_MS, type Scope } from './scope.ts';

/** Measures that unit_day keeps, each once, in the order of `measures bigint[]`. */
export interface MeasureSet {
  readonly measures: readonly Measure[];
  readonly keys: readonly string[];
  /** Position of a measure in `measures bigint[]`, from 1 as SQL counts; 0 for `unit`, which is 1 for everyone. */
  position(measure: Measure): number;
  /** Whether measure `i` is kept from the opening on, and before it: by what its metrics ask for. */
  readonly kept: readonly Kept[];
  /** Days before the opening at which a window opens or closes, ascending, the last one 0; only 0 where none does. */
  readonly daysBefore: readonly number[];
}

export interface Kept {
  readonly since: boolean;
  readonly before: boolean;
}

/** Kinds whose metrics are computed from unit_day. */
export function isFromUnitDays(metric: MetricDeclaration): boolean {
  return metric.kind === 'mean' || metric.kind === 'proportion' || metric.kind === 'ratio';
}

/** @throws when a measure asks for something its event does not have */
export function measureSet(scope: Scope): MeasureSet {
  const byKey = new Map<string, Measure>();
  const keptByKey = new Map<string, Kept>();
  const daysBefore = new Set([0]);
  for (const metric of scope.metrics.filter(isFromUnitDays)) {
    for (const measure of [metric.numerator, metric.denominator]) {
      if (!measure || measure.event === 'unit') continue;
      check(metric, measure);
      const key = measureKey(measure);
      const { since, before } = keptOf(measure);
      const earlier = keptByKey.get(key);
      byKey.set(key, measure);
      keptByKey.set(key, {
        since: since || earlier?.since === true,
        before: before || earlier?.before === true,
      });
      for (const end of [measure.window.fromMs, measure.window.toMs ?? 0]) {
        if (end < 0) daysBefore.add(Math.round(end / DAY_MS));
      }
    }
  }
  const keys = [...byKey.keys()].sort();
  return {
    keys,
    measures: keys.map((key) => byKey.get(key) as Measure),
    kept: keys.map((key) => keptByKey.get(key) as Kept),
    daysBefore: [...daysBefore].sort((a, b) => a - b),
    position: (measure) => (measure.event === 'unit' ? 0 : keys.indexOf(measureKey(measure)) + 1),
  };
}

function keptOf({ window: { fromMs, toMs } }: Measure): Kept {
  return { since: toMs === undefined || toMs > 0, before: fromMs < 0 };
}

/**
 * What is counted by day, without what is applied per unit later: the window and the attribute. What is distinct before
 * the opening depends on where its window begins.
 */
function measureKey(measure: Measure): string {
  const { event, aggregate, where } = measure;
  const what =
    aggregate === 'sum' || aggregate === 'distinct' ? `${aggregate}(${fieldOf(measure)})` : 'count';
  const { surface, longTail, genre, minValue, maxValue } = where;
  const filters = { surface, longTail, genre, minValue, maxValue };
  const within = aggregate === 'distinct' && measure.window.fromMs < 0 ? measure.window : undefined;
  return `${event} ${what} ${JSON.stringify({ ...filters, within })}`;
}

export function fieldOf(measure: Measure): string {
  return measure.field ?? (measure.aggregate === 'distinct' ? 'title' : 'value');
}

/** Columns of `request` that can be summed, as SQL. Latency is rounded half up to whole milliseconds. */
export const REQUEST_FIELDS: Readonly<Record<string, string>> = {
  latency_ms: '(total_micros + 500) / 1000',
  error: 'error::int',
  fallback: '(fallback > 0)::int',
  slots: 'slots',
  simpson_micro: 'simpson_micro',
  long_tail: 'long_tail',
};

function check(metric: MetricDeclaration, measure: Measure): void {
  const field = fieldOf(measure);
  const say = (what: string) => {
    throw new Error(`metric ${metric.key}: ${what}`);
  };
  if (
    measure.aggregate === 'distinct' &&
    (measure.event === 'request' || !['title', 'genre'].includes(field))
  ) {
    say(`distinct(${field}) of ${measure.event} is unknown; it should be title or genre of an outcome`);
  }
  if (measure.event !== 'request') {
    if (measure.aggregate === 'sum' && field !== 'value') say(`sum(${field}) is unknown; it should be value`);
    return;
  }
  if (measure.aggregate === 'sum' && !Object.hasOwn(REQUEST_FIELDS, field)) {
    say(`sum(${field}) of request is unknown; it should be one of ${Object.keys(REQUEST_FIELDS).join(', ')}`);
  }
  if (measure.where.genre !== undefined || measure.where.longTail !== undefined) {
    say('a request has no genre and no longTail filter; sum its field long_tail instead');
  }
}
