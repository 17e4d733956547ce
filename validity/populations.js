import { normalTail } from './product.js';

/**
 * Who is sampled. A population draws units into typed columns (y, x where it is a ratio, z: covariates, s: stratum) and
 * knows its control value, the truth that intervals have to cover. `lift` 0.1 raises the metric by 10 %.
 */

/** Columns of one arm, filled again for every test. */
export function columns(population, n) {
  return {
    y: new Float64Array(n),
    x: population.kind === 'ratio' ? new Float64Array(n) : null,
    z: Array.from({ length: population.covariates ?? 0 }, () => new Float64Array(n)),
    s: population.strata ? new Uint8Array(n) : null,
  };
}

/** Sums about zero of units from .. to - 1, as SQL returns them; added to `into` if given. */
export function sums({ y, x, z }, from, to, into) {
  const k = z.length;
  const total = into ?? {
    ...{ n: 0, y: 0, yy: 0, x: 0, xx: 0, xy: 0 },
    ...(k > 0 && { z: emptyCovariates(k) }),
  };
  let [sy, syy, sx, sxx, sxy] = [0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const a = y[i];
    const b = x === null ? 1 : x[i];
    sy += a;
    syy += a * a;
    sx += b;
    sxx += b * b;
    sxy += a * b;
  }
  total.n += to - from;
  total.y += sy;
  total.yy += syy;
  total.x += sx;
  total.xx += sxx;
  total.xy += sxy;
  for (let p = 0; p < k; p++) addCovariate(total.z, y, x, z, p, from, to);
  return total;
}

const emptyCovariates = (k) => ({
  z: new Array(k).fill(0),
  zz: Array.from({ length: k }, () => new Array(k).fill(0)),
  zy: new Array(k).fill(0),
  zx: new Array(k).fill(0),
});

function addCovariate(into, y, x, z, p, from, to) {
  const own = z[p];
  let [s, sy, sx] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    s += own[i];
    sy += own[i] * y[i];
    sx += x === null ? own[i] : own[i] * x[i];
  }
  into.z[p] += s;
  into.zy[p] += sy;
  into.zx[p] += sx;
  for (let q = 0; q <= p; q++) {
    let product = 0;
    for (let i = from; i < to; i++) product += own[i] * z[q][i];
    into.zz[p][q] += product;
    if (q < p) into.zz[q][p] += product;
  }
}

/** Hours a user: a share of zeros, the others log-normal. Skewness about 6 with sigma 1. */
export function hours({ zeros = 0.3, mu = 1.5, sigma = 1 } = {}) {
  const value = (1 - zeros) * Math.exp(mu + (sigma * sigma) / 2);
  const second = (1 - zeros) * Math.exp(2 * mu + 2 * sigma * sigma);
  return {
    name: zeros > 0 ? `hours, ${100 * zeros} % zero, the others log-normal` : `log-normal, sigma ${sigma}`,
    kind: 'mean',
    value,
    deviation: Math.sqrt(second - value * value),
    draw(random, n, { y }, lift = 0) {
      for (let i = 0; i < n; i++) {
        y[i] =
          zeros > 0 && random.uniform() < zeros ? 0 : (1 + lift) * Math.exp(mu + sigma * random.normal());
      }
    },
  };
}

export const logNormal = (sigma) => hours({ zeros: 0, mu: 0, sigma });

export const normal = (value, deviation) => ({
  name: `normal, mean ${value}, deviation ${deviation}`,
  kind: 'mean',
  value,
  deviation,
  draw(random, n, { y }, lift = 0) {
    for (let i = 0; i < n; i++) y[i] = value * (1 + lift) + deviation * random.normal();
  },
});

export const exponential = () => ({
  name: 'exponential',
  kind: 'mean',
  value: 1,
  deviation: 1,
  draw(random, n, { y }, lift = 0) {
    for (let i = 0; i < n; i++) y[i] = -(1 + lift) * Math.log(random.uniform());
  },
});

export const share = (value) => ({
  name: `share of ${100 * value} %`,
  kind: 'proportion',
  value,
  draw(random, n, { y }, lift = 0) {
    const limit = value * (1 + lift) * 2 ** 32;
    for (let i = 0; i < n; i++) y[i] = random.word() >>> 0 < limit ? 1 : 0;
  },
});

const VIEWS = { mu: 2.5, sigma: 0.8 };
const RATE = { low: 0.05, width: 0.3 };

/** First two moments of the views of a user, ceil(exp(mu + sigma Z)). */
function viewMoments() {
  const upTo = (k) => (k <= 0 ? 0 : 1 - normalTail((Math.log(k) - VIEWS.mu) / VIEWS.sigma));
  let [first, second] = [0, 0];
  for (let k = 1; k <= 5_000; k++) {
    const mass = upTo(k) - upTo(k - 1);
    first += k * mass;
    second += k * k * mass;
  }
  return [first, second];
}

/** Clicks by views: log-normal numbers of views, a click rate of its own for every user, so that views cluster. */
export function clicks() {
  const value = RATE.low + RATE.width / 2;
  return {
    name: 'clicks / views, clustered by user',
    kind: 'ratio',
    value,
    /** Of the linearised value (y - R x) / mean(x) of one unit. */
    deviationAt(lift) {
      const [first, second] = viewMoments();
      const rate = value * (1 + lift);
      const spread = ((RATE.width * (1 + lift)) ** 2 / 12) * 1;
      return Math.sqrt(first * (rate - rate * rate - spread) + second * spread) / first;
    },
    draw(random, n, { y, x }, lift = 0) {
      for (let i = 0; i < n; i++) {
        x[i] = Math.ceil(Math.exp(VIEWS.mu + VIEWS.sigma * random.normal()));
        y[i] = random.binomial(x[i], (1 + lift) * (RATE.low + RATE.width * random.uniform()));
      }
    },
  };
}

/** Watch minutes by sessions: both skewed, the length of a user's sessions is the user's own. */
export const sessionLength = () => ({
  name: 'minutes / sessions, clustered by user',
  kind: 'ratio',
  value: 42 * Math.exp(0.18),
  draw(random, n, { y, x }, lift = 0) {
    for (let i = 0; i < n; i++) {
      x[i] = Math.ceil(Math.exp(1 + 0.9 * random.normal()));
      y[i] = x[i] * (1 + lift) * 42 * Math.exp(0.6 * random.normal());
    }
  },
});

/** Log-normal hours with those of the period before: `correlation` is that of the hours themselves. */
export function withBefore(correlation) {
  const rho = Math.log(1 + correlation * (Math.E - 1));
  const rest = Math.sqrt(1 - rho * rho);
  return {
    name: `log-normal hours, correlated ${correlation} with those before`,
    kind: 'mean',
    value: Math.exp(0.5),
    covariates: 1,
    draw(random, n, { y, z }, lift = 0) {
      for (let i = 0; i < n; i++) {
        const before = random.normal();
        z[0][i] = Math.exp(before);
        y[i] = (1 + lift) * Math.exp(rho * before + rest * random.normal());
      }
    },
  };
}

/** Normal values with a normal covariate: what is left is the slope's own noise. */
export const normalBefore = (correlation) => ({
  name: `normal values, correlated ${correlation} with those before`,
  kind: 'mean',
  value: 10,
  covariates: 1,
  draw(random, n, { y, z }, lift = 0) {
    const rest = Math.sqrt(1 - correlation * correlation);
    for (let i = 0; i < n; i++) {
      z[0][i] = random.normal();
      y[i] = 10 * (1 + lift) + correlation * z[0][i] + rest * random.normal();
    }
  },
});

export const threeCovariates = () => ({
  name: 'log-normal hours with three covariates',
  kind: 'mean',
  value: Math.exp(0.5 * (0.6 ** 2 + 0.4 ** 2 + 0.5 ** 2 + 0.4 ** 2)),
  covariates: 3,
  draw(random, n, { y, z }, lift = 0) {
    for (let i = 0; i < n; i++) {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      z[0][i] = Math.exp(0.6 * a);
      z[1][i] = b > 0.5 ? 1 : 0;
      z[2][i] = 0.5 * a + c;
      y[i] = (1 + lift) * Math.exp(0.6 * a + 0.4 * b + 0.5 * c + 0.4 * random.normal());
    }
  },
});

/** Clicks by views with clicks and views of the period before: a user's rate and appetite stay much the same. */
export const clicksBefore = () => ({
  name: 'clicks / views with clicks and views before',
  kind: 'ratio',
  value: RATE.low + RATE.width / 2,
  covariates: 2,
  draw(random, n, { y, x, z }, lift = 0) {
    for (let i = 0; i < n; i++) {
      const rate = RATE.low + RATE.width * random.uniform();
      const appetite = VIEWS.mu + 0.7 * random.normal();
      z[1][i] = Math.ceil(Math.exp(appetite + 0.4 * random.normal()));
      z[0][i] = random.binomial(z[1][i], rate);
      x[i] = Math.ceil(Math.exp(appetite + 0.4 * random.normal()));
      y[i] = random.binomial(x[i], rate * (1 + lift));
    }
  },
});

/** Share of users who come back, likelier the more active they were: 0.1 + 0.6 Phi(g) has mean 0.4. */
export const shareBefore = () => ({
  name: 'share of 40 % that depends on activity before',
  kind: 'proportion',
  value: 0.4,
  covariates: 1,
  draw(random, n, { y, z }, lift = 0) {
    for (let i = 0; i < n; i++) {
      const [g, rank] = [random.normal(), random.uniform()];
      z[0][i] = Math.exp(0.8 * g + 0.3 * random.normal());
      // Uniform rank of an independent draw against g: P(N < g) = Phi(g).
      const chance = (1 + lift) * (0.1 + (random.normal() < g ? 0.6 : 0));
      y[i] = rank < chance ? 1 : 0;
    }
  },
});

const STRATA = { shares: [0.4, 0.3, 0.2, 0.1], sizes: [1, 2, 4, 8] };

/** Hours in four strata of 40, 30, 20 and 10 % of the units, each twice as active as the one before. */
export const stratified = () => ({
  name: 'hours in four strata',
  kind: 'mean',
  value: Math.exp(0.5) * STRATA.shares.reduce((sum, w, s) => sum + w * STRATA.sizes[s], 0),
  strata: 4,
  draw(random, n, { y, s }, lift = 0) {
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      s[i] = u < 0.4 ? 0 : u < 0.7 ? 1 : u < 0.9 ? 2 : 3;
      y[i] = (1 + lift) * STRATA.sizes[s[i]] * Math.exp(random.normal());
    }
  },
});

/** The same strata with the period before. */
export const stratifiedBefore = () => ({
  ...stratified(),
  name: 'hours in four strata, with those before',
  covariates: 1,
  draw(random, n, { y, s, z }, lift = 0) {
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      s[i] = u < 0.4 ? 0 : u < 0.7 ? 1 : u < 0.9 ? 2 : 3;
      const before = random.normal();
      z[0][i] = STRATA.sizes[s[i]] * Math.exp(before);
      y[i] = (1 + lift) * STRATA.sizes[s[i]] * Math.exp(0.7 * before + Math.sqrt(0.51) * random.normal());
    }
  },
});
