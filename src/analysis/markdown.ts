import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatInstant,
  formatLift,
  formatLiftInterval,
  formatP,
  formatShare,
  formatValue,
} from './format.ts';
import type { Comparison, Estimate, MetricReport, Report } from './report.ts';

type Cells = readonly string[];

const escaped = (text: string) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

function table(header: Cells, rows: readonly Cells[]): string {
  const line = (cells: Cells) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function liftCell(estimate: Estimate): string {
  return estimate.ok
    ? `${formatLift(estimate.estimate)} ${formatLiftInterval(estimate.interval)}`
    : `n/a (${estimate.reason})`;
}

function differenceCell(estimate: Estimate, unit: string): string {
  return estimate.ok
    ? `${formatDifference(estimate.estimate, unit)} ${formatDifferenceInterval(estimate.interval, unit)}`
    : `n/a (${estimate.reason})`;
}

const OUTCOMES = { better: '▲ better', worse: '▼ worse', inconclusive: '◇ inconclusive' } as const;

function armValue(metric: MetricReport, variant: string): string {
  return formatValue(metric.arms.find((arm) => arm.arm === variant)?.value ?? null, metric.unit);
}

function metricName({ name, direction, maturity }: MetricReport): string {
  const lower = direction === 'lower-is-better' ? ' (lower is better)' : '';
  return `${name}${lower}${maturity.ready ? '' : ' (immature)'}`;
}

type Row = readonly [MetricReport, Comparison];

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
      `Treatment minus control, two-sided at alpha ${report.experiment.alpha}. p and outcome speak of the absolute difference; the lift's interval is a delta-method one at the same level.`,
      ...(last ? [`The last window completes ${formatInstant(last)}.`] : []),
    ].join(' '),
    ...(methods.length > 0 ? [methods.join('\n')] : []),
    `Configuration ${report.configuration}, iteration ${report.experiment.iteration}.`,
  ];
}

/** The report as GitHub-flavoured Markdown. A failed sample ratio withholds the estimates, as on the page. */
export function reportMarkdown(report: Report): string {
  const { experiment, verdict } = report;
  const named = verdict.variant === null ? '' : ` (${verdict.variant})`;
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
    return `${[...head, 'Estimates are withheld: they would describe another population.'].join('\n\n')}\n`;
  }
  const sections = (
    [
      ['Success metrics', rowsOf(report, 'success'), metricTable],
      ['Guardrails', rowsOf(report, 'guardrail'), guardrailTable],
      ['Secondary metrics', rowsOf(report, 'secondary'), metricTable],
    ] as const
  ).flatMap(([title, rows, draw]) => (rows.length === 0 ? [] : [`## ${title}`, draw(rows)]));
  const segments =
    report.segments.length === 0
      ? []
      : [
          '## Segments',
          table(
            ['metric', 'segment', 'variant', 'n', 'lift', 'p', 'adjusted p'],
            report.segments.map((row) => [
              report.metrics.find(({ key }) => key === row.metric)?.name ?? row.metric,
              `${row.attribute} = ${row.value}`,
              row.arm,
              formatCount(row.n),
              liftCell(row.relative),
              formatP(row.p),
              formatP(row.pAdjusted),
            ]),
          ),
        ];
  return `${[...head, ...sections, ...interleavingText(report), ...segments, ...methodText(report)].join('\n\n')}\n`;
}
