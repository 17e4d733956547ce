import { bitsOf, placeOf, sortKey } from './sort-keys.ts';

/** Weight of collaborative against content scores for a viewer without watches, and for an active one. */
const NEW_VIEWER = 0.2;
const ACTIVE_VIEWER = 0.8;
/** Watches from which a viewer counts as active. */
const ACTIVE_WATCHES = 30;
/** Damping of reciprocal-rank fusion (Cormack, Clarke, Büttcher 2009). */
export const RANK_CONSTANT = 60;

/** Collaborative share of the blend, from 0.2 without watches to 0.8 at 30 and more, even in log(1 + watches). */
export function activityWeight(watches: number): number {
  const grown = Math.min(1, Math.log1p(watches) / Math.log1p(ACTIVE_WATCHES));
  return NEW_VIEWER + (ACTIVE_VIEWER - NEW_VIEWER) * grown;
}

/** How much of the cold-start order remains: 1 without watches, falling evenly to 0 at `until` watches. */
export function coldShare(watches: number, until: number): number {
  return watches >= until ? 0 : 1 - watches / until;
}

/** Adds `weight` times what a column says of its first `count` entries, in a unit that other columns share. */
export type AddColumn = (out: Float32Array, column: Float32Array, count: number, weight: number) => void;

/** out += weight * (column scaled to [0, 1] over the first `count` entries); a constant column adds nothing. */
export function addNormalised(out: Float32Array, column: Float32Array, count: number, weight: number): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = column[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) return;
  const scale = weight / (high - low);
  for (let i = 0; i < count; i++) out[i] = out[i]! + scale * (column[i]! - low);
}

/**
 * out += weight * (column - mean) / standard deviation, both over the first `count` entries: unlike the ends of a column, they
 * do not hang on one title. A constant column adds nothing.
 */
export function addStandardised(
  out: Float32Array,
  column: Float32Array,
  count: number,
  weight: number,
): void {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += column[i]!;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (column[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  // What is left of a constant column by rounding is no spread.
  if (!(deviation > 1e-7 * Math.abs(mean))) return;
  const scale = weight / deviation;
  for (let i = 0; i < count; i++) out[i] = out[i]! + scale * (column[i]! - mean);
}

/**
 * out += weight * (constant + 1) / (constant + rank) with ranks from 1 by the column, best first: a rank of 1 adds `weight`.
 * Equals share the best of their ranks, so that a column which knows nothing of some titles does not tell them apart.
 */
export function addReciprocalRank(constant: number): AddColumn {
  let keys = new Float64Array(0);
  return (out, column, count, weight) => {
    if (keys.length < count) keys = new Float64Array(count);
    const bits = bitsOf(column, count);
    for (let i = 0; i < count; i++) keys[i] = sortKey(bits[i]!, i);
    const sorted = keys.subarray(0, count).sort();
    let rank = 1;
    let before = Number.NaN;
    for (let place = 0; place < count; place++) {
      const i = placeOf(sorted[place]!);
      const value = column[i]!;
      if (value !== before) rank = place + 1;
      before = value;
      out[i] = out[i]! + (weight * (constant + 1)) / (constant + rank);
    }
  };
}
