import type { PreferenceAggregates } from '../aggregates.ts';
import type { Result } from '../estimate/effect.ts';
import { seeded } from '../numbers/seeded.ts';
import type { Estimate } from '../report/estimate.ts';
import type { InterleavingReport } from './interleaving-report.ts';
import { creditDifference, preference, preferenceBootstrap } from './preference.ts';

const CREDIT =
  'Team draft: a click is credited to the ranker that placed the title; each unit has one vote, for the ranker it credited more.';
const SEED = 1;

type Figure = Omit<Estimate & { readonly ok: true }, 'ok' | 'note'>;

function shown(found: Result<Figure>): Estimate {
  if (!found.ok) return found;
  const { estimate, standardError, interval } = found.value;
  return { ok: true, estimate, standardError, interval };
}

/** Which ranker units prefer: the sign test judges; the per-unit t interval and the bootstrap stand beside it. */
export function judgeInterleaving(sums: PreferenceAggregates, alpha: number): InterleavingReport {
  const { variants, impressions, n, firstWins, ties, secondWins, histogram } = sums;
  const result = preference(firstWins, secondWins, alpha);
  const again = histogram ? preferenceBootstrap(histogram, seeded(SEED), { alpha }) : undefined;
  const p = result.ok ? Math.max(result.value.p, Number.MIN_VALUE) : null;
  return {
    variants,
    impressions,
    units: n,
    firstWins,
    ties,
    secondWins,
    credit: CREDIT,
    preference: shown(result),
    p,
    ...(result.ok ? { pNormal: Math.max(result.value.pNormal, Number.MIN_VALUE) } : {}),
    winner:
      result.ok && p !== null && p <= alpha ? (result.value.estimate > 0 ? variants[1] : variants[0]) : null,
    ...(result.ok ? { creditDifference: shown(creditDifference(n, sums.d, sums.dd, alpha)) } : {}),
    ...(again?.ok
      ? {
          bootstrap: {
            preference: shown(again.value.preference),
            creditDifference: shown(again.value.creditDifference),
            resamples: again.value.resamples,
          },
        }
      : {}),
  };
}
