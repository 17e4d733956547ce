import { sampleRatio, sequentialSampleRatio } from '../product.js';

/** Units of each arm among n, by the declared weights (which sum to 1). */
function split(random, n, weights) {
  let [left, rest] = [n, 1];
  return weights.map((weight, arm) => {
    const units = arm === weights.length - 1 ? left : random.binomial(left, weight / rest);
    left -= units;
    rest -= weight;
    return units;
  });
}

const LEVELS = [0.05, 0.01, 0.001];

/** The sample ratio of a sound split, judged once. */
export function once({ units, weights }) {
  return (random, tally) => {
    const counts = split(random, units, weights);
    const found = sampleRatio(
      counts.map((of, arm) => ({ variant: `${arm}`, units: of, weight: weights[arm] })),
    );
    for (const level of LEVELS) {
      if (found.ok) tally.hit(`alarm ${level}`, found.value.p <= level);
      else tally.refuse(`alarm ${level}`);
    }
    if (found.ok) tally.p('p', found.value.p);
  };
}

/** The same split watched after every batch. */
export function watched({ batches, batch, weights }) {
  return (random, tally) => {
    const parts = Array.from({ length: batches }, () => split(random, batch, weights));
    const found = sequentialSampleRatio(parts, weights);
    for (const level of [0.05, 0.001])
      tally.look(
        `sequential ${level}`,
        found.value.looks.findIndex((p) => p <= level),
        batches,
      );
    const total = weights.map(() => 0);
    const first = parts.findIndex((counts) => {
      for (const [arm, units] of counts.entries()) total[arm] += units;
      const now = sampleRatio(
        total.map((units, arm) => ({ variant: `${arm}`, units, weight: weights[arm] })),
      );
      return now.ok && now.value.p <= 0.05;
    });
    tally.look('chi-square 0.05', first, batches);
  };
}
