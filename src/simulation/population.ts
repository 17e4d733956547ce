import type { UnitDays } from './unit-days.ts';

/** The metrics of the published table, and the sessions that tie two of them together. */
export const TRUE_METRICS = [
  'click_through_rate',
  'watch_hours_per_week',
  'session_minutes',
  'genres_per_week',
  'retention_7d',
  'retention_30d',
  'sessions_per_week',
] as const;
export type TrueMetric = (typeof TRUE_METRICS)[number];

/** A metric as a ratio of two sums over units: numerator and denominator by unit. */
export type UnitTerms = Readonly<
  Record<TrueMetric, { readonly top: Float64Array; readonly bottom: Float64Array }>
>;

const DAY = 86_400_000;

/**
 * What each unit adds to each metric, as the metric catalogue defines them at a cut-off: weeks are complete 7 x 24 h blocks,
 * a mean per week is over units with at least one, ratios are over everything before the cut-off.
 * @param cutoff epoch ms
 */
export function unitTerms(table: UnitDays, cutoff: number): UnitTerms {
  const { units, days } = table;
  const terms = Object.fromEntries(
    TRUE_METRICS.map((metric) => [metric, { top: new Float64Array(units), bottom: new Float64Array(units) }]),
  ) as UnitTerms;
  for (let unit = 0; unit < units; unit++) {
    const firstAt = table.firstAt[unit]!;
    if (firstAt === 0) continue;
    const weeks = Math.floor((cutoff - firstAt) / (7 * DAY));
    let [watch, sessions, clicks, viewed, weekWatch, weekSessions, genres] = [0, 0, 0, 0, 0, 0, 0];
    let mask = 0;
    for (let day = 0; day < days; day++) {
      const cell = unit * days + day;
      watch += table.watch[cell]!;
      sessions += table.sessions[cell]!;
      clicks += table.clicks[cell]!;
      viewed += table.viewed[cell]!;
      if (day >= 7 * weeks) continue;
      weekWatch += table.watch[cell]!;
      weekSessions += table.sessions[cell]!;
      mask |= table.genres[cell]!;
      if (day % 7 === 6) {
        genres += bits(mask);
        mask = 0;
      }
    }
    const set = (metric: TrueMetric, top: number, bottom: number) => {
      terms[metric].top[unit] = top;
      terms[metric].bottom[unit] = bottom;
    };
    set('click_through_rate', clicks, viewed);
    set('session_minutes', watch / 60, sessions);
    set('retention_7d', table.returned[unit]! & 1, 1);
    set('retention_30d', table.returned[unit]! >> 1, 1);
    if (weeks === 0) continue;
    set('watch_hours_per_week', weekWatch / 3600 / weeks, 1);
    set('sessions_per_week', weekSessions / weeks, 1);
    set('genres_per_week', genres / weeks, 1);
  }
  return terms;
}

/** The sum of tops over the sum of bottoms, over some units. @param weights of units; all alike when absent */
export function figure(
  { top, bottom }: UnitTerms[TrueMetric],
  weights?: ArrayLike<number>,
  units?: Int32Array,
): number {
  let over = 0;
  let under = 0;
  const count = units?.length ?? top.length;
  for (let i = 0; i < count; i++) {
    const unit = units === undefined ? i : units[i]!;
    const weight = weights === undefined ? 1 : weights[unit]!;
    over += weight * top[unit]!;
    under += weight * bottom[unit]!;
  }
  return over / under;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
