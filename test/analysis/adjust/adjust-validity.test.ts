import { describe, expect, it } from 'vitest';
import { estimateArms, type MomentKind } from '../../../src/analysis/adjust/adjust.ts';
import type { Centred } from '../../../src/analysis/centred.ts';
import { difference } from '../../../src/analysis/estimate/effect.ts';
import { centredOf } from '../../../src/analysis/numbers/summation.ts';
import { errorOf, holds, normal, uniform } from '../draws.ts';

interface World {
  readonly kind: MomentKind;
  readonly units: number;
  readonly shift: number;
  readonly strata: number;
}

/** A unit: its stratum and its columns y, x, z. Its taste is in y and, with noise, in what was seen before. */
function person({ kind, strata }: World, treated: number, random: () => number) {
  const stratum = Math.floor(random() * strata);
  const taste = normal(random);
  const z = Math.exp(0.5 * (taste + 0.6 * normal(random)));
  const level = 0.6 * taste + 0.8 * stratum + 0.4 * normal(random);
  if (kind === 'mean') return { stratum, columns: [Math.exp(level) + treated, 1, z] };
  if (kind === 'proportion') {
    return { stratum, columns: [random() < 1 / (1 + Math.exp(1 - 2 * level)) ? 1 : 0, 1, z] };
  }
  const x = Math.ceil(Math.exp(1 + 0.5 * normal(random)));
  return { stratum, columns: [x * (Math.exp(level) + treated), x, z] };
}

function armsOf(world: World, random: () => number): readonly (readonly Centred[])[] {
  const columns = Array.from({ length: world.strata }, () => [0, 1].map(() => [[], [], []] as number[][]));
  for (let unit = 0; unit < world.units; unit++) {
    const arm = random() < 0.5 ? 1 : 0;
    const { stratum, columns: own } = person(world, arm * world.shift, random);
    for (const [i, v] of own.entries()) columns[stratum]?.[arm]?.[i]?.push(v);
  }
  return columns.map((arms) => arms.map(centredOf));
}

const RUNS = 500;

describe(`covariates and strata over ${RUNS} seeded experiments on skewed units`, () => {
  it.each([
    { kind: 'mean', units: 400, shift: 0, strata: 1 },
    { kind: 'mean', units: 400, shift: 0.3, strata: 3 },
    { kind: 'proportion', units: 400, shift: 0, strata: 1 },
    { kind: 'proportion', units: 400, shift: 0, strata: 3 },
    { kind: 'ratio', units: 400, shift: 0, strata: 1 },
    { kind: 'ratio', units: 400, shift: 0.3, strata: 3 },
    { kind: 'mean', units: 40, shift: 0, strata: 1 },
  ] as const)('$kind, $units units, $strata strata, shift $shift: 95 % intervals hold the truth', (world) => {
    const random = uniform(20_261_001);
    let held = 0;
    const reductions: number[] = [];
    let narrower = 0;
    for (let run = 0; run < RUNS; run++) {
      const found = estimateArms(world.kind, armsOf(world, random));
      if (!found.ok) throw new Error(found.reason);
      const { arms, adjustment } = found.value;
      const [c, t] = arms;
      const effect = t && c && difference(t, c, 'adjusted');
      if (!effect?.ok) throw new Error('no effect');
      if (holds(effect.value, world.shift)) held += 1;
      const reduction = adjustment?.reduction(1, 0) ?? 0;
      reductions.push(reduction);
      if (reduction > 0) narrower += 1;
    }
    const rate = held / RUNS;
    const reduction = reductions.reduce((a, b) => a + b, 0) / RUNS;
    // Skew makes intervals of small samples a little conservative or liberal; 4 Monte Carlo errors.
    expect(Math.abs(rate - 0.95)).toBeLessThan(4 * errorOf(0.95, RUNS));
    expect(reduction).toBeGreaterThan(0.05);
    expect(narrower / RUNS).toBeGreaterThan(0.9);
  });

  it.each([0.3, 0.6, 0.9])('a covariate with correlation %s takes its square off the variance', (rho) => {
    const random = uniform(7);
    const n = 20_000;
    const arm = () => {
      const z = Array.from({ length: n }, () => normal(random));
      const y = z.map((v) => rho * v + Math.sqrt(1 - rho * rho) * normal(random));
      return centredOf([y, new Array<number>(n).fill(1), z]);
    };
    const found = estimateArms('mean', [[arm(), arm()]]);
    const reduction = found.ok ? (found.value.adjustment?.reduction(0, 1) ?? 0) : 0;
    // Standard error of a squared correlation, 2 rho (1 - rho^2) / sqrt(2 n).
    expect(Math.abs(reduction - rho * rho)).toBeLessThan((4 * 2 * rho * (1 - rho * rho)) / Math.sqrt(2 * n));
  });
});
