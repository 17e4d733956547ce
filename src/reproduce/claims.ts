import type { Report } from '../analysis/report/report.ts';
import type { EvaluationReport } from '../cli/evaluate-all.ts';
import type { Measure } from '../ranking/evaluate.ts';
import type { BusinessFigure, ClaimRow, ClaimTable } from './claim-table.ts';
import { coldClaim } from './cold-claim.ts';
import { deploymentClaims } from './deployment-claims.ts';
import type { KeptUnits } from './kept-units.ts';
import { near } from './near.ts';
import type { PublishedTableRow } from './published-rows.ts';

/** Users of the service, as published. */
const USERS = 8_000_000;
/** +3 pp of 8 million are 240,000; the published 120,000 count every second one as a subscription. */
const SUBSCRIPTIONS = 120_000 / (0.03 * USERS);
/** Dollars a month, months. */
const PRICE = 12;
const MONTHS = 12;

/**
 * @param ladder  the ladder's offline figures, with rows `mf-only`, `hybrid`, `reranked` and the source `content`
 * @param users   of the test
 * @param units   viewers who lived through both arms
 */
export function claimTable(
  ladder: EvaluationReport,
  report: Report,
  published: readonly PublishedTableRow[],
  variant: string,
  users: number,
  units: KeptUnits,
): ClaimTable {
  const offline = (name: string, measure: Measure) =>
    ladder.rows.find((row) => row.name === name)?.measures[measure];
  const figure = (claim: string, name: string, measure: Measure, expected: number): ClaimRow => {
    const found = offline(name, measure);
    if (found?.value == null)
      return {
        claim,
        published: expected.toFixed(2),
        ours: '-',
        state: 'not comparable',
        why: 'not measured here',
      };
    const interval =
      found.interval === null ? '' : ` [${found.interval.map((end) => end.toFixed(3)).join(', ')}]`;
    return {
      claim,
      published: expected.toFixed(2),
      ours: `${found.value.toFixed(3)}${interval}`,
      state: near(found.value, expected),
      why: `of ${name}, on the next choices of ${ladder.users} viewers`,
    };
  };
  const share = (
    claim: string,
    key: string,
    text: string,
    expected: number | null,
    why: string,
  ): ClaimRow => {
    const value = report.metrics
      .find((metric) => metric.key === key)
      ?.arms.find(({ arm }) => arm === variant)?.value;
    if (value == null)
      return { claim, published: text, ours: '-', state: 'not comparable', why: 'not measured here' };
    return {
      claim,
      published: text,
      ours: `${(100 * value).toFixed(1)} %`,
      state: expected === null ? 'not comparable' : near(value, expected),
      why,
    };
  };
  const genres = published.find(({ metric }) => metric === 'genres_per_week')?.ours;
  const auc = ladder.training.twoTower.auc;
  const p95 = report.metrics
    .find(({ key }) => key === 'latency_p95_ms')
    ?.arms.find(({ arm }) => arm === variant)?.value;
  return {
    judged: ladder.users,
    rows: [
      figure('matrix factorisation alone, Recall@20', 'mf-only', 'recall20', 0.28),
      figure('content alone, Recall@20', 'content', 'recall20', 0.19),
      figure('hybrid, Recall@20', 'hybrid', 'recall20', 0.35),
      figure('hybrid, NDCG@20', 'hybrid', 'ndcg20', 0.34),
      figure('+ neural re-ranking, NDCG@20', 'reranked', 'ndcg20', 0.41),
      {
        claim: 're-ranker AUC, watch or no watch',
        published: '0.76',
        ours: auc === null ? '-' : auc.toFixed(3),
        state: auc === null ? 'not comparable' : near(auc, 0.76),
        why: 'on later impressions of the pre-period',
      },
      {
        claim: 'diversity, genres a week',
        published: '2.30 to 3.10',
        ours:
          genres?.control == null || genres.treatment === null
            ? '-'
            : `${genres.control.toFixed(2)} to ${genres.treatment.toFixed(2)}`,
        state: genres?.change == null ? 'not comparable' : near(1 + genres.change, 3.1 / 2.3),
        why: 'of the whole treatment, as table 1 has it',
      },
      share(
        '20 % exploration, long-tail views',
        'long_tail_share',
        '+40 %',
        null,
        'the share of slots that long-tail titles fill in the treatment; views of them are no declared metric',
      ),
      coldClaim(units),
      share(
        'catalogue recommended',
        'catalogue_coverage',
        '82 % in 7 days',
        null,
        'in the whole test, to as many viewers as each arm has at most in the sample; published is 7 days of all users',
      ),
      {
        claim: 'p95 of a request',
        published: '227 ms',
        ours: p95 == null ? '-' : `${p95.toFixed(0)} ms`,
        state: 'not comparable',
        why: 'a batch of the test ranked in process; `npm run bench` measures requests one at a time',
      },
      ...deploymentClaims(report, published, users, variant),
    ],
    business: businessFigure(published),
  };
}

/** Subscribers kept by the measured change of 30-day retention, and what they pay in a year. */
function businessFigure(published: readonly PublishedTableRow[]): BusinessFigure | null {
  const ours = published.find(({ metric }) => metric === 'retention_30d')?.ours;
  if (ours?.change == null || ours.fixed === null) return null;
  const kept = (change: number) => USERS * change * SUBSCRIPTIONS;
  const paid = (change: number | null) => (change === null ? null : kept(change) * PRICE * MONTHS);
  return {
    subscribers: kept(ours.change),
    dollars: kept(ours.change) * PRICE * MONTHS,
    interval: { low: paid(ours.fixed.low), high: paid(ours.fixed.high) },
  };
}
