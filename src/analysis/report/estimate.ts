/** An estimate that could not be made says why; it is never 0, 1 or NaN. */
export type Estimate =
  | {
      readonly ok: true;
      readonly estimate: number;
      readonly standardError: number;
      /** null: unbounded on that side. */
      readonly interval: readonly [number | null, number | null];
      /** What a reader must know of this interval: "unbounded: the control is not shown to differ from 0". */
      readonly note?: string;
    }
  | { readonly ok: false; readonly reason: string };
