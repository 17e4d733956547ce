/**
 * Epsilon-greedy choice of one slot: with probability `explore` a uniform draw from the `feasible` titles, the best
 * one included, otherwise the best. Every feasible title can appear, which inverse-propensity estimates need.
 * @returns P(the title is placed in this slot | the slots before it)
 */
export function slotPropensity(isBest: boolean, feasible: number, explore: number): number {
  const drawn = explore / feasible;
  return isBest ? 1 - explore + drawn : drawn;
}

/**
 * One draw for one slot.
 * @param random uniform in [0, 1); called once when not exploring, else twice
 * @returns index among the feasible titles in their standing order, or -1 for the best of them
 */
export function drawSlot(feasible: number, explore: number, random: () => number): number {
  if (explore === 0 || random() >= explore) return -1;
  return Math.min(feasible - 1, Math.floor(random() * feasible));
}
