/** Weight of collaborative against content scores for a viewer without watches, and for an active one. */
const NEW_VIEWER = 0.2;
const ACTIVE_VIEWER = 0.8;
/** Watches from which a viewer counts as active. */
const ACTIVE_WATCHES = 30;
/** Damping of reciprocal-rank fusion (Cormack, Clarke, Büttcher 2009). */
const RANK_DAMPING = 60;

/** Collaborative share of the blend, from 0.2 without watches to 0.8 at 30 and more, even in log(1 + watches). */
export function activityWeight(watches: number): number {
  const grown = Math.min(1, Math.log1p(watches) / Math.log1p(ACTIVE_WATCHES));
  return NEW_VIEWER + (ACTIVE_VIEWER - NEW_VIEWER) * grown;
}

/** How much of the cold-start order remains: 1 without watches, falling evenly to 0 at `until` watches. */
export function coldShare(watches: number, until: number): number {
  return watches >= until ? 0 : 1 - watches / until;
}

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

/** out += weight * 61 / (60 + rank) with ranks from 1 by the column, best first: a rank of 1 adds `weight`. */
export function addReciprocalRank(
  out: Float32Array,
  column: Float32Array,
  count: number,
  weight: number,
): void {
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => column[b]! - column[a]! || a - b);
  for (let rank = 0; rank < count; rank++) {
    const i = order[rank]!;
    out[i] = out[i]! + (weight * (RANK_DAMPING + 1)) / (RANK_DAMPING + 1 + rank);
  }
}
