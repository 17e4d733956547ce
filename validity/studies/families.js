import { centre, compareMeans, correct, fixedHorizon } from '../product.js';
import { ALPHA } from './compare.js';

export const CORRECTIONS = ['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'];

/**
 * A family of skewed metrics of the same users (a factor in common makes their logarithms correlated), of which the first
 * `raised` truly differ. Counts tests with any false rejection, and the shares of false discoveries and of intervals of
 * discoveries that miss the truth.
 */
export function families({ metrics, raised, lift, correlation, units }) {
  const factor = Math.sqrt(correlation);
  const own = Math.sqrt(1 - correlation);
  const sigma = 0.5;
  const value = Math.exp(sigma ** 2 / 2);
  const raise = (j, treated) => (treated && j < raised ? 1 + lift : 1);
  const y = new Float64Array(metrics);
  const yy = new Float64Array(metrics);
  const arm = (random, treated) => {
    y.fill(0);
    yy.fill(0);
    for (let i = 0; i < units; i++) {
      const common = factor * random.normal();
      for (let j = 0; j < metrics; j++) {
        const hours = raise(j, treated) * Math.exp(sigma * (common + own * random.normal()));
        y[j] += hours;
        yy[j] += hours * hours;
      }
    }
    return Array.from(y, (sum, j) => centre({ n: units, y: sum, yy: yy[j], x: units, xx: units, xy: sum }));
  };
  return (random, tally) => {
    const [t, c] = [arm(random, true), arm(random, false)];
    const effects = t.map((sample, j) => compareMeans(sample, c[j]).value);
    const p = effects.map(({ statistic, df }) => fixedHorizon(df).p(statistic));
    for (const correction of CORRECTIONS) {
      const { adjusted, levels } = correct(p, correction, ALPHA);
      let [found, wrong, missed] = [0, 0, 0];
      for (const [j, { bounds, df }] of effects.entries()) {
        if (adjusted[j] > ALPHA) continue;
        found += 1;
        if (j >= raised) wrong += 1;
        const [low, high] = bounds(fixedHorizon(df).critical(levels[j]));
        const truth = j < raised ? lift * value : 0;
        if (low > truth || high < truth) missed += 1;
      }
      tally.hit(`${correction} any`, wrong > 0);
      tally.value(`${correction} share`, found > 0 ? wrong / found : 0);
      tally.value(`${correction} missed`, found > 0 ? missed / found : 0);
    }
  };
}
