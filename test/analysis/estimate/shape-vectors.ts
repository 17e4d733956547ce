import { readFileSync } from 'node:fs';

/** numpy's and scipy's answers: `command` in the file says how they were made. */
export interface ShapeVectors {
  readonly quantiles: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly clusters: readonly number[];
    readonly q: number;
    readonly value: number;
    readonly units: number;
    readonly atOrUnder: number;
    readonly density: number;
    readonly standardError: number;
  }[];
  readonly caps: readonly {
    readonly q: number;
    readonly arms: readonly (readonly number[])[];
    readonly cap: number;
    readonly sums: readonly number[];
    readonly capped: readonly number[];
  }[];
  readonly skews: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly skewness: number;
    readonly zeros: number;
  }[];
  readonly novelty: readonly {
    readonly arms: readonly (readonly (readonly [number, number])[])[];
    readonly estimate: number;
    readonly standardError: number;
    readonly statistic: number;
    readonly p: number;
  }[];
}

export const shapeVectors: ShapeVectors = JSON.parse(
  readFileSync(new URL('../../cases/shape.json', import.meta.url), 'utf8'),
);

/** Why something was refused; '' if it was not. */
export const reasonOf = (result: { readonly ok: boolean; readonly reason?: string }): string =>
  result.reason ?? '';
