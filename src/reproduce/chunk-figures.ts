/** Milliseconds of wall time of one thread by what it did. */
export interface ChunkTimes {
  /** The past of the viewers, their candidate lists before the test. */
  prepare: number;
  rank: number;
  encode: number;
  copy: number;
  /** Viewers' behaviour, and lists made anew: the rest of the test's days. */
  simulate: number;
  /** The days after the test. */
  observe: number;
}

/** What a chunk came to; stored as its mark. */
export interface ChunkFigures {
  readonly viewers: number;
  readonly sessions: number;
  readonly requests: number;
  readonly observed: number;
  /** Of all outcomes: equal for equal runs. */
  readonly digest: string;
  readonly rows: number;
  /** Handed to COPY. */
  readonly bytes: number;
  readonly times: ChunkTimes;
}
