/** Reports how far a long step is: `done` of `total` units. */
export type Progress = (done: number, total: number) => void;

/** Names the phases of a command on standard error and keeps their times. */
export interface ProgressReporter {
  /** Runs one phase; its line shows n of N, rate and time left while it runs, and its duration when it ends. */
  phase<Result>(name: string, unit: string, run: (progress: Progress) => Promise<Result>): Promise<Result>;
  note(text: string): void;
}

const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 120;

const seconds = (ms: number): string =>
  ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;

/** Progress on a terminal redraws one line; elsewhere one line is printed every ten seconds, so that logs stay short. */
export function createProgressReporter(
  stream: NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): ProgressReporter {
  const live = stream.isTTY === true;
  const clear = live ? '\r\u001b[2K' : '';

  return {
    async phase(name, unit, run) {
      const started = now();
      let drawn = live ? Number.NEGATIVE_INFINITY : started;
      const progress: Progress = (done, total) => {
        const at = now();
        if (at - drawn < (live ? REDRAW_EVERY_MS : LINE_EVERY_MS) || total <= 0) return;
        drawn = at;
        const share = Math.min(1, done / total);
        const left = share > 0 ? ((at - started) * (1 - share)) / share : 0;
        const rate = Math.round(done / Math.max(0.001, (at - started) / 1000));
        const text = `  ${name}: ${Math.round(done).toLocaleString('en')} of ${Math.round(total).toLocaleString('en')} ${unit}, ${rate.toLocaleString('en')}/s, ${seconds(left)} left`;
        stream.write(live ? `${clear}${text}` : `${text}\n`);
      };
      if (live) stream.write(`${clear}  ${name} ...`);
      try {
        const result = await run(progress);
        stream.write(`${clear}  ${name}: ${seconds(now() - started)}\n`);
        return result;
      } catch (error) {
        stream.write(`${clear}  ${name}: failed after ${seconds(now() - started)}\n`);
        throw error;
      }
    },
    note(text) {
      stream.write(`${clear}${text}\n`);
    },
  };
}
