import { columns, sums } from '../populations.js';
import {
  adjustedPairs,
  centre,
  compareMeans,
  compareProportions,
  compareRatios,
  fixedHorizon,
  mean,
  pooledProportions,
  proportion,
  ratio,
  relativeEffect,
} from '../product.js';

export const ALPHA = 0.05;
const RELATIVE = ['delta', 'fieller', 'log'];

const count = ({ n, y }) => ({ successes: y, trials: n });

/** The report's plain estimates of two arms, from sums. */
export function plain(kind, t, c) {
  if (kind === 'proportion') {
    return {
      effect: compareProportions(count(t), count(c)),
      arms: [proportion(count(t)), proportion(count(c))],
    };
  }
  const [a, b] = [centre(t), centre(c)];
  return kind === 'ratio'
    ? { effect: compareRatios(a, b), arms: [ratio(a), ratio(b)] }
    : { effect: compareMeans(a, b), arms: [mean(a), mean(b)] };
}

const STUDY = {
  control: 'c',
  arms: [
    { arm: 'c', weight: 0.5 },
    { arm: 't', weight: 0.5 },
  ],
  treatments: ['t'],
};

/** The report's estimates adjusted by covariates and strata. `strata`: [t, c] sums each; one: not stratified. */
export function adjusted(kind, strata, relative = 'fieller') {
  const named = ([t, c]) => [
    { variant: 'c', moments: c },
    { variant: 't', moments: t },
  ];
  const stratified = strata.length > 1;
  const all = stratified ? [together(strata.map(([t]) => t)), together(strata.map(([, c]) => c))] : strata[0];
  const width = all[0].z?.z.length ?? 0;
  const pairs = adjustedPairs(
    { ...STUDY, relative, stratify: stratified ? ['stratum'] : [] },
    { kind, scale: 1 },
    {
      arms: named(all),
      covariates: Array.from({ length: width }, (_, i) => `z${i + 1}`),
      ...(stratified && { strata: strata.map((arms, s) => ({ key: `s${s}`, arms: named(arms) })) }),
    },
  );
  return pairs('t');
}

const add = (a, b) => a.map((value, i) => (Array.isArray(value) ? add(value, b[i]) : value + b[i]));

/** Sums of all parts, those of covariates too. */
export function together(parts) {
  const total = { n: 0, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
  for (const part of parts) for (const key of Object.keys(total)) total[key] += part[key];
  const [first, ...rest] = parts.flatMap(({ z }) => (z ? [z] : []));
  if (!first) return total;
  const z = { ...first };
  for (const part of rest) for (const key of Object.keys(z)) z[key] = add(z[key], part[key]);
  return { ...total, z };
}

/** Sums by stratum of columns that name one. */
function byStratum(data, strata) {
  const rows = Array.from({ length: strata }, () => []);
  for (const [i, s] of data.s.entries()) rows[s].push(i);
  const pick = (column, of) => Float64Array.from(of, (i) => column[i]);
  return rows.map((of) =>
    sums({ y: pick(data.y, of), x: null, z: data.z.map((column) => pick(column, of)) }, 0, of.length),
  );
}

/** Counts what an effect says at 5 % (and 1 %) against the truth, under keys that begin with `prefix`. */
export function judge(tally, prefix, effect, truth) {
  if (!effect.ok) {
    tally.refuse(`${prefix}reject`);
    tally.refuse(`${prefix}covers`);
    return null;
  }
  const { statistic, df, bounds } = effect.value;
  const reference = fixedHorizon(df);
  const p = statistic === null ? 1 : reference.p(statistic);
  const multiplier = reference.critical(ALPHA);
  const [low, high] = bounds(multiplier);
  tally.hit(`${prefix}reject`, p <= ALPHA);
  tally.hit(`${prefix}reject at 1 %`, p <= 0.01);
  tally.hit(`${prefix}covers`, low <= truth && truth <= high);
  tally.hit(`${prefix}disagrees`, p <= ALPHA !== (low > 0 || high < 0));
  tally.p(`${prefix}p`, p);
  return multiplier;
}

function judgeRelative(tally, prefix, relative, multiplier, truth) {
  if (!relative.ok) return tally.refuse(prefix);
  const [low, high] = relative.value.bounds(multiplier);
  tally.hit(prefix, low <= truth && truth <= high);
}

/** One comparison a test: the plain effect and its relative forms, on arms of these sizes. */
export function compare({ population, treatmentPopulation = population, units: [nt, nc], lift = 0 }) {
  const { kind, value } = population;
  const [t, c] = [columns(population, nt), columns(population, nc)];
  return (random, tally) => {
    treatmentPopulation.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    const [a, b] = [sums(t, 0, nt), sums(c, 0, nc)];
    const { effect, arms } = plain(kind, a, b);
    const multiplier = judge(tally, '', effect, lift * value);
    if (multiplier === null) return;
    for (const method of RELATIVE) {
      const relative = relativeEffect(method, arms[0].value, arms[1].value, effect.value);
      judgeRelative(tally, method, relative, multiplier, lift);
    }
    if (kind === 'proportion') judge(tally, 'pooled ', pooledProportions(count(a), count(b)), lift * value);
    if (kind === 'ratio') {
      // As if every view were a unit of its own.
      const loose = ({ x, y }) => ({ successes: y, trials: x });
      if (a.y <= a.x) judge(tally, 'by event ', compareProportions(loose(a), loose(b)), lift * value);
    }
  };
}

/** The same with covariates, strata or both, as the report adjusts; and unadjusted beside it. */
export function compareAdjusted({ population, units: [nt, nc], lift = 0, relative = false }) {
  const { kind, value, strata } = population;
  const [t, c] = [columns(population, nt), columns(population, nc)];
  return (random, tally) => {
    population.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    const groups = strata
      ? byStratum(t, strata).map((part, s) => [part, byStratum(c, strata)[s]])
      : [[sums(t, 0, nt), sums(c, 0, nc)]];
    const found = adjusted(kind, groups);
    const pair = found.ok ? found.value.pair : { absolute: found, relative: found };
    const multiplier = judge(tally, '', pair.absolute, lift * value);
    if (multiplier !== null && relative) judgeRelative(tally, 'fieller', pair.relative, multiplier, lift);
  };
}

/** Two phases whose allocation changed, the second's users twice as active: 1:9, then 1:1 (Simpson's paradox). */
export function phases({ population, sizes }) {
  const capacity = Math.max(...sizes.flat());
  const data = columns(population, capacity);
  const arm = (random, n, scale) => {
    population.draw(random, n, data);
    for (let i = 0; i < n; i++) data.y[i] *= scale;
    return sums(data, 0, n);
  };
  return (random, tally) => {
    const strata = sizes.map(([nt, nc], phase) => [arm(random, nt, 1 + phase), arm(random, nc, 1 + phase)]);
    const found = adjusted('mean', strata);
    judge(tally, '', found.ok ? found.value.pair.absolute : found, 0);
    const [a, b] = [together(strata.map(([x]) => x)), together(strata.map(([, x]) => x))];
    judge(tally, 'as one ', plain('mean', a, b).effect, 0);
  };
}
