import { activityOf } from '../viewers.ts';
import type { ClaimRow } from './claim-table.ts';
import type { KeptUnits } from './kept-units.ts';
import { near } from './near.ts';

const [COLD, WARM] = [0.15, 0.24];

/** Click-through rates of those who had watched hardly anything and of all others, in the treatment. */
export function coldClaim({ treatment, watchesBefore }: KeptUnits): ClaimRow {
  const rate = (cold: boolean) => {
    let [clicks, viewed] = [0, 0];
    for (let unit = 0; unit < treatment.units; unit++) {
      if ((activityOf(watchesBefore[unit]!) === 'new') !== cold) continue;
      for (let cell = unit * treatment.days; cell < (unit + 1) * treatment.days; cell++) {
        clicks += treatment.clicks[cell]!;
        viewed += treatment.viewed[cell]!;
      }
    }
    return clicks / viewed;
  };
  const [cold, warm] = [rate(true), rate(false)];
  const known = Number.isFinite(cold) && Number.isFinite(warm);
  const both = near(cold, COLD) === 'reproduced' && near(warm, WARM) === 'reproduced';
  return {
    claim: 'CTR of cold users against warm ones',
    published: '15 % against 24 %',
    ours: known ? `${(100 * cold).toFixed(1)} % against ${(100 * warm).toFixed(1)} %` : '-',
    state: !known ? 'not comparable' : both ? 'reproduced' : 'not reproduced',
    why: 'of those with under 5 watches before the test and of all others, in the treatment; with the published 24.1 % of all users the two published figures leave no room for cold ones',
  };
}
