import { formatCount, formatP } from '../../../src/analysis/report/format.ts';
import type { Report } from '../../../src/analysis/report/report.ts';
import type { Tone } from './mark.ts';

type Result = NonNullable<Report['interleaving']>;

export function preferenceSummary(result: Result): string {
  const [first, second] = result.variants;
  const base = `${formatCount(result.units)} users saw ${formatCount(result.impressions)} mixed lists of ${first} and ${second}`;
  const end =
    result.winner === null
      ? 'neither is preferred clearly'
      : `${result.winner} is preferred (p ${formatP(result.p)})`;
  return `${base}; ${end}. Credit: ${result.credit}.`;
}

/** The interval is drawn as a win only where the test names a winner. */
export function preferenceTone(result: Result): Tone {
  if (result.winner === null) return 'inconclusive';
  return result.winner === result.variants[1] ? 'better' : 'worse';
}
