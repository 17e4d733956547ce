import { columns, sums } from '../populations.js';
import {
  alwaysValid,
  alwaysValidT,
  classicalBoundaries,
  fixedHorizon,
  groupSequential,
  msprt,
} from '../product.js';
import { ALPHA, adjusted, plain } from './compare.js';

/** Designs with planned looks, as fractions of the end: levels that the fixed p-value is held against at each of them. */
function designs(looks) {
  const at = (information) => information.map((fraction) => Math.round(fraction * looks) - 1);
  const five = [0.2, 0.4, 0.6, 0.8, 1];
  const uneven = [0.1, 0.3, 0.35, 0.8, 1];
  const spending = (information, shape) => ({
    looks: at(information),
    levels: groupSequential({ information, spending: shape, alpha: ALPHA }).levels,
  });
  const classical = (shape) => ({
    looks: at(five),
    levels: classicalBoundaries(shape, 5, ALPHA).map((z) => fixedHorizon(null).p(z)),
  });
  return {
    pocock: classical('pocock'),
    'obrien-fleming': classical('obrien-fleming'),
    'spending pocock': spending(five, 'pocock'),
    'spending obrien-fleming': spending(five, 'obrien-fleming'),
    'spending uneven pocock': spending(uneven, 'pocock'),
    'spending uneven obrien-fleming': spending(uneven, 'obrien-fleming'),
  };
}

/**
 * One growing sample, looked at after every batch by every method: the test that is right once, always-valid sequences,
 * and designs with planned looks. `first`: batches before the first look. With `lift`, `misses` counts samples in which
 * the always-valid interval ever excluded the truth.
 */
export function peeking({
  population,
  batch: [bt, bc],
  looks,
  first = 1,
  lift = 0,
  mixing,
  planned,
  cuped,
  designed,
}) {
  const { kind, value } = population;
  const [nt, nc] = [bt * looks, bc * looks];
  const [t, c] = [columns(population, nt), columns(population, nc)];
  const planTotal = planned ?? nt + nc;
  const plans = designed ? designs(looks) : {};
  return (random, tally) => {
    population.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    const found = { fixed: -1, 'always-valid': -1, 't form': -1, misses: -1 };
    for (const name of Object.keys(plans)) found[name] = -1;
    const seen = [];
    let [a, b] = [undefined, undefined];
    for (let look = 0; look < looks; look++) {
      a = sums(t, look * bt, (look + 1) * bt, a);
      b = sums(c, look * bc, (look + 1) * bc, b);
      if (look + 1 < first) continue;
      const effect = cuped ? adjusted(kind, [[a, b]]) : plain(kind, a, b).effect;
      if (!effect.ok) {
        tally.refuse('fixed');
        continue;
      }
      const { statistic, df, n, estimate, standardError, bounds } = cuped
        ? effect.value.pair.absolute.value
        : effect.value;
      if (statistic === null) continue;
      const p = fixedHorizon(df).p(statistic);
      const asymptotic = alwaysValid(n, planTotal, ALPHA);
      const exact = df === null ? asymptotic : alwaysValidT(n, planTotal, ALPHA, df);
      if (found.fixed < 0 && p <= ALPHA) found.fixed = look;
      if (found['always-valid'] < 0 && asymptotic.p(statistic) <= ALPHA) found['always-valid'] = look;
      if (found['t form'] < 0 && exact.p(statistic) <= ALPHA) found['t form'] = look;
      if (lift !== 0 && found.misses < 0) {
        const [low, high] = bounds(exact.critical(ALPHA));
        if (low > lift * value || high < lift * value) found.misses = look;
      }
      if (mixing) seen.push({ n, estimate, standardError });
      for (const [name, { looks: at, levels }] of Object.entries(plans)) {
        const k = at.indexOf(look);
        if (k >= 0 && found[name] < 0 && p <= levels[k]) found[name] = look;
      }
    }
    for (const [key, look] of Object.entries(found)) {
      if (key !== 'misses' || lift !== 0) tally.look(key, look, looks);
    }
    if (mixing) {
      const ratio = msprt(seen, mixing * value);
      if (!ratio.ok) tally.refuse('msprt');
      else tally.look('msprt', skipped(ratio.value.looks, first), looks);
    }
  };
}

function skipped(results, first) {
  const at = results.findIndex(({ p }) => p <= ALPHA);
  return at < 0 ? -1 : at + first - 1;
}
