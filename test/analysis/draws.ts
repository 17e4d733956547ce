import { type Effect, fixedHorizon } from '../../src/analysis/estimate/effect.ts';

/** mulberry32: a small seeded generator, uniform on [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Monte Carlo error of a rate. */
export const errorOf = (rate: number, runs: number) => Math.sqrt((rate * (1 - rate)) / runs);

/** Whether the 95 % interval holds the truth. */
export function holds(effect: Effect, truth: number): boolean {
  const [low, high] = effect.bounds(fixedHorizon(effect.df).critical(0.05));
  return low <= truth && truth <= high;
}
