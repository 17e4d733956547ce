/** `Toy Story (1995)` -> name and year; year 0 where the title ends otherwise. */
export function titleAndYear(title: string): { name: string; year: number } {
  const match = /^(.*?)\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$/.exec(title);
  return match ? { name: match[1]!, year: Number(match[2]) } : { name: title.trim(), year: 0 };
}
