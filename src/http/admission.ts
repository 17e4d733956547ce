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
  /** Visitors under way at once: enough that work never runs out while some wait for the disk. */
  readonly places: number;
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

/**
 * A free place goes to the visitor that came last. When more come than can be served someone has to be refused, and those that have
 * waited longest are the likeliest to be given up by their clients: work for them would be lost, and first come, first served would
 * make everybody wait that long. While there are enough places nobody waits.
 *
 * A refusal costs a tenth of an answer or so. That it comes only after `waitMs` holds the connection of a client that would send again
 * at once: so many connections cost at most so many refusals in that time.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { places, waitMs, queue, now, onWait } = options;
  /** In order of arrival; what stands before `head` was refused. */
  let waiting: { readonly visitor: Visitor; readonly since: number }[] = [];
  let head = 0;
  let underWay = 0;
  let refused = 0;
  let sweeping: NodeJS.Timeout | undefined;

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
      } else if (waiting.length - head >= queue) {
        refuse(visitor);
      } else {
        waiting.push({ visitor, since: now() });
        sweeping ??= setInterval(sweep, SWEEP_MS).unref();
      }
    },
    leave() {
      underWay--;
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
    stats: () => ({ underWay, waiting: waiting.length - head, refused }),
  };
}
