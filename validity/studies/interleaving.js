import { creditDifference, preference, preferenceBootstrap } from '../product.js';
import { ALPHA } from './compare.js';

/** Users of an interleaved list without a better ranker: each has a taste of its own, so that its clicks are alike. */
export function interleaving({ users, resamples = 0 }) {
  return (random, tally) => {
    const cells = new Map();
    let [d, dd, first, second] = [0, 0, 0, 0];
    for (let user = 0; user < users; user++) {
      const chance = 1 / (1 + Math.exp(-0.8 * random.normal()));
      const credited = random.poisson(Math.exp(0.5 + 0.8 * random.normal()));
      const difference = 2 * random.binomial(credited, chance) - credited;
      d += difference;
      dd += difference * difference;
      if (difference > 0) second += 1;
      if (difference < 0) first += 1;
      cells.set(difference, (cells.get(difference) ?? 0) + 1);
    }
    const sign = preference(first, second, ALPHA);
    if (!sign.ok) tally.refuse('exact');
    else {
      const { p, pNormal, interval } = sign.value;
      tally.hit('exact', p <= ALPHA);
      tally.hit('normal', pNormal <= ALPHA);
      tally.hit('exact covers', interval[0] <= 0 && 0 <= interval[1]);
    }
    const credit = creditDifference(users, d, dd, ALPHA);
    if (!credit.ok) tally.refuse('t');
    else {
      tally.hit('t', credit.value.p <= ALPHA);
      tally.p('t p', credit.value.p);
    }
    if (resamples === 0) return;
    const histogram = [...cells]
      .sort(([a], [b]) => a - b)
      .map(([difference, units]) => ({ difference, units }));
    const drawn = preferenceBootstrap(histogram, () => random.uniform(), { resamples, alpha: ALPHA });
    for (const [key, figure] of [
      ['bootstrap credit', drawn.value.creditDifference],
      ['bootstrap preference', drawn.value.preference],
    ]) {
      if (!figure.ok) tally.refuse(key);
      else tally.hit(key, figure.value.interval[0] <= 0 && 0 <= figure.value.interval[1]);
    }
  };
}
