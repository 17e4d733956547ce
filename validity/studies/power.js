import { columns, sums } from '../populations.js';
import {
  alwaysValidT,
  centre,
  compareMeans,
  fixedHorizon,
  groupSequential,
  powerOf,
  relativeEffect,
} from '../product.js';
import { ALPHA, plain } from './compare.js';

/** What the planner is asked: the population's own figures at this lift. */
export function question({ population, aim = { kind: 'superiority' }, lift, looks }) {
  const { kind, value } = population;
  const metric =
    kind === 'proportion'
      ? { kind, control: value }
      : kind === 'ratio'
        ? {
            kind,
            control: value,
            standardDeviation: population.deviationAt(0),
            treatmentStandardDeviation: population.deviationAt(lift),
          }
        : {
            kind,
            control: value,
            standardDeviation: population.deviation,
            treatmentStandardDeviation: population.deviation * (population.scales === false ? 1 : 1 + lift),
          };
  return { metric, aim, effect: { relative: lift }, alpha: ALPHA, ...(looks && { looks }) };
}

/** Planned power, by the product. */
export function planned(settings) {
  const [treatment, control] = settings.units;
  const found = powerOf(question(settings), { treatment, control });
  if (!found.ok) throw new Error(found.reason);
  return found.value.power;
}

/** Rejections of the product's own test at this lift: judged once, at planned looks, or at every look. */
export function power({ population, aim = { kind: 'superiority' }, units: [nt, nc], lift, looks }) {
  const { kind } = population;
  const [t, c] = [columns(population, nt), columns(population, nc)];
  const margin = aim.margin?.relative;
  const once = (a, b) => {
    const { effect, arms } = plain(kind, a, b);
    if (!effect.ok || effect.value.statistic === null) return false;
    const reference = fixedHorizon(effect.value.df);
    if (margin === undefined) return reference.p(effect.value.statistic) <= ALPHA;
    const relative = relativeEffect('fieller', arms[0].value, arms[1].value, effect.value);
    return relative.value.bounds(reference.critical(ALPHA))[0] > -margin;
  };
  const levels =
    looks?.kind === 'group-sequential' ? groupSequential({ ...looks, alpha: ALPHA }).levels : null;
  const atLook = (a, b, look) => {
    const { statistic, df, n } = compareMeans(centre(a), centre(b)).value;
    return levels
      ? fixedHorizon(df).p(statistic) <= levels[look]
      : alwaysValidT(n, looks.plannedUnits ?? nt + nc, ALPHA, df).p(statistic) <= ALPHA;
  };
  return (random, tally) => {
    population.draw(random, nt, t, lift);
    population.draw(random, nc, c);
    if (!looks) return tally.hit('reject', once(sums(t, 0, nt), sums(c, 0, nc)));
    let [a, b, before] = [undefined, undefined, 0];
    const rejected = looks.information.some((fraction, look) => {
      const [from, to] = [before, fraction];
      before = fraction;
      a = sums(t, Math.round(from * nt), Math.round(to * nt), a);
      b = sums(c, Math.round(from * nc), Math.round(to * nc), b);
      return atLook(a, b, look);
    });
    tally.hit('reject', rejected);
  };
}
