import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Moments } from '../../src/analysis/aggregates.ts';

interface Effect {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
  readonly statistic: number;
  readonly p: number;
  readonly interval: readonly [number, number];
}
interface Count {
  readonly successes: number;
  readonly trials: number;
}
interface Arm {
  readonly value: number;
  readonly variance: number;
  readonly n: number;
}

/** R's answers: `command` in the file says how they were made. */
export const vectors: {
  readonly tails: readonly { distribution: string; at: number; df: number; p: number }[];
  readonly quantiles: readonly { distribution: string; at: number; df: number; p: number }[];
  readonly means: readonly (Effect & { name: string; treatment: Moments; control: Moments })[];
  readonly ratios: readonly (Effect & { name: string; treatment: Moments; control: Moments })[];
  readonly lifts: readonly { treatment: Arm; control: Arm; estimate: number; standardError: number }[];
  readonly proportions: readonly (Omit<Effect, 'df'> & { treatment: Count; control: Count })[];
  readonly scores: readonly (Count & { interval: readonly [number, number] })[];
  readonly preferences: readonly {
    firstWins: number;
    secondWins: number;
    p: number;
    pNormal: number;
    interval: readonly [number, number];
  }[];
  readonly credit: Effect & { n: number; d: number; dd: number };
  readonly clustered: { value: number; moments: Moments; density: number; standardError: number };
  readonly sequences: readonly {
    n: number;
    plannedUnits: number;
    alpha: number;
    statistic: number;
    critical: number;
    p: number;
  }[];
} = JSON.parse(readFileSync(new URL('../cases/statistics.json', import.meta.url), 'utf8'));

/** Relative agreement; `floor` is the size under which the absolute difference counts instead. */
export function expectNear(actual: number, expected: number, relative = 1e-9, floor = 0): void {
  const off = Math.abs(actual - expected) / Math.max(Math.abs(expected), floor, Number.MIN_VALUE);
  expect(actual === expected ? 0 : off, `${actual} against ${expected}`).toBeLessThanOrEqual(relative);
}
