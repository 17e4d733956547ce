/** Watches of an average title that a group's own are joined by, so that a few of them move nothing. */
const PRIOR = 10;

/**
 * How many times as often a group watched a title as the whole would have it: (own + 10) / (expected + 10). The posterior
 * mean of a Poisson rate under a Gamma(10, 10) prior (the one-component form of DuMouchel 1999, "Bayesian Data Mining in Large
 * Frequency Tables", section 3): where a group is small, or a title rare, it stays near 1 instead of following chance.
 *
 * @param own      watches of the title within the group, at least 0, decayed or not
 * @param expected watches it would have there if the group were like everyone: group's watches x title's share of all
 */
export function lift(own: number, expected: number): number {
  return (own + PRIOR) / (expected + PRIOR);
}
