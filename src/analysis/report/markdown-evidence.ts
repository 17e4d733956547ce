import {
  formatCount,
  formatDifference,
  formatLift,
  formatP,
  formatReduction,
  formatShare,
  formatValue,
} from './format.ts';
import {
  allRows,
  differenceCell,
  effectCell,
  promiseText,
  type Row,
  rowName,
  table,
} from './markdown-cells.ts';
import type { IntervalPair, Report } from './report.ts';

/** A section of the report: its title and blocks; none where there is nothing to say. */
type Section = readonly string[];

const titled = (title: string, lines: readonly string[]): Section =>
  lines.length === 0 ? [] : [`## ${title}`, lines.map((line) => `- ${line}`).join('\n')];

function pairCell(pair: IntervalPair, unit: string): string {
  return pair.ok
    ? `${effectCell(pair, unit)}, p ${formatP(pair.p)}, n ${formatCount(pair.n)}`
    : `n/a (${pair.reason})`;
}

/** Both intervals of every comparison, and what the one it is judged by promises. */
export function intervalSection(report: Report): Section {
  const rows = allRows(report);
  if (rows.length === 0) return [];
  return [
    '## Intervals',
    table(
      ['metric', 'variant', 'judged by', 'looked at once', 'at every look'],
      rows.map(([metric, { arm, interval, fixedHorizon, alwaysValid }]) => [
        metric.name,
        arm,
        promiseText(interval),
        pairCell(fixedHorizon, metric.unit),
        pairCell(alwaysValid, metric.unit),
      ]),
    ),
  ];
}

function adjustmentLines(report: Report, row: Row): readonly string[] {
  const [{ unit }, { adjustment }] = row;
  if (!adjustment) return [];
  const { covariates, strata, dropped, reduction, unadjusted } = adjustment;
  const used = [
    ...(covariates.length > 0 ? [`covariates ${covariates.join(', ')}`] : []),
    ...(strata.length > 0 ? [`strata by ${strata.join(', ')}`] : []),
  ];
  const left = dropped.map(({ covariate, reason }) => `${covariate} left out: ${reason}`);
  const gained =
    used.length === 0
      ? 'not adjusted'
      : `${used.join('; ')}; ${(100 * Math.abs(reduction)).toFixed(1)} % ${reduction < 0 ? 'more' : 'less'} variance; without it ${differenceCell(unadjusted, unit)}`;
  return [`${rowName(report, row)}: ${[gained, ...left].join('; ')}`];
}

function posteriorLines(report: Report, row: Row): readonly string[] {
  const [{ unit }, { posterior }] = row;
  if (!posterior) return [];
  const name = rowName(report, row);
  if (!posterior.ok) return [`${name}: n/a (${posterior.reason})`];
  const { scale, chanceToWin, expectedLoss, interval, mean, prior } = posterior;
  const text = (value: number) => (scale === 'relative' ? formatLift(value) : formatDifference(value, unit));
  const loss = (value: number) => text(value).replace('+', '');
  return [
    `${name}: ${text(mean)} [${text(interval[0])}, ${text(interval[1])}], chance to win ${formatShare(chanceToWin)}, expected loss ${loss(expectedLoss.treatment)} if shipped, ${loss(expectedLoss.control)} if not; prior ${prior}`,
  ];
}

function diagnosticLines(report: Report): readonly string[] {
  return report.metrics.flatMap(({ name, unit, diagnostics }) => {
    if (!diagnostics) return [];
    const { cap, warnings, arms } = diagnostics;
    const capped = cap
      ? [
          `values capped at ${formatValue(cap.value, unit)} (percentile ${Number((100 * cap.quantile).toPrecision(6))} of all arms): ${arms
            .map(({ arm, winsorised }) => `${arm} ${formatShare(winsorised)}`)
            .join(', ')} of the units`,
        ]
      : [];
    return [...capped, ...warnings].map((line) => `${name}: ${line}`);
  });
}

function noveltyLines(report: Report): readonly string[] {
  const several = report.experiment.variants.length > 2;
  return report.metrics.flatMap(({ name, unit, novelty = [] }) =>
    novelty.map(
      ({ arm, change, interval, p }) =>
        `${name}${several ? `, ${arm}` : ''}: ${differenceCell(change, unit)}, p ${formatP(p)}${interval ? `; ${promiseText(interval)}` : ''}`,
    ),
  );
}

function plausibleLines(report: Report): readonly string[] {
  const several = report.experiment.variants.length > 2;
  return report.metrics.flatMap(({ name, unit, plausible = [] }) =>
    plausible.map(
      ({ arm, all, without }) =>
        `${name}${several ? `, ${arm}` : ''}: ${effectCell(without, unit)}; with them ${effectCell(all, unit)}`,
    ),
  );
}

/** What the estimates were adjusted by, the posteriors, the shape of the values, and how effects change over time. */
export function evidenceSections(report: Report): Section {
  const rows = allRows(report);
  return [
    ...titled(
      'Adjustment',
      rows.flatMap((row) => adjustmentLines(report, row)),
    ),
    ...titled(
      'Posterior',
      rows.flatMap((row) => posteriorLines(report, row)),
    ),
    ...titled('Diagnostics', diagnosticLines(report)),
    ...titled('Novelty: effect on days 8 to 14 less that on days 1 to 7', noveltyLines(report)),
    ...titled('Without units that behave implausibly, not adjusted', plausibleLines(report)),
  ];
}

/** The sample ratio in full: also where the estimates are withheld for it. */
export function sampleRatioSection({ sampleRatio }: Report): Section {
  if (!sampleRatio) return [];
  const { arms, statistic, df, p, reason, sequentialP, cuts } = sampleRatio;
  const counts = arms.map(
    ({ arm, units, expected }) => `${arm} ${formatCount(units)} of ${formatCount(expected)} expected`,
  );
  const whole =
    statistic === null
      ? (reason ?? 'not computed')
      : `chi-square ${statistic.toFixed(2)}, ${df} df, p ${formatP(p)}`;
  const line = `${counts.join(', ')}; ${whole}; sequential, right at every look: p ${formatP(sequentialP)}.`;
  return [
    '## Sample ratio',
    line,
    ...(cuts.length === 0
      ? []
      : [
          table(
            ['cut by', 'value', 'p', 'adjusted p'],
            cuts.map((cut) => [cut.by, cut.value, formatP(cut.p), formatP(cut.pAdjusted)]),
          ),
        ]),
  ];
}

/** Segments, whether they were declared, whether they differ from the rest, and their effect drawn to the common one. */
export function segmentSection(report: Report): Section {
  const { segments } = report;
  const [first] = segments;
  if (!first) return [];
  const unit = (key: string) => report.metrics.find((metric) => metric.key === key)?.unit ?? '';
  return [
    '## Segments',
    table(
      [
        'metric',
        'segment',
        'variant',
        'n',
        'lift',
        'p',
        'adjusted p',
        'against the rest',
        'adjusted p',
        'shrunken lift',
        'variance less by',
      ],
      segments.map((row) => [
        report.metrics.find(({ key }) => key === row.metric)?.name ?? row.metric,
        `${row.attribute} = ${row.value}${row.declared ? '' : ' (explored, not declared)'}`,
        row.arm,
        formatCount(row.n),
        effectOrReason(row.relative),
        formatP(row.p),
        formatP(row.pAdjusted),
        differenceCell(row.interaction.difference, unit(row.metric)),
        formatP(row.interaction.pAdjusted),
        effectOrReason(row.shrunken),
        formatReduction(row.adjustment),
      ]),
    ),
    `Lifts: ${promiseText(first.interval).replace(/, [\d.]+ %/, '')}, corrected over all ${segments.length} rows. Shrunken lifts: empirical Bayes, right on average over the segments of an attribute.`,
  ];
}

const effectOrReason = (estimate: Parameters<typeof differenceCell>[0]) =>
  effectCell({ absolute: estimate, relative: estimate }, '');
