import { columns, sums } from '../populations.js';
import {
  bcaInterval,
  bootstrap,
  centre,
  compareMeans,
  compareQuantiles,
  fixedHorizon,
  percentileInterval,
  pooledCap,
  quantile,
  quantileFrom,
  relativeEffect,
  winsorise,
} from '../product.js';
import { ALPHA, judge } from './compare.js';

/** A user's latencies are log-normal around a level of the user's own; `between` of the variance is between users. */
const LATENCY = { mu: 4.5, sigma: 0.6, between: 0.4 };

function latencies(random, users, requests, lift, into) {
  const own = LATENCY.sigma * Math.sqrt(LATENCY.between);
  const within = LATENCY.sigma * Math.sqrt(1 - LATENCY.between);
  let rows = 0;
  for (let user = 0; user < users; user++) {
    const level = Math.log(1 + lift) + LATENCY.mu + own * random.normal();
    const count = requests === 1 ? 1 : 1 + random.poisson(requests - 1);
    for (let i = 0; i < count; i++) {
      into.values[rows] = Math.exp(level + within * random.normal());
      into.users[rows] = user;
      rows += 1;
    }
  }
  return { values: into.values.subarray(0, rows), users: into.users.subarray(0, rows) };
}

/** Quantiles of latencies with several requests a user. */
export function quantiles({ units: [nt, nc], requests, lift = 0, points }) {
  const room = (n) => {
    const rows = requests === 1 ? n : Math.ceil(n * (requests + 20 * Math.sqrt(requests / n)));
    return { values: new Float64Array(rows), users: new Int32Array(rows) };
  };
  const [forT, forC] = [room(nt), room(nc)];
  return (random, tally) => {
    const t = latencies(random, nt, requests, lift, forT);
    const c = latencies(random, nc, requests, 0, forC);
    for (const { q, z } of points) {
      const truth = Math.exp(LATENCY.mu + z * LATENCY.sigma);
      const prefix = `p${100 * q} `;
      const [a, b] = [quantileFrom(t.values, q, t.users), quantileFrom(c.values, q, c.users)];
      const refused = [a, b].find(({ ok }) => !ok);
      const effect = refused ?? compareQuantiles(a.value, b.value);
      const multiplier = judge(tally, prefix, effect, lift * truth);
      if (multiplier === null) continue;
      const arms = [quantile(a.value).value, quantile(b.value).value];
      const relative = relativeEffect('fieller', ...arms, effect.value);
      if (!relative.ok) tally.refuse(`${prefix}fieller`);
      else {
        const [low, high] = relative.value.bounds(multiplier);
        tally.hit(`${prefix}fieller`, low <= lift && lift <= high);
      }
    }
  };
}

/** Means of values capped at a quantile of both arms together. */
export function winsorised({ population, units: [nt, nc], q }) {
  const [t, c] = [columns(population, nt), columns(population, nc)];
  return (random, tally) => {
    population.draw(random, nt, t);
    population.draw(random, nc, c);
    const cap = pooledCap([t.y, c.y], q);
    if (!cap.ok) return tally.refuse('reject');
    const capped = (y, n) => centre(sums({ y: winsorise(y, cap.value).values, x: null, z: [] }, 0, n));
    judge(tally, '', compareMeans(capped(t.y, nt), capped(c.y, nc)), 0);
  };
}

/** A control close to 0: Fieller's interval may be unbounded, the others refuse or fail. */
export function nearZero({ population, units: [nt, nc], lift }) {
  const [t, c] = [columns(population, nt), columns(population, nc)];
  return (random, tally) => {
    population.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    const [a, b] = [centre(sums(t, 0, nt)), centre(sums(c, 0, nc))];
    const effect = compareMeans(a, b);
    const arm = ({ n, mean, products }) => ({
      value: mean[0],
      variance: products[0][0] / (n - 1) / n,
      n,
    });
    for (const method of ['delta', 'fieller', 'log']) {
      const relative = relativeEffect(method, arm(a), arm(b), effect.value);
      if (!relative.ok) {
        tally.refuse(method);
        continue;
      }
      const [low, high] = relative.value.bounds(fixedHorizon(relative.value.df).critical(ALPHA));
      tally.hit(method, low <= lift && lift <= high);
    }
  };
}

/** The bootstrap over users, of the relative change of the mean. */
export function bootstrapped({ population, units: [nt, nc], resamples, lift }) {
  const [t, c] = [columns(population, nt), columns(population, nc)];
  const meanOf = (y, rows) => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum += y[rows[i]];
    return sum / rows.length;
  };
  return (random, tally) => {
    population.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    const change = ([rowsT, rowsC]) => meanOf(t.y, rowsT) / meanOf(c.y, rowsC) - 1;
    const found = bootstrap([nt, nc], change, () => random.uniform(), resamples);
    if (!found.ok) return tally.refuse('percentile');
    const holds = ([low, high]) => low <= lift && lift <= high;
    tally.hit('percentile', holds(percentileInterval(found.value, ALPHA)));
    const accelerated = bcaInterval(found.value, ALPHA);
    if (accelerated.ok) tally.hit('bca', holds(accelerated.value));
    else tally.refuse('bca');
  };
}
