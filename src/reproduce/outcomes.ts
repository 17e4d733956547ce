import { TRUE_METRICS, type TrueMetric, unitTerms } from '../simulation/population.ts';
import type { UnitDays } from '../simulation/unit-days.ts';
import type { KeptUnits } from './kept-units.ts';

/** What units add to a ratio: tops over bottoms, by unit. */
export interface Terms {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

/** One metric on kept units; `[control, treatment]`. */
export interface MetricOutcomes {
  readonly metric: TrueMetric;
  /** Over complete weeks: units without one have no value. */
  readonly perWeek: boolean;
  readonly whole: readonly [Terms, Terms];
  /** Over a window that closes once. */
  readonly once: readonly [Terms, Terms];
  /** What `once` is of; undefined where it is the same as `whole`. */
  readonly estimand: string | undefined;
  /** Day of the experiment (1 = the first) at whose end the unit's window of `once` is complete. */
  readonly completes: Uint16Array;
  /** Last day that is looked at. */
  readonly until: number;
}

/** Kept units, ready to be drawn from. */
export interface Outcomes {
  /** Epoch ms of the first session. */
  readonly firstAt: Float64Array;
  /** The covariate. */
  readonly z: Float64Array;
  /** Row in `strata`. */
  readonly stratum: Uint16Array;
  readonly strata: readonly string[];
  /** Most days of the experiment that are looked at. */
  readonly days: number;
  readonly metrics: readonly MetricOutcomes[];
}

const DAY = 86_400_000;
const WEEK = 7;
const MONTH = 30;
const FIRST_WEEK = "each unit's first 7 days";

/**
 * @param startMs  of the experiment
 * @param days     until its end; 30-day windows are looked at until all are complete
 */
export function outcomesOf(units: KeptUnits, startMs: number, days: number): Outcomes {
  const cutoff = startMs + days * DAY;
  const whole = [unitTerms(units.control, cutoff), unitTerms(units.treatment, cutoff)] as const;
  const { firstAt } = units.control;
  const completes = (window: number) =>
    Uint16Array.from(firstAt, (at) => Math.ceil((at + window * DAY - startMs) / DAY));
  const [afterWeek, afterMonth] = [completes(WEEK), completes(MONTH)];
  const strata = [...new Set(units.stratum)].sort();
  return {
    firstAt,
    z: units.watchesBefore,
    stratum: Uint16Array.from(units.stratum, (name) => strata.indexOf(name)),
    strata,
    days: days + MONTH,
    metrics: TRUE_METRICS.filter((metric) => metric !== 'sessions_per_week').map((metric) => {
      const closes = metric === 'retention_7d' || metric === 'retention_30d';
      const both = [whole[0][metric], whole[1][metric]] as const;
      return {
        metric,
        perWeek: metric.endsWith('_per_week'),
        whole: both,
        once: closes ? both : [firstWeek(units.control, metric), firstWeek(units.treatment, metric)],
        estimand: closes ? undefined : FIRST_WEEK,
        completes: metric === 'retention_30d' ? afterMonth : afterWeek,
        // What came after the test was only seen to start.
        until: metric === 'retention_30d' ? days + MONTH : days,
      };
    }),
  };
}

/** What each unit did in its first 7 days. */
function firstWeek(table: UnitDays, metric: TrueMetric): Terms {
  const top = new Float64Array(table.units);
  const bottom = new Float64Array(table.units);
  for (let unit = 0; unit < table.units; unit++) {
    let [watch, sessions, clicks, viewed, genres] = [0, 0, 0, 0, 0];
    for (let day = 0; day < WEEK; day++) {
      const cell = unit * table.days + day;
      watch += table.watch[cell]!;
      sessions += table.sessions[cell]!;
      clicks += table.clicks[cell]!;
      viewed += table.viewed[cell]!;
      genres |= table.genres[cell]!;
    }
    const [over, under] = {
      click_through_rate: [clicks, viewed],
      session_minutes: [watch / 60, sessions],
      watch_hours_per_week: [watch / 3600, 1],
      sessions_per_week: [sessions, 1],
      genres_per_week: [bits(genres), 1],
      retention_7d: [0, 1],
      retention_30d: [0, 1],
    }[metric] as [number, number];
    top[unit] = over;
    bottom[unit] = under;
  }
  return { top, bottom };
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
