import { columns, sums } from '../populations.js';
import {
  compareQuantiles,
  estimateOf,
  nonInferiority,
  ONCE,
  quantile,
  quantileFrom,
  relativeEffect,
} from '../product.js';
import { ALPHA, plain } from './compare.js';

function count(tally, effects, margin, direction) {
  const { state } = nonInferiority(effects, margin, direction);
  tally.hit('safe', state === 'safe' || state === 'safe-but-worse');
  tally.hit('breach', state === 'breach');
  tally.hit('harm', state !== 'safe' && state !== 'unproven');
}

/** Guardrail states where the true harm is `harm` (relative): at the margin, "safe" is an error; at 0, "harm" is. */
export function guardrail({ population, units: [nt, nc], harm, margin }) {
  const { kind, value } = population;
  const [t, c] = [columns(population, nt), columns(population, nc)];
  const declared = margin.relative === undefined ? { absolute: margin.absolute * value } : margin;
  return (random, tally) => {
    population.draw(random, nt, t, -harm);
    population.draw(random, nc, c);
    const { effect, arms } = plain(kind, sums(t, 0, nt), sums(c, 0, nc));
    if (!effect.ok) return tally.refuse('safe');
    const relative = relativeEffect('fieller', arms[0].value, arms[1].value, effect.value);
    const effects = {
      absolute: estimateOf(effect, ONCE, ALPHA),
      relative: estimateOf(relative, ONCE, ALPHA),
    };
    count(tally, effects, declared, 'higher-is-better');
  };
}

/** p95 of a latency, one request a user: higher is worse. */
export function latencyGuardrail({ units: [nt, nc], harm, margin, q }) {
  const values = (random, n, factor) =>
    Float64Array.from({ length: n }, () => factor * Math.exp(4.5 + 0.6 * random.normal()));
  return (random, tally) => {
    const [a, b] = [quantileFrom(values(random, nt, 1 + harm), q), quantileFrom(values(random, nc, 1), q)];
    if (!a.ok || !b.ok) return tally.refuse('safe');
    const effect = compareQuantiles(a.value, b.value);
    const relative = relativeEffect(
      'fieller',
      quantile(a.value).value,
      quantile(b.value).value,
      effect.value,
    );
    const effects = {
      absolute: estimateOf(effect, ONCE, ALPHA),
      relative: estimateOf(relative, ONCE, ALPHA),
    };
    count(tally, effects, margin, 'lower-is-better');
  };
}
