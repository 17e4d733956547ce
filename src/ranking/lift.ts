/** Even where groups differ greatly a few watches move little. */
const LEAST_PRIOR = 5;

/** Watches of one group of users or hours. */
export interface GroupCounts {
  /** By catalogue row, decayed or not. */
  readonly counts: Float64Array;
  /** Their sum. */
  readonly total: number;
}

/**
 * How many times as often a group watched a title as everyone: (own + prior) / (expected + prior). The posterior mean of a Poisson
 * rate under a Gamma(prior, prior) prior (the one-component form of DuMouchel 1999, "Bayesian Data Mining in Large Frequency Tables",
 * section 3): where a group is small, or a title rare, it stays near 1 instead of following chance.
 *
 * @param own      watches of the title within the group
 * @param expected watches it would have there if the group were like everyone: group's share of all watches x title's watches
 * @param prior    as `liftPrior` finds it, in watches; Infinity where groups do not differ: the lift is then 1
 */
export function lift(own: number, expected: number, prior: number): number {
  return prior === Number.POSITIVE_INFINITY ? 1 : (own + prior) / (expected + prior);
}

/**
 * The prior that the groups' own spread bears out, by moments of Pearson's statistic over the cells that expect at least one watch:
 * with lifts of variance 1 / prior, a cell of a group of share s has (watches - expected)^2 / expected of mean
 * (1 - s) + expected (1 - s)^2 / prior. Infinity where groups spread no more than by chance: what they do not differ in must not
 * be read out of noise. Decayed watches spread less than that, which errs towards Infinity.
 *
 * @param unit watches that a count of 1 stands for
 */
export function liftPrior(all: GroupCounts, groups: Iterable<GroupCounts>, unit = 1): number {
  let excess = 0;
  let watches = 0;
  for (const { counts, total } of groups) {
    const share = total / all.total;
    for (let title = 0; title < counts.length; title++) {
      const expected = unit * share * all.counts[title]!;
      if (!(expected >= 1)) continue;
      excess += (unit * counts[title]! - expected) ** 2 / expected - (1 - share);
      watches += expected * (1 - share) ** 2;
    }
  }
  return excess > 0 && watches > 0 ? Math.max(LEAST_PRIOR, watches / excess) : Number.POSITIVE_INFINITY;
}
