import { normalTail } from '../numbers/distributions.ts';

/**
 * A score process watched at a few looks: S_k = Z_k sqrt(I_k) gains independent normal increments with mean
 * drift (I_k - I_(k-1)) and variance I_k - I_(k-1). This is what a walk that has not been stopped looks like after a
 * look: its (defective) density on quadrature nodes, weights multiplied in.
 */
export interface Walk {
  readonly information: number;
  readonly scores: Float64Array;
  readonly masses: Float64Array;
}

/** Before the first look. */
export const START: Walk = { information: 0, scores: Float64Array.of(0), masses: Float64Array.of(1) };

/** Gauss-Legendre nodes on [-1, 1] and weights, by Newton on the Legendre polynomial. */
function legendre(points: number): readonly (readonly [number, number])[] {
  return Array.from({ length: points }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (points + 0.5));
    let slope = 1;
    for (let step = 0; step < 12; step++) {
      let [before, value] = [1, x];
      for (let n = 2; n <= points; n++)
        [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      slope = (points * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return [x, 2 / ((1 - x * x) * slope * slope)] as const;
  });
}

const RULE = legendre(14);
/** Width of one panel of the rule in standard deviations of the smallest increment next to it. */
const PANEL = 3;
const INVERSE_ROOT_TWO_PI = 0.3989422804014327;

/** P(the walk goes on and its next score is above `score`). */
export function tailAbove(walk: Walk, information: number, score: number, drift = 0): number {
  const increment = information - walk.information;
  const deviation = Math.sqrt(increment);
  let total = 0;
  // From the nearest score down, so that what is too far off to count is seen to be before its tail is computed.
  for (let j = walk.scores.length - 1; j >= 0; j--) {
    const z = (score - (walk.scores[j] ?? 0) - drift * increment) / deviation;
    const mass = walk.masses[j] ?? 0;
    if (z > 0 && mass * Math.exp((-z * z) / 2) <= 1e-18 * total) continue;
    total += mass * normalTail(z);
  }
  return total;
}

/** Density of the next score at `score`. */
export function densityAt(walk: Walk, information: number, score: number, drift = 0): number {
  const increment = information - walk.information;
  const scale = -0.5 / increment;
  const centre = score - drift * increment;
  let total = 0;
  for (let j = 0; j < walk.scores.length; j++) {
    const distance = centre - (walk.scores[j] ?? 0);
    total += (walk.masses[j] ?? 0) * Math.exp(distance * distance * scale);
  }
  return (total * INVERSE_ROOT_TWO_PI) / Math.sqrt(increment);
}

/**
 * The walk after a look at `information` whose |Z| stayed below `boundary`, on nodes fine enough for the look to come at
 * `next`. Nothing is kept beyond `reach` standard deviations around the drift.
 */
export function advance(
  walk: Walk,
  information: number,
  boundary: number,
  next: number,
  drift = 0,
  reach = 12,
): Walk {
  const root = Math.sqrt(information);
  const low = Math.max(-boundary * root, drift * information - reach * root);
  const high = Math.min(boundary * root, drift * information + reach * root);
  if (!(high > low)) return { information, scores: new Float64Array(), masses: new Float64Array() };
  const increment = information - walk.information;
  const finest = Math.sqrt(Math.min(increment, next - information));
  const panels = Math.ceil((high - low) / (PANEL * finest));
  const half = (high - low) / panels / 2;
  const scores = new Float64Array(panels * RULE.length);
  const masses = new Float64Array(panels * RULE.length);
  const scale = -0.5 / increment;
  const norm = INVERSE_ROOT_TWO_PI / Math.sqrt(increment);
  const far = (reach + 2) * Math.sqrt(increment);
  let first = 0;
  for (let node = 0; node < scores.length; node++) {
    const panel = Math.floor(node / RULE.length);
    const [x, weight] = RULE[RULE.length - 1 - (node % RULE.length)] ?? [0, 0];
    const score = low + half * (2 * panel + 1 + x);
    const centre = score - drift * increment;
    while (first < walk.scores.length && (walk.scores[first] ?? 0) < centre - far) first++;
    let density = 0;
    for (let j = first; j < walk.scores.length; j++) {
      const distance = centre - (walk.scores[j] ?? 0);
      if (distance < -far) break;
      density += (walk.masses[j] ?? 0) * Math.exp(distance * distance * scale);
    }
    scores[node] = score;
    masses[node] = half * weight * norm * density;
  }
  return { information, scores, masses };
}

/** Increments smaller than this share of the information would need too fine a grid. */
const LEAST_INCREMENT = 1e-6;

/** Throws unless the information is positive and rises at every look. */
export function requireRising(information: readonly number[]): void {
  let before = 0;
  for (const now of information) {
    if (!(now - before > LEAST_INCREMENT * now && Number.isFinite(now))) {
      throw new RangeError(
        `information has to be positive and to rise at every look: ${information.join(', ')}`,
      );
    }
    before = now;
  }
}

/** Probability that |Z| first reaches its boundary at this look, by the side on which it does. */
export interface Crossed {
  readonly upper: number;
  readonly lower: number;
}

/**
 * Probability of first crossing the two-sided boundaries |Z_k| >= boundaries[k], look by look, when Z_k is normal with
 * mean drift x sqrt(information[k]), variance 1 and correlation sqrt(I_j / I_k). With information as fractions of the
 * planned end, `drift` is effect / standard error at that end. Boundaries may be Infinity (no stopping at that look).
 * Power is the sum of `upper` for a positive drift; the sum of both at drift 0 is the type I error.
 *
 * Recursive integration over the score (Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19), by
 * composite Gauss-Legendre on the continuation region; absolute error under 1e-11.
 */
export function crossing(
  boundaries: readonly number[],
  information: readonly number[],
  drift: number,
): readonly Crossed[] {
  if (boundaries.length !== information.length) throw new RangeError('one boundary for each look');
  requireRising(information);
  let walk = START;
  return information.map((now, look) => {
    const boundary = boundaries[look] ?? 0;
    const root = Math.sqrt(now);
    const upper = tailAbove(walk, now, boundary * root, drift);
    const mirrored = {
      ...walk,
      scores: walk.scores.map((score) => -score).reverse(),
      masses: walk.masses.slice().reverse(),
    };
    const lower = tailAbove(mirrored, now, boundary * root, -drift);
    const next = information[look + 1];
    if (next !== undefined) walk = advance(walk, now, boundary, next, drift);
    return { upper, lower };
  });
}
