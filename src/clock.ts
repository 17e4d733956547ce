/** A clock that runs with the system's, from wherever it was last set. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  set(at: number): void;
}

export function createClock(): Clock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    set(at) {
      offset = at - Date.now();
    },
  };
}
