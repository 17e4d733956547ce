/** What asks to be let in. */
export interface Visitor {
  /** Called at once, or when a place is free. */
  go(): void;
  /** Called instead when none was free in time. */
  refuse(): void;
  /** Whether nobody waits for the answer any more. */
  gone(): boolean;
}

export interface AdmissionStats {
  /** Visitors that may be under way now. */
  readonly places: number;
  readonly underWay: number;
  readonly waiting: number;
  /** Since the start. */
  readonly refused: number;
}

/** Keeps a process that is asked for more than it can do at what it can do. */
export interface Admission {
  enter(visitor: Visitor): void;
  /** One that was let in is done. */
  leave(): void;
  stats(): AdmissionStats;
}

export interface AdmissionOptions {
  /** Visitors under way at once, at least and at most: what is done in `WORK_MS`, as it went lately, lies between. */
  readonly places: { readonly least: number; readonly most: number };
  /** Longest wait for a place, ms. */
  readonly waitMs: number;
  /** Visitors that may wait; more are refused at once. */
  readonly queue: number;
  /** Monotonic clock, ms. */
  readonly now: () => number;
  /** Told how long one waited for its place, ms; not called for those that did not wait. */
  readonly onWait?: (ms: number) => void;
}

/** How often waiting visitors are looked at, ms. */
const SWEEP_MS = 25;
/** As much is let in as is done in this time: work never runs out while some of it waits for the disk, and none is let in to be late. */
const WORK_MS = 100;
/**
 * How fast it goes is counted over so long, ms; the best of the last WINDOWS in which somebody had to wait is what it can do. How few
 * came while everyone found a place says nothing of it.
 */
const WINDOW_MS = 1_000;
const WINDOWS = 10;

/**
 * A free place goes to the visitor that came last. When more come than can be served someone has to be refused, and those that have
 * waited longest are the likeliest to be given up by their clients: work for them would be lost, and first come, first served would
 * make everybody wait that long. While there are enough places nobody waits.
 *
 * A refusal costs a tenth of an answer or so. That it comes only after `waitMs` holds the connection of a client that would send again
 * at once: so many connections cost at most so many refusals in that time.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { waitMs, queue, now, onWait } = options;
  const { least, most } = options.places;
  let places = most;
  const windows: number[] = [];
  let windowStart = now();
  let done = 0;
  /** Whether somebody found no place since `windowStart`. */
  let full = false;
  /** In order of arrival; what stands before `head` was refused. */
  let waiting: { readonly visitor: Visitor; readonly since: number }[] = [];
  let head = 0;
  let underWay = 0;
  let refused = 0;
  let sweeping: NodeJS.Timeout | undefined;

  /** One more is done: as many places as the last full seconds have earned. */
  function count(): void {
    done++;
    const elapsed = now() - windowStart;
    if (elapsed < WINDOW_MS) return;
    const rate = done / elapsed;
    if (full || WORK_MS * rate > places) {
      windows.push(rate);
      if (windows.length > WINDOWS) windows.shift();
      places = Math.min(most, Math.max(least, Math.ceil(WORK_MS * Math.max(...windows))));
    }
    windowStart += elapsed;
    done = 0;
    full = head < waiting.length;
  }

  function refuse(visitor: Visitor): void {
    refused++;
    visitor.refuse();
  }

  function sweep(): void {
    const late = now() - waitMs;
    while (head < waiting.length && waiting[head]!.since <= late) refuse(waiting[head++]!.visitor);
    tidy();
  }

  /** Forgets what was refused, and stops to look when nobody waits. */
  function tidy(): void {
    if (head < waiting.length) {
      if (2 * head < waiting.length) return;
      waiting = waiting.slice(head);
    } else {
      waiting = [];
      clearInterval(sweeping);
      sweeping = undefined;
    }
    head = 0;
  }

  return {
    enter(visitor) {
      if (underWay < places) {
        underWay++;
        visitor.go();
        return;
      }
      full = true;
      if (waiting.length - head >= queue) {
        refuse(visitor);
      } else {
        waiting.push({ visitor, since: now() });
        sweeping ??= setInterval(sweep, SWEEP_MS).unref();
      }
    },
    leave() {
      underWay--;
      count();
      while (underWay < places && head < waiting.length) {
        const { visitor, since } = waiting.pop()!;
        if (visitor.gone()) continue;
        const waited = now() - since;
        if (waited >= waitMs) {
          refuse(visitor);
          continue;
        }
        underWay++;
        onWait?.(waited);
        visitor.go();
      }
      if (head > 0 || waiting.length === 0) tidy();
    },
    stats: () => ({ places, underWay, waiting: waiting.length - head, refused }),
  };
}
