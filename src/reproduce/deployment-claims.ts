import type { Report } from '../analysis/report/report.ts';
import type { ClaimRow } from './claim-table.ts';
import { near } from './near.ts';
import type { PublishedTableRow } from './published-rows.ts';

/** Users of the other deployment that was published. */
const USERS = 1_000_000;
const NAME = 'another deployment, 1M simulated users';

/** What it claims, beside what this run shows: of its size only with `--users 1000000`. */
export function deploymentClaims(
  report: Report,
  published: readonly PublishedTableRow[],
  users: number,
  variant: string,
): ClaimRow[] {
  const value = (key: string) =>
    report.metrics.find((metric) => metric.key === key)?.arms.find(({ arm }) => arm === variant)?.value ??
    null;
  const size = `${users.toLocaleString('en')} users here${users < USERS ? '; `--users 1000000` is its size' : ''}`;
  const watch = published.find(({ metric }) => metric === 'watch_hours_per_week')?.ours.change ?? null;
  const fallback = value('fallback_rate');
  const p95 = value('latency_p95_ms');
  return [
    {
      claim: `${NAME}: watch time`,
      published: '+15 %',
      ours: watch === null ? '-' : `${watch < 0 ? '-' : '+'}${Math.abs(100 * watch).toFixed(1)} %`,
      state: watch === null || users < USERS ? 'not comparable' : near(watch, 0.15),
      why: `of this treatment, ${size}`,
    },
    {
      claim: `${NAME}: availability`,
      published: '99.9 %',
      ours: fallback === null ? '-' : `${(100 * (1 - fallback)).toFixed(3)} %`,
      state: 'not comparable',
      why: `slates that no fallback had to fill, ${size}; nothing was made to fail here, \`npm run faults\` measures outages`,
    },
    {
      claim: `${NAME}: answered`,
      published: 'under 100 ms',
      ours: p95 === null ? '-' : `${p95.toFixed(0)} ms (p95)`,
      state: 'not comparable',
      why: `ranked in process, ${size}; \`npm run bench\` measures requests over HTTP`,
    },
  ];
}
