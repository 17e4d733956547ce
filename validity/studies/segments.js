import { columns, sums } from '../populations.js';
import { centre, compareMeans, interaction, noveltyChange, omnibus, shrink } from '../product.js';
import { ALPHA, judge } from './compare.js';

/** Four segments of growing activity: does one differ from the rest, do any differ. All have the same effect, none. */
export function segments({ population, sizes, scales }) {
  const data = columns(population, Math.max(...sizes));
  const arm = (random, s) => {
    population.draw(random, sizes[s], data);
    for (let i = 0; i < sizes[s]; i++) data.y[i] *= scales[s];
    return sums(data, 0, sizes[s]);
  };
  const join = (parts) => {
    const total = { n: 0, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
    for (const part of parts) for (const key of Object.keys(total)) total[key] += part[key];
    return total;
  };
  return (random, tally) => {
    const parts = sizes.map((_, s) => [arm(random, s), arm(random, s)]);
    const effects = parts.map(([t, c]) => compareMeans(centre(t), centre(c)));
    const last = parts.length - 1;
    const rest = [0, 1].map((of) => centre(join(parts.slice(0, last).map((pair) => pair[of]))));
    judge(tally, '', interaction(effects[last], compareMeans(...rest)), 0);
    const any = omnibus(effects.map(({ value }) => value));
    tally.hit('omnibus', any.value.p <= ALPHA);
    tally.p('omnibus p', any.value.p);
  };
}

/** Each user's first and second week, skewed and alike, without an effect. */
export function novelty({ units }) {
  const week = (random, own) => Math.exp(1 + 0.8 * own + 0.6 * random.normal());
  const arm = (random) => {
    const total = { n: units, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
    for (let i = 0; i < units; i++) {
      const own = random.normal();
      const [x, y] = [week(random, own), week(random, own)];
      total.y += y;
      total.yy += y * y;
      total.x += x;
      total.xx += x * x;
      total.xy += x * y;
    }
    return centre(total);
  };
  return (random, tally) => judge(tally, '', noveltyChange(arm(random), arm(random)), 0);
}

/** True effects of k segments spread by `spread` standard errors: does the shrunken interval hold them. */
export function shrinkage({ segments: k, spread }) {
  return (random, tally) => {
    const truth = Array.from({ length: k }, () => 1 + spread * random.normal());
    const found = shrink(truth.map((effect) => ({ estimate: effect + random.normal(), standardError: 1 })));
    if (!found.ok) return tally.refuse('covers');
    let covered = 0;
    for (const [s, { estimate, standardError }] of found.value.segments.entries()) {
      if (Math.abs(estimate - truth[s]) <= 1.959963984540054 * standardError) covered += 1;
    }
    tally.value('covers', covered / k);
  };
}
