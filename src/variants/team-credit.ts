import type { Slate } from './stage.ts';

/**
 * Team-draft credit of the clicks on one interleaved slate: slots of the second ranker that were clicked less those of the
 * first. Several clicks on one slot count once; a title that the slate does not hold counts nothing.
 */
export function teamCredit({ titles, teams }: Slate, clicked: Iterable<number>): number {
  let difference = 0;
  for (const title of new Set(clicked)) {
    const team = teams?.[titles.indexOf(title)];
    if (team === 0) difference--;
    else if (team === 1) difference++;
  }
  return difference;
}
