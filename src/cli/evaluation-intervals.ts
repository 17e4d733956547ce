import { bootstrap, percentileInterval } from '../analysis/numbers/bootstrap.ts';
import { normalQuantile } from '../analysis/numbers/distributions.ts';
import {
  type Measure,
  measureOf,
  SLATE_MEASURES,
  type SlateMeasures,
  USER_MEASURES,
  type UserMeasure,
} from '../ranking/evaluate.ts';
import { generator } from '../ranking/generator.ts';

/** A measure and its 95 % interval by resampling users. */
export interface Figure {
  /** Null where no user has it. */
  readonly value: number | null;
  /** Null where it cannot be computed, such as for a value that is the same for every user. */
  readonly interval: readonly [number, number] | null;
}

export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

export const MEASURES: readonly Measure[] = [...USER_MEASURES, ...SLATE_MEASURES];
const ALPHA = 0.05;

/**
 * Every measure with its interval over users drawn with replacement. Means have percentile intervals. Coverage and Gini have
 * the value plus and minus 1.96 standard deviations of the replicates: a resample repeats users and so shows fewer
 * titles, which would put percentiles beside the value.
 */
export function figuresOf(measures: SlateMeasures, resampling: Resampling): Record<Measure, Figure> {
  const all = everyone(measures.users);
  return Object.fromEntries(
    MEASURES.map((name) => {
      const value = measureOf(measures, name, all);
      if (Number.isNaN(value)) return [name, { value: null, interval: null }];
      const spread = name === 'coverage' || name === 'gini';
      return [
        name,
        {
          value,
          interval: resampled(measures.users, (rows) => measureOf(measures, name, rows), resampling, spread),
        },
      ];
    }),
  ) as Record<Measure, Figure>;
}

/** A mean over all users with its interval. */
export function meanOf(measures: SlateMeasures, name: 'ndcg20' | 'recall20', resampling: Resampling): Figure {
  return figureOver(measures, name, everyone(measures.users), resampling);
}

/** A mean over some of the users, given by place, who alone are resampled. */
export function figureOver(
  measures: SlateMeasures,
  name: 'ndcg20' | 'recall20',
  places: Int32Array,
  resampling: Resampling,
): Figure {
  if (places.length === 0) return { value: null, interval: null };
  const by = (rows: ArrayLike<number>): number =>
    measureOf(
      measures,
      name,
      Int32Array.from(rows, (row) => places[row]!),
    );
  return {
    value: measureOf(measures, name, places),
    interval: resampled(places.length, by, resampling, false),
  };
}

/** The difference of a mean between two rankers of the same users, who are resampled together. */
export function differenceOf(
  measures: SlateMeasures,
  against: SlateMeasures,
  name: UserMeasure,
  resampling: Resampling,
): Figure {
  const by = (rows: ArrayLike<number>): number =>
    measureOf(measures, name, rows) - measureOf(against, name, rows);
  const value = by(everyone(measures.users));
  if (Number.isNaN(value)) return { value: null, interval: null };
  return { value, interval: resampled(measures.users, by, resampling, false) };
}

function resampled(
  users: number,
  statistic: (rows: ArrayLike<number>) => number,
  { resamples, seed }: Resampling,
  aroundValue: boolean,
): readonly [number, number] | null {
  const found = bootstrap([users], ([rows]) => statistic(rows!), generator(seed), resamples);
  if (!found.ok) return null;
  const { estimate, standardError } = found.value;
  if (!aroundValue) return percentileInterval(found.value, ALPHA);
  const reach = Math.abs(normalQuantile(ALPHA / 2)) * standardError;
  return [Math.max(0, estimate - reach), Math.min(1, estimate + reach)];
}

function everyone(users: number): Int32Array {
  return Int32Array.from({ length: users }, (_, place) => place);
}
