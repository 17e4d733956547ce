import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Value at quantile q of numbers, by nearest rank; undefined of none. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

/** Milliseconds until `holds()` answers with true. @throws after `ms`, naming what was waited for */
export async function until(what, ms, holds, pauseMs = 20) {
  const started = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - started;
    if (performance.now() - started > ms) throw new Error(`${what}: not within ${ms / 1000} s`);
    await sleep(pauseMs);
  }
}

/** @throws what a fault must not change */
export function demand(holds, what) {
  if (!holds) throw new Error(what);
}
