import type { AgeGroup, Catalogue, Device } from '../ranking/catalogue.ts';

/** Who a viewer is: what a platform could know of them, and the temper that it cannot. */
export interface ViewerTraits {
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly ageGroup: AgeGroup;
  /** The device of most sessions, and the one of the others. */
  readonly devices: readonly [Device, Device];
  /** Hours to add to UTC for the viewer's clock. */
  readonly utcOffset: number;
  /** Sessions a week while moods are ordinary. */
  readonly sessionsPerWeek: number;
  /** Scales how long a session may last: 1 for the typical viewer. */
  readonly patience: number;
}

/**
 * What is true of viewers and titles. Everything a session does follows from it, from the slate that was shown and
 * from counter-based random numbers; it knows nothing of recommenders, experiments and arms.
 */
export interface World {
  readonly name: string;
  readonly seed: number;
  readonly catalogue: Catalogue;
  /** Share of organic watches before taste, by catalogue row; sums to 1. */
  readonly popularity: Float64Array;
  readonly viewerCount: number;
  /** External id by viewer row: the unit of an experiment. */
  readonly unitIds: readonly string[];
  traits(viewer: number): ViewerTraits;
  /** P(click | the title was examined), in [0, 1]. */
  attraction(viewer: number, title: number): number;
  /** How well a title that was begun pleases, in [0, 1]: what watch time and return follow from. */
  satisfaction(viewer: number, title: number): number;
  /**
   * A title the viewer would choose unprompted (search, word of mouth); -1 for none.
   * @param key  the occasion: the same key gives the same title
   */
  choose(viewer: number, key: number): number;
}
