const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** Relative traffic by hour of the viewer's day: quiet nights, a full evening. */
const BY_HOUR = [
  0.5, 0.3, 0.2, 0.15, 0.15, 0.2, 0.35, 0.5, 0.6, 0.6, 0.65, 0.7, 0.85, 0.8, 0.8, 0.85, 1, 1.3, 1.7, 2.2, 2.5,
  2.3, 1.6, 0.9,
] as const;
/** Relative traffic by day of the week from Thursday, the day on which the epoch began. */
const BY_DAY = [0.9, 1.1, 1.3, 1.25, 0.9, 0.85, 0.85] as const;

/** Intensity summed up to each hour of a week, scaled so that a week has 168: the viewer's own clock. */
const CUMULATIVE = (() => {
  const sums = new Float64Array(169);
  for (let hour = 0; hour < 168; hour++)
    sums[hour + 1] = sums[hour]! + BY_HOUR[hour % 24]! * BY_DAY[Math.floor(hour / 24)]!;
  const scale = 168 / sums[168]!;
  return sums.map((sum) => sum * scale);
})();

/** Hours of ordinary traffic between the epoch and `at`: time as a homogeneous Poisson process would have it. */
function busyHours(at: number, utcOffset: number): number {
  const local = at + utcOffset * HOUR;
  const weeks = Math.floor(local / WEEK);
  const hours = (local - weeks * WEEK) / HOUR;
  const hour = Math.min(167, Math.floor(hours));
  const from = CUMULATIVE[hour]!;
  return weeks * 168 + from + (hours - hour) * (CUMULATIVE[hour + 1]! - from);
}

/** The inverse of `busyHours`. */
function clockTime(busy: number, utcOffset: number): number {
  const weeks = Math.floor(busy / 168);
  const rest = busy - weeks * 168;
  let low = 0;
  let high = 168;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (CUMULATIVE[middle]! <= rest) low = middle;
    else high = middle;
  }
  const hours = low + (rest - CUMULATIVE[low]!) / (CUMULATIVE[low + 1]! - CUMULATIVE[low]!);
  return weeks * WEEK + hours * HOUR - utcOffset * HOUR;
}

/** `hours` of ordinary traffic after `at`: nights and slow days stretch it, evenings shorten it. Epoch ms. */
export function later(at: number, hours: number, utcOffset: number): number {
  return clockTime(busyHours(at, utcOffset) + hours, utcOffset);
}

/** A moment on the day that is `days` after `startMs`, by the viewer's rhythm of that day; within [0, 1) day of it. */
export function atTimeOfDay(startMs: number, days: number, utcOffset: number, u: number): number {
  const from = startMs + Math.floor(days) * DAY;
  const first = busyHours(from, utcOffset);
  const last = busyHours(from + DAY, utcOffset);
  return Math.min(from + DAY - 1, Math.floor(clockTime(first + u * (last - first), utcOffset)));
}
