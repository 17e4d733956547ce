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

/** One draw after another from the softmax of what is open. */
export interface PlackettLuce {
  /**
   * P(i) = exp(key_i / temperature) / sum over the open j of exp(key_j / temperature), for the keys above -Infinity among
   * the first `count`. Without replacement, slot by slot, that is the Plackett-Luce model (Plackett 1975, Luce 1959); a
   * top-k of Gumbel noise would draw the same lists where nothing is capped, but a cap changes what remains, so each slot
   * is drawn from what is feasible then.
   * @param top the highest of the keys
   * @param random uniform in [0, 1); called twice, as 32 bits are too coarse for rare titles
   * @returns the index drawn
   */
  draw(keys: Float64Array, count: number, top: number, temperature: number, random: () => number): number;
  /** P(i) of the last draw, in (0, 1]. */
  readonly propensity: number;
}

/** Reusable between slates. */
export function createPlackettLuce(): PlackettLuce {
  let weights = new Float64Array(0);
  let propensity = 1;
  return {
    get propensity() {
      return propensity;
    },
    draw(keys, count, top, temperature, random) {
      if (weights.length < count) weights = new Float64Array(count);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        // Relative to the best one that is open, so that exp neither overflows nor leaves nothing.
        const weight = Math.exp((keys[i]! - top) / temperature);
        weights[i] = weight;
        sum += weight;
      }
      let left = (random() + random() / 2 ** 32) * sum;
      let drawn = -1;
      for (let i = 0; i < count && left >= 0; i++) {
        if (weights[i] === 0) continue;
        drawn = i;
        left -= weights[i]!;
      }
      propensity = weights[drawn]! / sum;
      return drawn;
    },
  };
}
