import { formatP } from '../../analysis/report/format.ts';
import type { Report } from '../../analysis/report/report.ts';
import type { FaultRow } from './fault-table.ts';
import type { PlantedTruth } from './planted-truth.ts';
import { cardOf, comparisonOf, effectFigure, figureOf, metricOf, verdictOf } from './report-figures.ts';

/** What a finished report says of a fault. */
export type Finding = Pick<FaultRow, 'figures' | 'found' | 'by' | 'verdict'>;
export type Finder = (report: Report, truth: PlantedTruth, alpha: number) => Finding;

const CTR = 'click_through_rate';
const WATCH = 'watch_hours_per_week';
const GENRES = 'genres_per_week';
const DIVERSITY = 'simpson_diversity';
const LATENCY = 'latency_p95_ms';

/** A guardrail that keeps the variant from being shipped, in the verdict's words. */
function guarded(report: Report, keys: readonly string[]): Pick<Finding, 'found' | 'by'> {
  const isHarmed = (key: string) => {
    const guardrail = comparisonOf(report, key)?.guardrail;
    return guardrail?.state === 'breach' || guardrail?.state === 'harm' || guardrail?.limit?.holds === false;
  };
  const refused = ['do-not-ship', 'roll-back'].includes(report.verdict.decision);
  return {
    found: refused && keys.some(isHarmed),
    by: keys
      .map(
        (key) =>
          `${metricOf(report, key)?.name ?? key}: ${comparisonOf(report, key)?.guardrail?.state ?? 'not judged'}`,
      )
      .join('; '),
  };
}

function nothing(report: Report, truth: PlantedTruth): Finding {
  const failing = report.health.filter(({ status }) => status === 'fail').map(({ title }) => title);
  const won = report.metrics
    .filter(
      ({ role, comparisons }) =>
        role === 'success' && comparisons.some(({ outcome }) => outcome !== 'inconclusive'),
    )
    .map(({ name }) => name);
  const harmed = report.metrics
    .filter(({ comparisons }) => comparisons.some(({ guardrail }) => guardrail?.state === 'breach'))
    .map(({ name }) => name);
  const said = [...failing, ...won, ...harmed];
  return {
    figures: [CTR, WATCH].map((key) => effectFigure(report, key, truth.effect(key as typeof CTR).change)),
    found: said.length === 0 && !['ship', 'roll-back', 'invalid'].includes(report.verdict.decision),
    by: said.length === 0 ? 'no check fails, nothing is superior and nothing harmed' : said.join(', '),
    verdict: verdictOf(report),
  };
}

/** The truth is that of people: programs are no viewers. */
function botsFound(report: Report): Finding {
  const metric = metricOf(report, CTR);
  const plausible = metric?.plausible?.[0];
  const name = metric?.name ?? CTR;
  const card = cardOf(report, 'implausible-units');
  const without = figureOf(`${name}, without them`, '%', plausible?.without.relative, 0);
  return {
    figures: [figureOf(`${name}, with them`, '%', plausible?.all.relative, 0), without],
    found: card?.status === 'fail' || card?.status === 'warn',
    by: card === undefined ? 'no card' : `${card.title}: ${card.status}, ${card.value}`,
    verdict: verdictOf(report),
  };
}

function latencyFound(report: Report): Finding {
  const latency = metricOf(report, LATENCY);
  return {
    figures: [figureOf(latency?.name ?? LATENCY, '%', comparisonOf(report, LATENCY)?.relative, 1)],
    ...guarded(report, [LATENCY]),
    verdict: verdictOf(report),
  };
}

function diversityFound(report: Report, truth: PlantedTruth): Finding {
  const found = guarded(report, [DIVERSITY, GENRES]);
  const gained = comparisonOf(report, CTR)?.outcome === 'better';
  return {
    figures: [CTR, GENRES].map((key) => effectFigure(report, key, truth.effect(key as typeof CTR).change)),
    found: found.found && gained,
    by: `${metricOf(report, CTR)?.name ?? CTR}: ${gained ? 'better' : 'not better'}; ${found.by}`,
    verdict: verdictOf(report),
  };
}

/** Two declared segments that move significantly in opposite directions, corrected over all of them. */
function segmentsFound(report: Report, truth: PlantedTruth, alpha: number): Finding {
  const rows = report.segments.filter(({ attribute, metric }) => attribute === 'activity' && metric === CTR);
  const moved = rows.filter(
    ({ pAdjusted, relative }) => relative.ok && pAdjusted !== null && pAdjusted <= alpha,
  );
  const isUp = (row: (typeof rows)[number]) => row.relative.ok && row.relative.estimate > 0;
  const apart = moved.some(isUp) && moved.some((row) => !isUp(row));
  return {
    figures: [
      effectFigure(report, CTR, truth.effect(CTR).change),
      ...rows.map(({ value, relative }) =>
        figureOf(`activity ${value}`, '%', relative, truth.effectIn(value, CTR)?.change ?? null),
      ),
    ],
    found: apart,
    by:
      moved
        .map((row) => `activity ${row.value} ${isUp(row) ? 'up' : 'down'}, p ${formatP(row.pAdjusted)}`)
        .join('; ') || 'no segment moves',
    verdict: verdictOf(report),
  };
}

function noveltyFound(report: Report, truth: PlantedTruth, alpha: number): Finding {
  const metric = metricOf(report, WATCH);
  const novelty = metric?.novelty?.[0];
  const fades =
    novelty?.change.ok === true && novelty.change.estimate < 0 && novelty.p !== null && novelty.p <= alpha;
  return {
    figures: [
      effectFigure(report, WATCH, truth.effect(WATCH).change),
      figureOf('second week less first', 'h', novelty?.change, truth.noveltyHours()),
    ],
    found: fades,
    by:
      novelty === undefined
        ? 'no novelty was computed'
        : `the effect ${fades ? 'fades' : 'does not fade'}, p ${formatP(novelty.p)}`,
    verdict: verdictOf(report),
  };
}

/** By the key of the plant. */
export const FINDERS: Readonly<Record<string, Finder>> = {
  nothing,
  bots: botsFound,
  'slow-arm': latencyFound,
  'narrow-slates': diversityFound,
  'opposite-effects': segmentsFound,
  'fading-novelty': noveltyFound,
};

/** Whether two reports say the same of the same users, and where they do not. Which events came late is said, of course. */
export function sameReport(report: Report, other: Report): Finding {
  const plain = ({ environment, health, ...rest }: Report) => ({
    ...rest,
    health: health.filter(({ key }) => key !== 'late-events'),
  });
  const [a, b] = [plain(report), plain(other)];
  const differing = Object.keys(a).filter(
    (part) => JSON.stringify(a[part as keyof typeof a]) !== JSON.stringify(b[part as keyof typeof b]),
  );
  const expected = comparisonOf(other, CTR)?.relative;
  const late = cardOf(report, 'late-events');
  return {
    figures: [effectFigure(report, CTR, expected?.ok ? expected.estimate : null)],
    found: differing.length === 0,
    by: `${differing.length === 0 ? 'every figure is that of the test in which nothing was planted' : `differs in ${differing.join(', ')}`}; ${late?.title}: ${late?.status}, ${late?.value}`,
    verdict: verdictOf(report),
  };
}
