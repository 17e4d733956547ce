/** Why a unit is, or is not, in an experiment. */
export type AssignmentReason =
  | 'assigned'
  | 'forced'
  | 'not-targeted'
  | 'outside-ramp'
  | 'layer-taken'
  | 'holdout'
  | 'not-started'
  | 'ended'
  | 'stopped'
  | 'exposure-unavailable';

/** What assignment says of one experiment for one unit. A value: computing it has no side effects. */
export interface Assignment {
  readonly experiment: string;
  readonly iteration: number;
  /** Null unless the reason is `assigned` or `forced`. */
  readonly variant: string | null;
  readonly reason: AssignmentReason;
  /** Row of the ramp phase in force, -1 before the start. */
  readonly phase: number;
}

/** Attributes of user and request that targeting may test. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
