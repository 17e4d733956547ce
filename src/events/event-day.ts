const DAY_MS = 86_400_000;

/**
 * UTC day (days since 1970-01-01) of the partition a record belongs to: that of its UUIDv7's own time, when the id is
 * one and lies within a day of `at`; else that of `at`. Either way the day is at most one off the day of `at`, so
 * reading by time needs only the neighbouring partitions, and a client that sends a wild id makes no wild partition.
 *
 * @param id UUID in the usual text form
 * @param at the record's own, immutable time, epoch ms; never the time of receipt
 */
export function eventDay(id: string, at: number): number {
  const day = Math.floor(at / DAY_MS);
  if (id[14] !== '7') return day;
  const own = Math.floor(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) / DAY_MS);
  return Math.abs(own - day) <= 1 ? own : day;
}

let last = { day: 0, text: '1970-01-01' };

/** `YYYY-MM-DD` of a day counted from 1970-01-01. Neighbouring records mostly share it, so the last one is kept. */
export function dayText(day: number): string {
  if (last.day !== day) last = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10) };
  return last.text;
}
