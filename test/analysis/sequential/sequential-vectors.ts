import { readFileSync } from 'node:fs';
import type { Spending } from '../../../src/declarations.ts';

type Row = readonly number[];

/** Answers of rpact and R: `command` in the file says how they were made. */
export const sequential: {
  readonly classical: readonly { shape: Spending; looks: number; alpha: number; boundaries: Row }[];
  readonly spending: readonly {
    shape: Spending;
    information: Row;
    alpha: number;
    boundaries: readonly (number | null)[];
    spent: Row;
  }[];
  readonly repeated: readonly { shape: Spending; information: Row; look: number; z: number; p: number }[];
  readonly crossings: readonly {
    information: Row;
    boundaries: Row;
    drift: number;
    upper: Row;
    lower: Row;
  }[];
  readonly seconds: readonly { shape: Spending; information: Row; alpha: number; boundary: number }[];
  readonly powers: readonly {
    information: Row;
    shape: Spending;
    drift: number;
    power: number;
    cumulative: Row;
  }[];
  readonly mixtureT: readonly {
    n: number;
    plannedUnits: number;
    alpha: number;
    df: number;
    statistic: number;
    logP: number;
    critical: number | null;
  }[];
  readonly ratios: readonly {
    mixing: number;
    n: Row;
    estimate: Row;
    standardError: Row;
    logLikelihoodRatio: Row;
    p: Row;
  }[];
} = JSON.parse(readFileSync(new URL('../../cases/sequential.json', import.meta.url), 'utf8'));
