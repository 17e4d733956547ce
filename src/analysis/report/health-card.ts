/** One check of the data behind a report. */
export interface HealthCard {
  readonly key:
    | 'sample-ratio'
    | 'crossed-units'
    /** Only where clicks over viewed impressions are measured. */
    | 'implausible-units'
    /** Only with covariates: whether the arms were alike before the experiment. */
    | 'balance'
    | 'late-events'
    | 'assignment'
    | 'latency'
    | 'fallback'
    | 'dead-letters'
    | 'power';
  readonly title: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly value: string;
  readonly threshold: string;
  readonly detail: string;
  readonly likelyCause: string;
}
