import type { Interactions } from './catalogue.ts';

/** Disjoint parts of one history, each ordered by time. */
export interface TimeSlices {
  /** First 60 % of each user: what candidate models may know that the re-ranker's labels are scored with. */
  readonly earlier: Interactions;
  /** Next 20 %: where the re-ranker's labels come from. */
  readonly labels: Interactions;
  /** Both: what serving knows. */
  readonly known: Interactions;
  /** Last 20 %: seen by no model; evaluation, and the clicks of simulated viewers. */
  readonly unseen: Interactions;
}

/** Cuts each user's history by its own clock: row floor(0.6 n) opens the labels, row floor(0.8 n) the unseen part. */
export function sliceByUser(interactions: Interactions): TimeSlices {
  const total = new Int32Array(interactions.userCount);
  for (let entry = 0; entry < interactions.count; entry++) total[interactions.users[entry]!]!++;
  const met = new Int32Array(interactions.userCount);
  const part = new Uint8Array(interactions.count);
  for (let entry = 0; entry < interactions.count; entry++) {
    const user = interactions.users[entry]!;
    const place = met[user]!++;
    part[entry] = place < Math.floor(0.6 * total[user]!) ? 0 : place < Math.floor(0.8 * total[user]!) ? 1 : 2;
  }
  return {
    earlier: selectInteractions(interactions, (entry) => part[entry] === 0),
    labels: selectInteractions(interactions, (entry) => part[entry] === 1),
    known: selectInteractions(interactions, (entry) => part[entry] !== 2),
    unseen: selectInteractions(interactions, (entry) => part[entry] === 2),
  };
}

/** The interactions whose row passes, in their order; users keep their rows. */
export function selectInteractions(
  interactions: Interactions,
  keep: (entry: number) => boolean,
): Interactions {
  const rows = Int32Array.from({ length: interactions.count }, (_, entry) => entry).filter(keep);
  return {
    count: rows.length,
    users: Int32Array.from(rows, (entry) => interactions.users[entry]!),
    titles: Int32Array.from(rows, (entry) => interactions.titles[entry]!),
    weights: Float32Array.from(rows, (entry) => interactions.weights[entry]!),
    at: Float64Array.from(rows, (entry) => interactions.at[entry]!),
    userCount: interactions.userCount,
  };
}
