import type { ClickModelName } from '../../simulation/click-model.ts';

/** A number of users with the 95 % interval of the bootstrap over viewers; null: no number of users would do. */
export interface Needed {
  readonly users: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What one click model says. */
export interface SensitivityRow {
  readonly clickModel: ClickModelName;
  /** Of each metric an A/B test could judge: the relative effect, the users it needs, and how many times as many as interleaving. */
  readonly tests: readonly {
    readonly metric: string;
    readonly effect: number;
    readonly needed: Needed;
    readonly ratio: Needed;
  }[];
  readonly interleaving: {
    /** Share of the viewers who prefer one of the two. */
    readonly decided: number;
    /** Of these, share who prefer the second. */
    readonly preferred: number;
    readonly needed: Needed;
  };
}

/** Table 5. */
export interface SensitivityTable {
  readonly control: string;
  readonly treatment: string;
  /** Who lived through the week in either arm and with interleaved lists. */
  readonly viewers: number;
  readonly days: number;
  readonly power: number;
  readonly alpha: number;
  readonly resamples: number;
  readonly rows: readonly SensitivityRow[];
}
