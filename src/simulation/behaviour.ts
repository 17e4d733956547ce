/** How viewers behave once relevance is given. All arms share these numbers: an effect can only come from the slate. */
export interface Behaviour {
  /** Share of sessions that also open the browse page. */
  readonly browseShare: number;
  /** P(play | click) is `playLeast` for what would not please at all and 1 for what would please fully. */
  readonly playLeast: number;
  /** Chance that a session came for something: the series in progress, or a title known from outside. */
  readonly intent: number;
  /** Of those who came for something and have a series in progress, the share who came for it. */
  readonly resume: number;
  /** Chance to begin the next episode after one that was watched to the end by someone fully pleased. */
  readonly nextEpisode: number;
  /** Median minutes a session may last before patience and device. */
  readonly budgetMinutes: number;
  /** What is left of the attraction of a film already seen. */
  readonly seenAttraction: number;
  /** Share of the attraction of a genre that is lost when a viewer is fully sated with it: appetite for variety. */
  readonly satiation: number;
  /** Hours of fully pleasing watching of what was found on a page after which a session's utility is 63 % of its most. */
  readonly joyHours: number;
  /** Share of the latest session in the moving average of utility that is a viewer's mood. */
  readonly moodWeight: number;
  /** The mood in which a viewer comes at their own ordinary rate, and in which all begin. */
  readonly moodReference: number;
  /** Log change of the session rate per unit of mood above the reference. */
  readonly moodRate: number;
  /** Chance that a session leaves something to come back for within days: `hook` x utility ^ `hookPower`. */
  readonly hook: number;
  readonly hookPower: number;
  /** Mean hours, beyond the first day, until one comes back for it. */
  readonly hookHours: number;
  /** Chance per session to cancel for a viewer of mood 0; falls to 0 as mood rises to 1. */
  readonly cancel: number;
  readonly crash: number;
  readonly supportTicket: number;
  /** Chance that a play is a rental, and its price in minor units. */
  readonly rental: number;
  readonly rentalPrice: number;
  /** Mean milliseconds of buffering a play. */
  readonly bufferingMs: number;
}
