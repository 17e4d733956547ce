import { formatValue } from '../../src/analysis/report/format.ts';
import { ComparisonFacts } from './ComparisonFacts.tsx';
import { IntervalPlot } from './IntervalPlot.tsx';
import { MarkWord } from './MarkWord.tsx';
import { guardrailAnchor } from './model/anchor.ts';
import { headroomText, limitText, marginInterval, marginScale, marginText } from './model/guardrail-table.ts';
import type { GuardrailRow } from './model/guardrails.ts';

/** One guardrail: its values, its harm against the margin, and the state in words. */
export function GuardrailLine(props: {
  readonly row: GuardrailRow;
  readonly domain: readonly [number, number];
  readonly several: boolean;
  readonly first: boolean;
}) {
  const { metric, comparison, guardrail, mark, tone, shape } = props.row;
  const scale = marginScale(props.row);
  const change = guardrail.marginKind === 'relative' ? comparison.relative : comparison.absolute;
  const value = (variant: string) =>
    formatValue(metric.arms.find((arm) => arm.arm === variant)?.value ?? null, metric.unit);
  const anchor = props.first ? guardrailAnchor(metric.key) : undefined;
  return (
    <div class="line" id={anchor} data-guardrail={metric.key} data-guardrail-state={guardrail.state}>
      <div class="line-name">
        {props.first && (
          <h3>
            {metric.name}
            {metric.direction === 'lower-is-better' && <span class="chip">lower is better</span>}
          </h3>
        )}
        {props.several && <p class="line-variant">{comparison.arm}</p>}
        <p class="line-arms">
          {value(comparison.control)} <span aria-hidden="true">→</span>
          <span class="sr"> to </span> {value(comparison.arm)}
        </p>
      </div>
      <IntervalPlot shape={shape} tone={tone} domain={props.domain} shadeFrom={1} />
      <div class="line-figures">
        <p class="lift">
          <MarkWord mark={mark} /> <strong>{change.ok ? scale(change.estimate) : 'n/a'}</strong>{' '}
        </p>
        <p class="line-detail">
          {change.ok ? `harm ${marginInterval(props.row)}` : change.reason} · margin {marginText(props.row)} ·
          headroom {headroomText(props.row)}
        </p>
        {guardrail.limit !== undefined && (
          <p class="line-detail" data-limit-holds={String(guardrail.limit.holds)}>
            <span aria-hidden="true">{guardrail.limit.holds ? '✓' : '✕'}</span> limit: {limitText(props.row)}
          </p>
        )}
      </div>
      <ComparisonFacts metric={metric} comparison={comparison} />
    </div>
  );
}
