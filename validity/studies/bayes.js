import { columns, sums } from '../populations.js';
import { betaBinomial, centre, compareMeans, posteriorOf, relativeEffect } from '../product.js';

/** Chances to win against how often the treatment truly was better: in five bands, and all of them. */
function calibrate(tally, chance, better) {
  tally.predicted(`chance ${Math.min(4, Math.floor(chance * 5))}`, chance, better);
  tally.predicted('chance', chance, better);
}

/** Effects drawn from the prior that the posterior assumes, on skewed hours; relative to the control or absolute. */
export function normalPrior({ population, units, deviation, scale }) {
  const { value } = population;
  const [t, c] = [columns(population, units), columns(population, units)];
  const prior = { scale, mean: 0, standardDeviation: scale === 'relative' ? deviation : deviation * value };
  const arm = ({ n, mean, products }) => ({ value: mean[0], variance: products[0][0] / (n - 1) / n, n });
  return (random, tally) => {
    const lift = deviation * random.normal();
    population.draw(random, units, t, scale === 'relative' ? lift : 0);
    if (scale === 'absolute') for (let i = 0; i < units; i++) t.y[i] += lift * value;
    population.draw(random, units, c);
    const [a, b] = [centre(sums(t, 0, units)), centre(sums(c, 0, units))];
    const absolute = compareMeans(a, b);
    const effect = scale === 'relative' ? relativeEffect('delta', arm(a), arm(b), absolute.value) : absolute;
    const { estimate } = effect.value;
    // As the report does: the difference's own standard error, in units of the control.
    const control = scale === 'relative' ? Math.abs(b.mean[0]) : 1;
    const standardError = absolute.value.standardError / control;
    const found = posteriorOf(prior, estimate, standardError, 'higher-is-better');
    if (!found.ok) return tally.refuse('covers');
    const truth = scale === 'relative' ? lift : lift * value;
    tally.hit('covers', found.interval[0] <= truth && truth <= found.interval[1]);
    calibrate(tally, found.chanceToWin, lift > 0);
  };
}

/** Shares drawn from the uniform prior. */
export function betaPrior({ units: [nt, nc] }) {
  return (random, tally) => {
    const [t, c] = [random.uniform(), random.uniform()];
    const found = betaBinomial(
      { successes: random.binomial(nt, t), trials: nt },
      { successes: random.binomial(nc, c), trials: nc },
    );
    if (!found.ok) return tally.refuse('covers');
    const { interval, chanceToWin } = found.value;
    tally.hit('covers', interval[0] <= t - c && t - c <= interval[1]);
    calibrate(tally, chanceToWin, t > c);
  };
}
