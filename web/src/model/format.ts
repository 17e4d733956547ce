const days = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

/** `1 Oct 2026`, of the UTC day. */
export const formatDay = (iso: string): string => days.format(new Date(iso));

/** A fraction as a short label of a scale: `+10 %`. */
export function formatTick(fraction: number): string {
  const percent = Number((fraction * 100).toFixed(2));
  return percent === 0 ? '0' : `${percent > 0 ? '+' : ''}${percent} %`;
}
