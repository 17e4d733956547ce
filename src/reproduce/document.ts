import type { Report } from '../analysis/report/report.ts';
import type { ChunkTimes } from './chunk-figures.ts';
import type { ClaimTable } from './claim-table.ts';
import type { CoverageTable } from './coverage-table.ts';
import type { Plan } from './plan.ts';
import type { FaultTable } from './planted/fault-table.ts';
import type { PublishedTableRow } from './published-rows.ts';
import type { SegmentTruthRow } from './segment-truths.ts';
import type { SensitivityTable } from './sensitivity/sensitivity-table.ts';

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

export interface PhaseTime {
  readonly name: string;
  readonly seconds: number;
  /** Processor time of this process; that of Postgres is not in it. */
  readonly coreSeconds: number;
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
  readonly phases: readonly PhaseTime[];
  /** Most that this process held at once, bytes. */
  readonly memory: number;
  readonly test: TestFigures;
  readonly http: HttpCheck;
  /** Viewers who lived through both arms. */
  readonly truthUsers: number;
  readonly published: readonly PublishedTableRow[];
  /** Table 1 by segment: what is true and what the report says. */
  readonly segments: readonly SegmentTruthRow[];
  /** Null where the table was not asked for. */
  readonly claims: ClaimTable | null;
  readonly coverage: CoverageTable | null;
  readonly faults: FaultTable | null;
  readonly sensitivity: SensitivityTable | null;
  readonly verdict: Report['verdict'];
  readonly health: Report['health'];
  /** SHA-256 of what the same plan gives every time: tables without times. */
  readonly hash: string;
}
