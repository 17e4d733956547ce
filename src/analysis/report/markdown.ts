import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatInstant,
  formatLiftInterval,
  formatP,
  formatShare,
  formatValue,
} from './format.ts';
import { differenceCell, escaped, liftCell, type Row, table } from './markdown-cells.ts';
import {
  evidenceSections,
  intervalSection,
  sampleRatioSection,
  segmentSection,
} from './markdown-evidence.ts';
import type { Estimate, MetricReport, Report } from './report.ts';

const OUTCOMES = { better: '▲ better', worse: '▼ worse', inconclusive: '◇ inconclusive' } as const;

function armValue(metric: MetricReport, variant: string): string {
  return formatValue(metric.arms.find((arm) => arm.arm === variant)?.value ?? null, metric.unit);
}

function metricName({ name, direction, maturity }: MetricReport): string {
  const lower = direction === 'lower-is-better' ? ' (lower is better)' : '';
  return `${name}${lower}${maturity.ready ? '' : ' (immature)'}`;
}

function rowsOf(report: Report, role: MetricReport['role']): readonly Row[] {
  return report.metrics
    .filter((metric) => metric.role === role)
    .flatMap((metric) => metric.comparisons.map((comparison): Row => [metric, comparison]));
}

function metricTable(rows: readonly Row[]): string {
  return table(
    ['metric', 'variant', 'control', 'treatment', 'difference', 'lift', 'p', 'adjusted p', 'outcome'],
    rows.map(([metric, comparison]) => [
      metricName(metric),
      comparison.arm,
      armValue(metric, comparison.control),
      armValue(metric, comparison.arm),
      differenceCell(comparison.absolute, metric.unit),
      liftCell(comparison.relative),
      formatP(comparison.p),
      formatP(comparison.pAdjusted),
      comparison.p === null ? 'n/a' : OUTCOMES[comparison.outcome],
    ]),
  );
}

function guardrailTable(rows: readonly Row[]): string {
  return table(
    ['guardrail', 'variant', 'control', 'treatment', 'lift', 'harm', 'margin', 'state', 'limit'],
    rows.flatMap(([metric, comparison]) => {
      const { guardrail } = comparison;
      if (!guardrail) return [];
      const relative = guardrail.marginKind === 'relative';
      const { limit } = guardrail;
      return [
        [
          metricName(metric),
          comparison.arm,
          armValue(metric, comparison.control),
          armValue(metric, comparison.arm),
          liftCell(comparison.relative),
          relative
            ? formatLiftInterval(guardrail.harm)
            : formatDifferenceInterval(guardrail.harm, metric.unit),
          relative
            ? formatShare(guardrail.margin)
            : formatDifference(guardrail.margin, metric.unit).replace('+', ''),
          guardrail.state.replaceAll('-', ' '),
          limit ? `${formatValue(limit.limit, metric.unit)}: ${limit.holds ? 'kept' : 'passed'}` : '',
        ],
      ];
    }),
  );
}

const number = (value: number) => formatDifference(value, '');
const interval = (estimate: Estimate & { ok: true }) => formatDifferenceInterval(estimate.interval, '');

function interleavingText(report: Report): readonly string[] {
  const found = report.interleaving;
  if (!found) return [];
  const [first, second] = found.variants;
  const shift = found.preference.ok
    ? `${second} against ${first}: ${formatDifference(found.preference.estimate, '%')} from one half ${formatDifferenceInterval(found.preference.interval, '%')}, p ${formatP(found.p)}, exact sign test over units.`
    : `Not computed: ${found.preference.reason}.`;
  return [
    '## Interleaving',
    table(
      ['impressions', 'units', `prefer ${first}`, 'tie', `prefer ${second}`, 'winner'],
      [
        [
          formatCount(found.impressions),
          formatCount(found.units),
          formatCount(found.firstWins),
          formatCount(found.ties),
          formatCount(found.secondWins),
          found.winner ?? 'none',
        ],
      ],
    ),
    shift,
    ...(found.creditDifference?.ok
      ? [
          `Credit for ${second} less credit for ${first}, mean per unit: ${number(found.creditDifference.estimate)} ${interval(found.creditDifference)} (t).`,
        ]
      : []),
    ...(found.bootstrap?.preference.ok
      ? [
          `Bootstrap over units, ${formatCount(found.bootstrap.resamples)} resamples: preference ${formatDifference(found.bootstrap.preference.estimate, '%')} ${formatDifferenceInterval(found.bootstrap.preference.interval, '%')}${
            found.bootstrap.creditDifference.ok
              ? `, credit ${interval(found.bootstrap.creditDifference)}`
              : ''
          }.`,
        ]
      : []),
    found.credit,
  ];
}

function methodText(report: Report): readonly string[] {
  const methods = report.metrics.flatMap(({ name, comparisons, correction }) =>
    comparisons.slice(0, 1).map(({ method }) => `- ${name}: ${method}; ${correction}`),
  );
  const last = report.metrics
    .flatMap(({ maturity }) => maturity.completeAt ?? [])
    .sort()
    .at(-1);
  return [
    '## Method',
    [
      `Treatment minus control, two-sided at alpha ${report.experiment.alpha}. p and outcome speak of the absolute difference; the lift's interval excludes 0 exactly when that of the difference does.`,
      ...(last ? [`The last window completes ${formatInstant(last)}.`] : []),
    ].join(' '),
    ...(methods.length > 0 ? [methods.join('\n')] : []),
    `Configuration ${report.configuration}, iteration ${report.experiment.iteration}.`,
  ];
}

/** The report as GitHub-flavoured Markdown. A failed sample ratio withholds the estimates, as on the page. */
export function reportMarkdown(report: Report): string {
  const { experiment, verdict } = report;
  const only = verdict.segment ? `, ${verdict.segment.attribute} = ${verdict.segment.value} only` : '';
  const named = verdict.variant === null ? '' : ` (${verdict.variant}${only})`;
  const head = [
    `# ${experiment.key}`,
    `${report.state}, day ${report.day} of ${report.plannedDays}, data to ${formatInstant(report.cutoff)}, environment ${report.environment}, owner ${experiment.owner}`,
    `> ${escaped(experiment.hypothesis)}`,
    `## Verdict: ${verdict.decision}${named}`,
    verdict.summary,
    verdict.reasons
      .map(
        ({ clause, holds, text }) =>
          `- [${holds === true ? 'x' : holds === false ? ' ' : '?'}] ${clause}: ${text}`,
      )
      .join('\n'),
    '## Health',
    table(
      ['check', 'status', 'value', 'threshold', 'detail'],
      report.health.map((card) => [
        card.title,
        card.status,
        card.value,
        card.threshold,
        card.status === 'pass' || card.status === 'unknown'
          ? card.detail
          : `${card.detail} Likely cause: ${card.likelyCause}`,
      ]),
    ),
  ];
  if (report.state === 'invalid') {
    const withheld = 'Estimates are withheld: they would describe another population.';
    return `${[...head, withheld, ...sampleRatioSection(report)].join('\n\n')}\n`;
  }
  const sections = (
    [
      ['Success metrics', rowsOf(report, 'success'), metricTable],
      ['Guardrails', rowsOf(report, 'guardrail'), guardrailTable],
      ['Secondary metrics', rowsOf(report, 'secondary'), metricTable],
    ] as const
  ).flatMap(([title, rows, draw]) => (rows.length === 0 ? [] : [`## ${title}`, draw(rows)]));
  return `${[
    ...head,
    ...sections,
    ...interleavingText(report),
    ...intervalSection(report),
    ...evidenceSections(report),
    ...segmentSection(report),
    ...sampleRatioSection(report),
    ...methodText(report),
  ].join('\n\n')}\n`;
}
