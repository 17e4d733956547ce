import { createHash } from 'node:crypto';
import type { Report } from '../analysis/report/report.ts';
import type { Plan } from './plan.ts';
import type { PublishedTableRow } from './published-rows.ts';
import type { ChunkTimes } from './run-chunk.ts';

/** What the test itself came to. */
export interface TestFigures {
  readonly users: number;
  readonly sessions: number;
  readonly requests: number;
  /** Session starts seen after the test. */
  readonly observed: number;
  readonly rows: number;
  /** Handed to COPY. */
  readonly bytes: number;
  /** Of all outcomes, by chunk. */
  readonly digest: string;
  /** Milliseconds of all threads by what they did; of chunks of earlier runs too. */
  readonly times: ChunkTimes;
}

/** The same requests in process and over HTTP. */
export interface HttpCheck {
  readonly users: number;
  readonly requests: number;
  readonly outcomes: number;
  readonly exposures: number;
}

/** All that `screentest reproduce` prints, as one versioned document. */
export interface ReproductionDocument {
  readonly schema: 'screentest/reproduction/v1';
  readonly environment: string;
  readonly plan: Plan;
  readonly machine: string;
  readonly experiment: string;
  readonly variant: string;
  /** In the order in which they ran in the last process; an earlier one's are not known. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly test: TestFigures;
  readonly http: HttpCheck;
  readonly published: readonly PublishedTableRow[];
  readonly verdict: Report['verdict'];
  readonly health: Report['health'];
  /** SHA-256 of what the same plan gives every time: tables without times. */
  readonly hash: string;
}

/** Of the tables, in which no clock has a say. */
export function contentHash(
  document: Pick<ReproductionDocument, 'plan' | 'published' | 'test' | 'http'>,
): string {
  const { plan, published, http } = document;
  const { times, ...test } = document.test;
  return createHash('sha256').update(JSON.stringify({ plan, published, test, http })).digest('hex');
}
