import { readFileSync } from 'node:fs';

/** Nanoseconds per call: the median of `rounds` timed rounds after a warm-up. `call(i)` must return something it computed. */
export function nanosecondsPerCall(call, { calls = 400_000, rounds = 7 } = {}) {
  let sink = 0;
  const round = () => {
    const started = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) sink += call(i) ? 1 : 0;
    return Number(process.hrtime.bigint() - started) / calls;
  };
  round();
  const times = Array.from({ length: rounds }, round).sort((a, b) => a - b);
  if (sink === 0) throw new Error('the measured call computed nothing');
  return times[rounds >> 1];
}

/** Fields of a process from its state on, as Linux tells them. */
export const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');

const ticks = (fields, from, to) => fields.slice(from, to).reduce((sum, text) => sum + Number(text), 0) / 100;

/** CPU seconds that one process used so far, to the hundredth. */
export const cpuSecondsOf = (pid) => ticks(statOf(pid), 11, 13);

/** The same with those of its children that ended. */
export const cpuSecondsWithEnded = (pid) => ticks(statOf(pid), 11, 15);

/** Value at quantile q of numbers, by nearest rank. */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
  return ['```', ...lines, '```'].join('\n');
}

export const section = (title) => console.log(`\n## ${title}\n`);
